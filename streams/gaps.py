"""Campus days that feeds lack, as the log says.

A gap by deadline ends for a partition when the feed's mark has come and everything below it is
applied: the day is complete after all, without anybody having to say so. A declared gap ends when
it is withdrawn. Closings that were final by then keep it: as with late events, what was said on
campus day L is known to the closings of L - amendment and later. So the answer follows from the
records read and the offsets applied, not from when they were.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day, GapOrigin
from streams.marks import Marks

_FOR_EVER: Final = Day(1 << 30)


@dataclass(frozen=True, slots=True)
class Gap:
    """A campus day that a feed lacks; `declared_on`, `withdrawn_on`: the days then in progress."""

    feed: str
    day: Day
    origin: GapOrigin
    declared_on: Day
    withdrawn_on: Day | None = None

    def withdrawn(self, on: Day) -> "Gap":
        """The same, withdrawn."""
        return replace(self, withdrawn_on=on)


@dataclass(frozen=True, slots=True)
class Lacks:
    """Which days feeds lack, as one partition sees it now.

    `until`: by feed and day, the first day whose closing knows that nothing is lacking any more.
    """

    until: Mapping[tuple[str, int], Day] = field(default_factory=lambda: MappingProxyType({}))

    def has(self, feed: str, day: int, closing: int) -> bool:
        """Whether the feed lacks the day in the closing of another."""
        return closing < self.until.get((feed, day), closing)

    def among(
        self, feeds: Iterable[str], days: NDArray[np.int64], closing: int
    ) -> NDArray[np.bool_] | None:
        """Which of the days any of the feeds lacks in a closing; None where none does."""
        lacking = [
            day
            for (feed, day), until in self.until.items()
            if closing < until and feed in feeds  # feeds are few, and a policy's kind has fewer
        ]
        found = np.isin(days, lacking) if lacking else np.zeros(0, np.bool_)
        return found if found.any() else None

    def edges(self) -> list[int]:
        """The days on which closings begin to know that a gap has ended."""
        return [until for until in self.until.values() if until < _FOR_EVER]

    def first_difference(self, other: "Lacks") -> Day | None:
        """The first day about which the two disagree; None when they do not."""
        days = [day for (_, day), _ in self.until.items() ^ other.until.items()]
        return Day(min(days)) if days else None


NO_LACKS: Final = Lacks()


class Gaps:
    """All gaps read so far; of a feed and day the last record counts."""

    def __init__(self) -> None:
        self._gaps: dict[tuple[str, int], Gap] = {}

    def add(self, gap: Gap) -> None:
        """Take in one record."""
        self._gaps[gap.feed, gap.day] = gap

    def holding(self) -> Collection[Gap]:
        """Those that were not withdrawn."""
        return [gap for gap in self._gaps.values() if gap.withdrawn_on is None]

    def lacks(
        self, partition: int, marks: Marks, applied: Mapping[str, int], amendment: int
    ) -> Lacks:
        """What a partition lacks that has applied its topics up to these offsets."""
        if not self._gaps:
            return NO_LACKS
        covered = {
            feed: marks.covered(partition, feed, applied)
            for feed in {gap.feed for gap in self._gaps.values()}
        }
        return Lacks(
            {
                key: self._until(gap, covered[gap.feed], marks, amendment)
                for key, gap in self._gaps.items()
            }
        )

    def _until(self, gap: Gap, covered: Day | None, marks: Marks, amendment: int) -> Day:
        if gap.origin is GapOrigin.DECLARED:
            ended = gap.withdrawn_on
        elif covered is None or covered < gap.day:
            ended = None
        else:
            ended = marks.marked_on(gap.feed, gap.day)
        return _FOR_EVER if ended is None else Day(ended - amendment)
