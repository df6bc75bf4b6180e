"""What came too late for some closings, so that these are the same however fast the log is read.

An event that was appended on campus day L is known to the closings of L - amendment and later, and
to none before: those were final when it came. Counts hold all events; here stand the few that some
closings have to be computed without. Events of one id lie in one partition of one topic, where log
days never fall, so leaving out those appended after a day leaves the state as it was on that day.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day
from streams.columns import Columns

Integers = NDArray[np.int64]

_NONE: Final = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Steps(Columns):
    """Changes of counts, [n] each: of a kind (its row), day and student row, by 1 or -1."""

    kinds: Integers
    days: Integers
    rows: Integers
    steps: Integers

    def taken_from(self, counts: NDArray[np.uint32], rows: Integers, first: int) -> None:
        """Undo them in the counts of one kind: [day from `first` on, place in ascending `rows`]."""
        at = np.searchsorted(rows, self.rows)
        inside = (self.days >= first) & (self.days < first + len(counts)) & (at < len(rows))
        inside[inside] &= rows[at[inside]] == self.rows[inside]
        place = (self.days[inside] - first, at[inside])
        np.subtract.at(counts, place, self.steps[inside].astype(np.uint32))


class Hindsight:
    """The events of one partition that came too late for closings that may be computed yet."""

    def __init__(self, amendment: int) -> None:
        self._amendment = amendment
        self._steps = Steps(_NONE, _NONE, _NONE, _NONE)
        self._known_from = _NONE

    def add(
        self,
        kinds: Integers,
        days: Integers,
        rows: Integers,
        steps: NDArray[np.int8],
        log_days: Integers,
    ) -> None:
        """Take note of steps that are in the counts now; most are on time, and not kept."""
        known_from = log_days - self._amendment
        late = known_from > days
        if late.any():
            more = Steps(kinds, days, rows, steps.astype(np.int64))[late]
            self._steps = self._steps.joined(more)
            self._known_from = np.concatenate([self._known_from, known_from[late]])

    def edges(self) -> list[int]:
        """The days on which closings begin to know more."""
        edges: list[int] = np.unique(self._known_from).tolist()
        return edges

    def unknown_to(self, closing: int) -> Steps:
        """The steps that the closing of a day has to be computed without."""
        return self._steps[self._known_from > closing]

    def forget(self, before: Day) -> None:
        """Closings of earlier days will not be computed any more."""
        if len(self._known_from):
            kept = self._known_from > before
            self._steps, self._known_from = self._steps[kept], self._known_from[kept]
