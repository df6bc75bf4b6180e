"""How far the feeds are complete, and what campus day it was at an offset.

A mark (feed, day) gives, per topic-partition, the offset below which all events of that and
earlier days of the feed lie. Two questions are answered from them, both for one partition:

- which days are complete, given how far its topics have been applied;
- in a replay, whose only clock the marks are: the *log day* of an offset, the campus day that was
  in progress when the record was appended. It is the first day whose mark lies behind the offset.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day


class Position(NamedTuple):
    """Where a mark stands in one topic-partition; `topic` is without the generation."""

    topic: str
    partition: int
    offset: int


class _Track:
    """The marks of one feed in one topic-partition: days and offsets, both ascending."""

    def __init__(self) -> None:
        self.days: list[int] = []
        self.offsets: list[int] = []
        self.marked_on: list[int] = []  # the campus day in progress when each was written

    def add(self, day: int, offset: int, marked_on: int) -> None:
        # A mark covers all earlier days too: one for a day already covered says nothing new.
        if not self.days or day > self.days[-1]:
            self.days.append(day)
            self.marked_on.append(marked_on)
            self.offsets.append(max(offset, self.offsets[-1]) if self.offsets else offset)

    def last_day_within(self, applied: int) -> int | None:
        """The last day whose mark does not lie beyond `applied`."""
        at = bisect_right(self.offsets, applied)
        return self.days[at - 1] if at else None


class Marks:
    """All marks read so far."""

    def __init__(self) -> None:
        self._tracks: dict[str, dict[tuple[str, int], _Track]] = {}
        self._log: dict[tuple[str, int], tuple[NDArray[np.int64], NDArray[np.int64]]] = {}

    def add(self, feed: str, day: Day, positions: Iterable[Position], *, marked_on: Day) -> None:
        """Take in one mark, in order of the log; a repeat changes nothing.

        `marked_on`: the campus day in progress when it was written.
        """
        tracks = self._tracks.setdefault(feed, {})
        for topic, partition, offset in positions:
            tracks.setdefault((topic, partition), _Track()).add(day, offset, marked_on)
            self._log.pop((topic, partition), None)

    def first_day(self, feeds: Iterable[str]) -> Day | None:
        """The earliest marked day of these feeds."""
        days = [t.days[0] for f in feeds for t in self._tracks.get(f, {}).values() if t.days]
        return Day(min(days)) if days else None

    def last_day(self, feed: str) -> Day | None:
        """The last day that a feed has marked; None when it never did."""
        days = [track.days[-1] for track in self._tracks.get(feed, {}).values()]
        return Day(min(days)) if days else None

    def marked_on(self, feed: str, day: Day) -> Day | None:
        """When a day was marked, or the first one behind it: the campus day then in progress."""
        found = [
            track.marked_on[bisect_left(track.days, day)]
            for track in self._tracks.get(feed, {}).values()
            if track.days[-1] >= day
        ]
        return Day(max(found)) if found else None

    def covered(self, partition: int, feed: str, applied: Mapping[str, int]) -> Day | None:
        """The last day of a feed whose marks `applied` has reached; None: not even one.

        `applied`: by topic, the next offset to apply.
        """
        last: int | None = None
        for (topic, of), track in self._tracks.get(feed, {}).items():
            if of == partition:
                day = track.last_day_within(applied.get(topic, 0))
                if day is None:
                    return None
                last = day if last is None else min(last, day)
        return None if last is None else Day(last)

    def log_days(self, topic: str, partition: int, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
        """The log day of each offset; the day behind the last mark where none lies beyond it.

        0 when no feed marks this topic-partition: it has no clock yet.
        """
        days, marked = self._merged(topic, partition)
        if not len(days):
            return np.zeros(len(offsets), np.int64)
        after = np.append(days, days[-1] + 1)
        return after[np.searchsorted(marked, offsets, side="right")]

    def end(self, topic: str, partition: int) -> int:
        """The offset of the last mark; 0 where there is none."""
        marked = self._merged(topic, partition)[1]
        return int(marked[-1]) if len(marked) else 0

    def _merged(self, topic: str, partition: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Days and offsets of a topic-partition: of several feeds, the last to mark a day."""
        key = (topic, partition)
        if key not in self._log:
            latest: dict[int, int] = {}
            for tracks in self._tracks.values():
                track = tracks.get(key, _Track())
                for day, offset in zip(track.days, track.offsets, strict=True):
                    latest[day] = max(offset, latest.get(day, 0))
            days = np.array(sorted(latest), np.int64)
            offsets = np.array([latest[day] for day in sorted(latest)], np.int64)
            self._log[key] = (days, np.maximum.accumulate(offsets))
        return self._log[key]
