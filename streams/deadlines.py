"""Decides, for all partitions, which feeds lack a campus day: the owner of one partition does it.

The decision is a record of `feed.gap`, so that it is in the log: everybody closes the day by it,
and whoever reads the log again does the same.
"""

from collections.abc import Sequence
from typing import Final

from schemas.types import Day, GapOrigin
from streams.clocks import LogClock
from streams.gaps import Gap, Gaps
from streams.marks import Marks
from streams.policies import Policies

DECIDING_PARTITION: Final = 0


def decide(
    *,
    gaps: Gaps,
    marks: Marks,
    policies: Policies,
    clock: LogClock,
    closed: Day,
    today: Day,
    now_ms: int,
) -> Sequence[Gap]:
    """Gaps to declare for days after `closed`, and those to withdraw because their mark has come.

    Deciding again before the records are read back gives the same records: harmless, since of a
    feed and day the last one counts.
    """
    as_of = clock.as_of(closed, today)
    holding = {(gap.feed, gap.day) for gap in gaps.holding()}
    decided = [
        gap.withdrawn(as_of)
        for gap in gaps.holding()
        if gap.origin is GapOrigin.DEADLINE and _has_marked(marks.last_day(gap.feed), gap.day)
    ]
    for day in range(closed + 1, as_of):
        policy = policies.on(Day(day))
        if policy is None:
            continue
        if not clock.is_overdue(Day(day), now_ms, policy.mark_deadline_hours):
            break
        decided += [
            Gap(feed, Day(day), GapOrigin.DEADLINE, declared_on=as_of)
            for feed in sorted(policies.feeds(Day(day)))
            if (feed, day) not in holding and not _has_marked(marks.last_day(feed), Day(day))
        ]
    return decided


def _has_marked(last: Day | None, day: Day) -> bool:
    return last is not None and last >= day
