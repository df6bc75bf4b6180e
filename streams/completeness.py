"""Which campus days a partition may close."""

from collections.abc import Mapping

from schemas.types import Day
from streams.gaps import Lacks
from streams.surroundings import Surroundings


def day_before_first(around: Surroundings) -> Day | None:
    """The day before the first that is ever closed: the first one of a policy that is marked.

    None while no feed has marked a day: none could be said to be in progress.
    """
    first = around.policies.first_day()
    if first is None:
        return None
    marked = around.marks.first_day(around.policies.feeds(first))
    return None if marked is None else Day(max(first, marked) - 1)


def last_complete(
    partition: int, around: Surroundings, lacks: Lacks, closed: Day, positions: Mapping[str, int]
) -> Day:
    """The last day that every feed has passed: its mark is applied, or it is known to lack it.

    `positions`: by topic, the next offset to apply. The last closed day when there is none behind
    it; no later than the day before another policy begins to hold, whose feeds may be others.
    """
    passed: list[int] = []
    for feed in around.policies.feeds(Day(closed + 1)):
        covered = around.marks.covered(partition, feed, positions)
        day: int = closed if covered is None else max(closed, covered)
        while lacks.has(feed, day + 1, day + 1):
            day += 1
        passed.append(day)
    last = min(passed, default=closed)
    other_policy = around.policies.next_start(Day(closed + 1))
    return Day(last if other_policy is None else min(last, other_policy - 1))
