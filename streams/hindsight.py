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
Days = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Steps(Columns):
    """Changes of counts, [n] each: of a kind (its row), day and student row, by 1 or -1.

    Narrow, because somebody who loads a past of their own has millions of them for a while.
    """

    kinds: NDArray[np.int8]
    days: Days
    rows: NDArray[np.int32]
    steps: NDArray[np.int8]
    known_from: Days  # the first closing that knows of it

    def taken_from(self, counts: NDArray[np.uint32], rows: Integers, first: int) -> None:
        """Undo them in the counts of one kind: [day from `first` on, place in ascending `rows`]."""
        at = np.searchsorted(rows, self.rows)
        inside = (self.days >= first) & (self.days < first + len(counts)) & (at < len(rows))
        inside[inside] &= rows[at[inside]] == self.rows[inside]
        place = (self.days[inside] - first, at[inside])
        np.subtract.at(counts, place, self.steps[inside].astype(np.uint32))


_NONE: Final = Steps(
    np.zeros(0, np.int8),
    np.zeros(0, np.int32),
    np.zeros(0, np.int32),
    np.zeros(0, np.int8),
    np.zeros(0, np.int32),
)


class Hindsight:
    """The events of one partition that came too late for closings that may be computed yet."""

    def __init__(self, amendment: int, before: Day) -> None:
        """Closings of days earlier than `before` will not be computed any more."""
        self._amendment = amendment
        self._before = before
        self._late = [_NONE]  # joined when they are looked at

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
        late = known_from > np.maximum(days, self._before)
        if late.any():
            more = Steps(
                kinds[late].astype(np.int8),
                days[late].astype(np.int32),
                rows[late].astype(np.int32),
                steps[late],
                known_from[late].astype(np.int32),
            )
            self._late.append(more)

    def edges(self) -> list[int]:
        """The days on which closings begin to know more."""
        edges: list[int] = np.unique(self._joined().known_from).tolist()
        return edges

    def unknown_to(self, closing: int) -> Steps:
        """The steps that the closing of a day has to be computed without."""
        late = self._joined()
        return late[late.known_from > closing] if len(late) else late

    def forget(self, before: Day) -> None:
        """Closings of earlier days will not be computed any more."""
        self._before = before
        late = self._joined()
        if len(late):
            self._late = [late[late.known_from > before]]

    def _joined(self) -> Steps:
        if len(self._late) > 1:
            first, *others = self._late
            self._late = [first.joined(*others)]
        return self._late[0]
