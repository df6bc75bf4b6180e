"""Slices that do not chain; what the broker keeps is made up."""

import asyncio
from collections.abc import Iterable, Mapping

import pytest
from aiokafka.structs import TopicPartition
from structlog.testing import capture_logs

from broker.chaining import Chaining
from broker.offsets import Offsets, Partition
from broker.slices import Slice
from schemas.errors import Unreachable

PLACE = TopicPartition("t", 0)


class Kept(Offsets):
    """A broker that keeps everything from one offset on; None: it does not answer."""

    def __init__(self, first: int | None) -> None:
        self._first = first

    def earliest(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        if self._first is None:
            raise Unreachable("nobody is there")
        return dict.fromkeys(partitions, self._first)


def may_take(kept: int | None, *, start: int, expected: int) -> bool:
    return asyncio.run(Chaining(Kept(kept)).may_take(PLACE, Slice(start, start + 5, ()), expected))


@pytest.mark.parametrize("start", [8, 10])
def test_a_slice_that_begins_where_the_last_one_ended_or_before_is_taken(start: int) -> None:
    assert may_take(None, start=start, expected=10)


@pytest.mark.parametrize("kept", [0, 10, None])
def test_a_gap_is_not_passed_over_while_the_broker_may_have_what_is_missing(
    kept: int | None,
) -> None:
    assert not may_take(kept, start=12, expected=10)


def test_a_gap_that_the_broker_has_deleted_is_passed_over_with_a_warning() -> None:
    with capture_logs() as logs:
        assert may_take(12, start=12, expected=10)
    assert logs[0]["log_level"] == "warning"
    assert (logs[0]["topic"], logs[0]["partition"], logs[0]["offsets"]) == ("t", 0, "10 to 11")
