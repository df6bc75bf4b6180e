"""What a partition knows of its students' activity: counts by day and kind, and the ids counted.

Both hold `length` consecutive campus days from `first`. A day that leaves at the front makes room
for one at the end. The state is a function of the set of events applied: neither
their order nor repeats nor how they were cut into slices changes it (`streams.identities`).
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import KINDS, Day
from streams.identities import Identities
from streams.students import Rows, grown

KIND_ROW: Final = {kind: row for row, kind in enumerate(KINDS)}
_SLACK_DAYS: Final = 16
"""Days lie one behind the other, so that a span of them can be looked at where it lies. The counts
move back to the front when these are used up."""


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """What became of each event; both arrays are [n].

    `is_news`: it said something of its id that was not known, and may yet count for nothing, as a
    retraction that comes before what it retracts. `step`: by how much the count of its day, kind
    and student changed: 1, 0 or -1.
    """

    is_news: NDArray[np.bool_]
    step: NDArray[np.int8]


class Window:
    """Counts [kind, day, student] and, a day, what is known of each id."""

    def __init__(self, first: Day, length: int, capacity: int) -> None:
        self.first = first
        self.length = length
        self.counts = np.zeros((len(KINDS), length + _SLACK_DAYS, capacity), np.uint32)
        self._base = int(first)  # the day at place 0
        self._identities: dict[int, Identities] = {}

    @property
    def end(self) -> int:
        """The first campus day behind the ring."""
        return self.first + self.length

    def make_room(self, capacity: int) -> None:
        """Room for at least as many students."""
        if self.counts.shape[-1] < capacity:
            self.counts = grown(self.counts, capacity, 0)

    def slots(self, days: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where each day lies on the day axis."""
        return days - self._base

    def span(self, first: int, last: int) -> slice:
        """Where the days from `first` to `last` lie, all of which are held."""
        return slice(first - self._base, last + 1 - self._base)

    def move_to(self, first: Day) -> None:
        """Let go of the days before `first`."""
        if first <= self.first:
            return
        for day in range(self.first, min(first, self.end)):
            self._identities.pop(day, None)
        kept = self.span(max(first, self.first), self.end - 1) if first < self.end else slice(0, 0)
        leaving = self.span(self.first, min(first, self.end) - 1)
        self.first = first
        if first + self.length - self._base > self.counts.shape[1]:
            self._move_back(kept)
            self._base = int(first)
        else:
            self._clear(leaving)

    def _clear(self, days: slice) -> None:
        for of_kind in self.counts:
            if of_kind[days].any():  # what was never written to takes no memory, and stays so
                of_kind[days] = 0

    def _move_back(self, kept: slice) -> None:
        """To the front, into memory that days without events do not take."""
        counts = np.zeros(self.counts.shape, np.uint32)
        held = self.counts[:, kept]
        some = held.any(axis=-1)
        counts[:, : held.shape[1]][some] = held[some]
        self.counts = counts

    def add(
        self,
        kinds: NDArray[np.int64],
        days: NDArray[np.int64],
        rows: Rows,
        ids: NDArray[np.uint64],
        ranks: NDArray[np.int64],
    ) -> Effect:
        """Take in events, [n] each; those of a kind in order of offset, all days in the ring.

        `kinds` are rows of counts; `ids` and `ranks` are those of `streams.intake.Events`.
        """
        effect = self._remember(days, ids, ranks)
        _, length, capacity = self.counts.shape
        cells = (kinds * length + self.slots(days)) * capacity + rows
        # A count is a sum modulo 2**32, so it may pass below 0 on its way.
        np.add.at(self.counts.reshape(-1), cells, effect.step.astype(np.uint32))
        return effect

    def knows(
        self, days: NDArray[np.int64], ids: NDArray[np.uint64], ranks: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Of which events `add` would say that they are no news."""
        known = np.zeros(len(ids), np.bool_)
        for day, events in _by_day(days):
            if day in self._identities:
                known[events] = self._identities[day].ranks_of(ids[events]) >= ranks[events]
        return known

    def _remember(
        self, days: NDArray[np.int64], ids: NDArray[np.uint64], ranks: NDArray[np.int64]
    ) -> Effect:
        is_news = np.ones(len(ids), np.bool_)
        step = np.ones(len(ids), np.int8)
        in_order = np.sort(ids)
        is_plain = not ranks.any()
        are_distinct = is_plain and not (in_order[1:] == in_order[:-1]).any()
        for day, events in _by_day(days):
            known = self._identities.get(day)
            if known is None:
                known = self._identities[day] = Identities()
                if are_distinct:
                    known.begin(ids[events])
                    continue
            if is_plain and known.is_plain:
                fresh = known.add(ids[events])
                if fresh is not None:
                    is_news[events] = step[events] = fresh
            else:
                is_news[events], step[events] = known.raise_to(ids[events], ranks[events])
        return Effect(is_news, step)


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
