"""What was accepted is known at once, also while it is being written, and after a restart."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.collector.memory import DAYS_REMEMBERED, Memory, Name

DAY_MS = 86_400_000
NAMES = st.sampled_from([(standard, name) for standard in ("xapi", "caliper") for name in "abc"])
ACCEPTED = st.lists(st.dictionaries(NAMES, st.binary(min_size=1, max_size=2)), max_size=8)


@pytest.mark.parametrize("is_kept", [False, True])
@settings(max_examples=25)
@given(accepted=ACCEPTED, restarts=st.sets(st.integers(0, 7)))
def test_what_was_accepted_first_under_a_name_is_known_from_then_on(
    tmp_path_factory: pytest.TempPathFactory,
    is_kept: bool,
    accepted: list[dict[Name, bytes]],
    restarts: set[int],
) -> None:
    path = tmp_path_factory.mktemp("ids") / "ids.sqlite" if is_kept else None
    memory = Memory(path, lambda: 0)
    told: dict[Name, bytes] = {}
    for number, digests in enumerate(accepted):
        memory.remember(digests)
        told = {**digests, **told}
        if is_kept and number in restarts:
            memory.close()
            memory = Memory(path, lambda: 0)
        assert memory.accepted(list(told)) == told
    memory.close()


def remember(path: Path, day: int) -> None:
    memory = Memory(path, lambda: day * DAY_MS)
    memory.remember({("xapi", str(day)): b"x"})
    memory.close()


def test_what_is_old_is_forgotten(tmp_path: Path) -> None:
    for day in (0, DAYS_REMEMBERED, DAYS_REMEMBERED + 1):
        remember(tmp_path / "ids.sqlite", day)
    memory = Memory(tmp_path / "ids.sqlite", lambda: 0)
    found = memory.accepted([("xapi", str(day)) for day in range(DAYS_REMEMBERED + 2)])
    assert set(found) == {("xapi", str(day)) for day in (DAYS_REMEMBERED, DAYS_REMEMBERED + 1)}
    memory.close()
