"""When a day of a pushed feed is complete."""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.collector.marks import LONGEST_DAYS, Completeness, Marks
from schemas.topics import FEED_MARK
from schemas.types import Day
from tests.connectors.collector.face import World, sender, statement
from tests.connectors.world import DESTINATION, SITE_KEY, ZONE, day, values


def at(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)


def due(now: str, reached: str, marked: list[tuple[str, Day]] | None = None) -> list[Day]:
    return list(Completeness(ZONE, lambda: at(now), marked or []).due("f", at(reached)))


YESTERDAY = day("2023-11-14")


@pytest.mark.parametrize(
    ("now", "reached", "is_complete"),
    [
        ("2023-11-15 02:00", "2023-11-15 00:00", True),
        ("2023-11-15 01:59", "2023-11-15 01:58", False),  # the grace is not over
        ("2023-11-15 12:00", "2023-11-14 23:59", False),  # nothing was heard of after the day
        ("2023-11-15 12:00", "2023-11-15 00:00", True),
    ],
)
def test_a_day_is_complete_when_it_is_over_for_a_while_and_the_sender_is_past_it(
    now: str, reached: str, is_complete: bool
) -> None:
    assert (YESTERDAY in due(now, reached)) == is_complete


def test_each_day_is_due_once_and_none_is_left_out() -> None:
    marked = [("f", day("2023-11-10")), ("other", YESTERDAY)]
    assert due("2023-11-15 12:00", "2023-11-15 11:00", marked) == [
        day(f"2023-11-{n}") for n in (11, 12, 13, 14)
    ]
    assert due("2023-11-15 12:00", "2023-11-15 11:00", [("f", YESTERDAY)]) == []


def test_days_are_campus_days_also_when_the_clocks_change() -> None:
    # 2023-10-29 has 25 hours in London.
    assert due("2023-10-30 01:59", "2023-10-30 01:00")[-1:] == [day("2023-10-28")]
    assert due("2023-10-30 02:00", "2023-10-30 01:00")[-1:] == [day("2023-10-29")]


def test_days_of_long_ago_are_not_marked() -> None:
    long_ago = [("f", Day(YESTERDAY - 1000))]
    assert len(due("2023-11-15 12:00", "2023-11-15 11:00", long_ago)) == LONGEST_DAYS


def test_a_mark_lies_behind_everything_that_was_accepted_and_is_written_once() -> None:
    with World() as world:
        world.now_ms = at("2023-11-15 12:00")
        world.post([statement(n, timestamp="2023-11-14T12:00:00Z") for n in range(5)])
        completeness = Completeness(ZoneInfo("Europe/London"), lambda: world.now_ms, [])
        marks = Marks(
            completeness, lambda: world.publisher, DESTINATION, SITE_KEY, [], lambda: world.now_ms
        )
        senders = [sender()]
        assert asyncio.run(marks.mark(world.collector, senders)) == 1  # of the day before
        assert world.post([]).json() == []  # an empty request: there was nothing since
        assert asyncio.run(marks.mark(world.collector, senders)) == 1
        assert asyncio.run(marks.mark(world.collector, senders)) == 0
        _, mark = values(world.publisher, FEED_MARK)
        assert (mark["feed"], mark["day"]) == ("moodle.xapi", YESTERDAY)
        positions = mark["positions"]
        assert isinstance(positions, list)
        assert sum(one["offset"] for one in positions) == 5
