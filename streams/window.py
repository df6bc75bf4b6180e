"""What a partition knows of its students' activity: counts by day and kind, and the ids counted.

Both are rings over campus days: `length` consecutive days from `first`. A day that leaves at the
front makes room for one at the end. The state is a function of the set of events applied: neither
their order nor repeats nor how they were cut into slices changes it.
"""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import KINDS, Day, Kind
from streams.students import Rows, grown

KIND_ROW: Final = {kind: row for row, kind in enumerate(KINDS)}
_NO_IDS: Final = np.zeros(0, np.uint64)
_DENSE: Final = 4  # cells an event below which counting visits every cell of the days touched


class Window:
    """Counts [kind, day, student] and, a day, the 64-bit words of the ids counted."""

    def __init__(self, first: Day, length: int, capacity: int) -> None:
        self.first = first
        self.length = length
        self.counts = np.zeros((len(KINDS), length, capacity), np.uint32)
        self._ids: dict[int, NDArray[np.uint64]] = {}
        self._unsorted: set[int] = set()  # days whose ids are sorted when they are looked into

    @property
    def end(self) -> int:
        """The first campus day behind the ring."""
        return self.first + self.length

    def make_room(self, capacity: int) -> None:
        """Room for at least as many students."""
        while self.counts.shape[-1] < capacity:
            self.counts = grown(self.counts, 0)

    def slots(self, days: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where each day lies on the day axis."""
        return days % self.length

    def move_to(self, first: Day) -> None:
        """Let go of the days before `first`."""
        if first <= self.first:
            return
        leaving = np.arange(self.first, min(first, self.end))
        self.counts[:, self.slots(leaving)] = 0
        for day in leaving.tolist():
            self._ids.pop(day, None)
            self._unsorted.discard(day)
        self.first = first

    def add(
        self, kind: Kind, days: NDArray[np.int64], rows: Rows, ids: NDArray[np.uint64]
    ) -> NDArray[np.bool_]:
        """Count events that are not counted yet; returns which of them were new.

        All days have to lie in the ring. Of an id that comes more than once, the first counts.
        """
        new = self._remember(days, ids)
        if new.all():
            self._count(kind, days, rows)
        else:
            self._count(kind, days[new], rows[new])
        return new

    def _remember(self, days: NDArray[np.int64], ids: NDArray[np.uint64]) -> NDArray[np.bool_]:
        new = np.ones(len(ids), np.bool_)
        in_order = np.sort(ids)
        has_repeats = bool((in_order[1:] == in_order[:-1]).any())
        for day, events in _by_day(days):
            of_day = ids[events]
            if day not in self._ids and not has_repeats:
                self._ids[day] = of_day
                self._unsorted.add(day)
                continue
            known = self._sorted(day)
            arriving = np.sort(of_day)
            repeated, at = _repeated(known, arriving)
            if repeated.any():  # only now is it worth finding out which events they were
                order = np.argsort(of_day, kind="stable")
                fresh = np.ones(len(order), np.bool_)
                fresh[order] = ~repeated
                new[events] = fresh
                arriving, at = arriving[~repeated], at[~repeated]
            self._ids[day] = np.insert(known, at, arriving)
        return new

    def _sorted(self, day: int) -> NDArray[np.uint64]:
        known = self._ids.get(day, _NO_IDS)
        if day in self._unsorted:
            self._unsorted.discard(day)
            known = np.sort(known)
        return known

    def _count(self, kind: Kind, days: NDArray[np.int64], rows: Rows) -> None:
        if not len(days):
            return
        counts = self.counts[KIND_ROW[kind]]
        low, high = int(days.min()), int(days.max())
        width = int(rows.max()) + 1
        cells = (high - low + 1) * width
        cell = (days - low) * width + rows
        if cells <= _DENSE * len(days) + width:
            added = np.bincount(cell, minlength=cells).reshape(-1, width)
            slots = self.slots(np.arange(low, high + 1))
            counts[slots, :width] += added.astype(np.uint32)
        else:
            touched, number = np.unique(cell, return_counts=True)
            slots = self.slots(touched // width + low)
            counts[slots, touched % width] += number.astype(np.uint32)


def _by_day(days: NDArray[np.int64]) -> list[tuple[int, slice | NDArray[np.int64]]]:
    """Each day that occurs, with the events of that day; logs are mostly in order of days."""
    if not len(days):
        return []
    steps = np.diff(days)
    if (steps >= 0).all():
        starts = np.concatenate([[0], np.flatnonzero(steps) + 1, [len(days)]]).tolist()
        return [(int(days[a]), slice(a, b)) for a, b in pairwise(starts)]
    order = np.argsort(days, kind="stable")
    starts = np.concatenate([[0], np.flatnonzero(np.diff(days[order])) + 1, [len(days)]]).tolist()
    return [(int(days[order[a]]), order[a:b]) for a, b in pairwise(starts)]


def _repeated(
    known: NDArray[np.uint64], arriving: NDArray[np.uint64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Of sorted ids: which are known or equal to the one before, and where they belong."""
    at = np.searchsorted(known, arriving)
    repeated = np.zeros(len(arriving), np.bool_)
    repeated[1:] = arriving[1:] == arriving[:-1]
    if len(known):
        repeated |= known[np.minimum(at, len(known) - 1)] == arriving
    return repeated, at
