"""Days that feeds lack: who says so, until when, and what the closings know of it."""

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from schemas.types import Clock, Day, GapOrigin, Kind
from streams.campus import DAY_MS, CampusDays
from streams.clocks import LogClock, ReplayClock, WallClock
from streams.deadlines import decide
from streams.gaps import Gap, Gaps
from streams.marks import Marks, Position
from streams.policies import Policies
from tests.streams.world import FIRST, policy_of

CAMPUS = CampusDays(ZoneInfo("UTC"))
CLICKS = "activity.moodle_course"
AMENDMENT = 4


def day(number: int) -> Day:
    return Day(FIRST + number)


def marked(**days: int) -> Marks:
    """Each feed has marked all days up to this one, in time."""
    found = Marks()
    for feed, last in days.items():
        for number in range(last + 1):
            topic = CLICKS if feed == "clicks" else f"activity.{Kind.FASER_UPLOAD}"
            found.add(feed, day(number), [Position(topic, 0, number)], marked_on=day(number + 1))
    return found


def decided(marks: Marks, gaps: Gaps, now: float, clock: Clock = Clock.WALL) -> list[Gap]:
    """By the owner that has closed day 2, on a moment counted in days."""
    policies = Policies()
    policies.add(policy_of(1, day(-10)))  # a deadline of 36 hours
    of: LogClock = WallClock(CAMPUS) if clock is Clock.WALL else ReplayClock(marks)
    return list(
        decide(
            gaps=gaps,
            marks=marks,
            policies=policies,
            clock=of,
            closed=day(2),
            today=day(int(now)),
            now_ms=round((FIRST + now) * DAY_MS),
        )
    )


def test_a_feed_that_stays_silent_lacks_the_day_at_the_deadline_and_not_before() -> None:
    marks = marked(clicks=2, uploads=4)
    assert not decided(marks, Gaps(), 5.49)
    assert decided(marks, Gaps(), 5.5) == [Gap("clicks", day(3), GapOrigin.DEADLINE, day(5))]
    both = decided(marked(clicks=2, uploads=3), Gaps(), 6.5)
    assert [(gap.feed, gap.day) for gap in both] == [
        ("clicks", day(3)),
        ("clicks", day(4)),
        ("uploads", day(4)),
    ]


def test_a_gap_is_declared_once_and_withdrawn_when_the_mark_has_come() -> None:
    gaps = Gaps()
    (gap,) = decided(marked(clicks=2, uploads=4), gaps, 5.5)
    gaps.add(gap)
    assert not decided(marked(clicks=2, uploads=4), gaps, 5.6)
    assert decided(marked(clicks=3, uploads=4), gaps, 5.7) == [gap.withdrawn(day(5))]


def test_a_declared_gap_is_withdrawn_by_nobody_else() -> None:
    gaps = Gaps()
    gaps.add(Gap("clicks", day(3), GapOrigin.DECLARED, day(4)))
    assert not decided(marked(clicks=4, uploads=4), gaps, 6)


def test_in_a_replay_nothing_is_overdue() -> None:
    assert not decided(marked(clicks=2, uploads=40), Gaps(), 99, Clock.REPLAY)


def test_a_gap_holds_until_its_mark_is_applied_and_final_closings_keep_it() -> None:
    marks, gaps = marked(clicks=2), Gaps()
    gaps.add(Gap("clicks", day(4), GapOrigin.DEADLINE, day(6)))
    before = gaps.lacks(0, marks, {CLICKS: 2}, AMENDMENT)
    assert before.has("clicks", day(4), day(4))
    assert before.has("clicks", day(4), day(99))
    assert not before.has("clicks", day(3), day(3))
    marks.add("clicks", day(9), [Position(CLICKS, 0, 50)], marked_on=day(10))
    assert not gaps.lacks(0, marks, {CLICKS: 49}, AMENDMENT).first_difference(before)
    after = gaps.lacks(0, marks, {CLICKS: 50}, AMENDMENT)
    assert after.first_difference(before) == day(4)
    assert [after.has("clicks", day(4), day(closing)) for closing in (4, 5, 6, 7)] == [
        *(True, True),
        *(False, False),
    ]
    assert after.edges() == [day(6)]


def test_a_withdrawn_gap_is_over_for_closings_that_are_not_final() -> None:
    gaps = Gaps()
    gap = Gap("clicks", day(4), GapOrigin.DECLARED, day(5))
    gaps.add(gap)
    gaps.add(gap.withdrawn(day(9)))
    lacks = gaps.lacks(0, Marks(), {}, AMENDMENT)
    assert lacks.has("clicks", day(4), day(4))
    assert not lacks.has("clicks", day(4), day(5))


@pytest.mark.parametrize(("closing", "lacking"), [(3, [3, 4]), (6, [4])])
def test_a_kind_lacks_what_any_of_its_feeds_lacks(closing: int, lacking: list[int]) -> None:
    gaps = Gaps()
    gaps.add(Gap("one", day(3), GapOrigin.DECLARED, day(4)).withdrawn(day(9)))
    gaps.add(Gap("other", day(4), GapOrigin.DECLARED, day(5)))
    found = gaps.lacks(0, Marks(), {}, AMENDMENT).among(
        ("one", "other"), np.arange(FIRST, FIRST + 6), day(closing)
    )
    assert found is not None
    assert np.flatnonzero(found).tolist() == lacking
    assert gaps.lacks(0, Marks(), {}, AMENDMENT).among(("third",), np.arange(9), 0) is None
