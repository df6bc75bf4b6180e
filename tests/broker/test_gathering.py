"""How long the broker gathers before it answers a fetch."""

from hypothesis import given
from hypothesis import strategies as st

from broker.gathering import Gathering

ENOUGH_BYTES = 256 << 10
GATHERING = Gathering(ENOUGH_BYTES)


def test_after_an_empty_answer_the_first_byte_is_answered_at_once() -> None:
    least_bytes, wait_ms = GATHERING.after(0)
    assert least_bytes == 1
    assert wait_ms > GATHERING.after(1)[1], "what has nothing to do asks less often"


@given(st.integers(1, 10_000), st.integers(0, 10_000))
def test_the_more_an_answer_held_the_longer_the_next_one_gathers(slices: int, more: int) -> None:
    least_bytes, wait_ms = GATHERING.after(slices)
    assert least_bytes == ENOUGH_BYTES
    assert wait_ms <= GATHERING.after(slices + more)[1] <= 250


def test_a_consumer_that_is_not_to_gather_keeps_what_it_was_told() -> None:
    assert GATHERING.is_wanted
    assert not Gathering(1).is_wanted
