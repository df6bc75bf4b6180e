"""What the world was last told about a partition: the memory that is compared against.

Arrays have one entry a student row; those over days are rings, as in `streams.window`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day
from streams.states import NOT_ENROLLED, NOTHING, States
from streams.students import Rows, grown


@dataclass(frozen=True, slots=True)
class Changes:
    """State changes, in order of their sequence a student; all arrays are [n]."""

    rows: Rows
    cells: tuple[NDArray[np.int64], NDArray[np.int64]]  # positions in [E, S] that led to them
    previous: States
    states: States
    sequences: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.rows)


class Published:
    """The last published indicator, closings and daily counts of each student."""

    def __init__(self, first: Day, length: int, capacity: int) -> None:
        self.first = first
        self.length = length
        self.states = np.full(capacity, NOTHING, np.int16)
        self.sequences = np.zeros(capacity, np.int64)
        self.versions = np.zeros(capacity, np.int64)
        self.digests = np.zeros(capacity, np.uint64)  # 0: none
        self.closing_digests = np.zeros((length, capacity), np.uint64)
        # What was never told is 0 everywhere: days without any take no memory.
        self.closings_told = np.zeros((length, capacity), np.int32)  # how often: revisions from 0
        self.closing_states = np.zeros((length, capacity), np.int16)  # NOTHING
        self.daily_told = np.zeros((length, capacity), np.int32)  # likewise
        self.daily_is_due = np.zeros((length, capacity), np.bool_)

    def make_room(self, capacity: int) -> None:
        """Room for at least as many students."""
        if len(self.states) < capacity:
            self.states = grown(self.states, capacity, NOTHING)
            self.sequences = grown(self.sequences, capacity, 0)
            self.versions = grown(self.versions, capacity, 0)
            self.digests = grown(self.digests, capacity, 0)
            self.closing_digests = grown(self.closing_digests, capacity, 0)
            self.closings_told = grown(self.closings_told, capacity, 0)
            self.closing_states = grown(self.closing_states, capacity, NOTHING)
            self.daily_told = grown(self.daily_told, capacity, 0)
            self.daily_is_due = grown(self.daily_is_due, capacity, False)

    def slots(self, days: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where each day lies on the day axis."""
        return days % self.length

    def move_to(self, first: Day) -> None:
        """Let go of the days before `first`."""
        if first <= self.first:
            return
        leaving = self.slots(np.arange(self.first, min(first, self.first + self.length)))
        self.closing_digests[leaving] = 0
        self.closings_told[leaving] = 0
        self.closing_states[leaving] = NOTHING
        self.daily_told[leaving] = 0
        self.daily_is_due[leaving] = False
        self.first = first

    def change(self, rows: Rows, states: States) -> Changes:
        """Record that `rows` [S] went through `states` [E, S]; gives each change on the way.

        A student of whom nothing was said yet is not announced as not enrolled.
        """
        before = self.states[rows]
        was_told = before[None] != NOTHING
        begun = was_told | np.logical_or.accumulate(states != NOT_ENROLLED, axis=0)
        states = np.where(begun, states, np.int16(NOTHING))
        previous = np.concatenate([before[None], states[:-1]])
        is_change = states != previous
        counted = np.cumsum(is_change, axis=0)
        days, columns = np.nonzero(is_change)
        changes = Changes(
            rows=rows[columns],
            cells=(days, columns),
            previous=previous[days, columns],
            states=states[days, columns],
            sequences=self.sequences[rows[columns]] + counted[days, columns],
        )
        if len(states):
            self.states[rows] = states[-1]
            self.sequences[rows] += counted[-1]
        return changes

    def close(
        self,
        rows: Rows,
        days: NDArray[np.int64],
        digests: NDArray[np.uint64],
        states: States,
        due: NDArray[np.bool_],
    ) -> NDArray[np.bool_]:
        """Record the closings of `rows` [S] on `days` [E] where `due`; which of them are news.

        What was told before is due whatever has become of it.
        """
        slots = self.slots(days)[:, None]
        told = self.closing_digests[slots, rows]
        news: NDArray[np.bool_] = (due | (told != 0)) & (told != digests)
        self.closing_digests[slots, rows] = np.where(news, digests, told)
        self.closing_states[slots, rows] = np.where(news, states, self.closing_states[slots, rows])
        self.closings_told[slots, rows] += news
        return news

    def revisions(self, days: NDArray[np.int64], rows: Rows) -> NDArray[np.int64]:
        """The revision of each pair's last closing: 0 for the first, -1 for none."""
        told: NDArray[np.int64] = self.closings_told[self.slots(days), rows].astype(np.int64)
        return told - 1

    def tell(self, rows: Rows, digests: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Record the current indicators of `rows`; which of them have to be published."""
        news: NDArray[np.bool_] = self.states[rows] != NOTHING
        news &= self.digests[rows] != digests
        changed = rows[news]
        self.digests[changed] = digests[news]
        self.versions[changed] += 1
        return news

    def due_daily(self, through: Day) -> tuple[NDArray[np.int64], Rows]:
        """Days and rows of the daily counts that are due up to a day."""
        days = np.arange(self.first, min(through + 1, self.first + self.length))
        at, rows = np.nonzero(self.daily_is_due[self.slots(days)])
        return days[at], rows

    def tell_daily(
        self, days: NDArray[np.int64], rows: Rows, are_empty: NDArray[np.bool_]
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Record that these are due no longer; which have to be published, and their revisions.

        Counts that are all zero are told only to those who were told others before.
        """
        slots = self.slots(days)
        self.daily_is_due[slots, rows] = False
        told = ~are_empty | (self.daily_told[slots, rows] > 0)
        self.daily_told[slots, rows] += told
        return told, self.daily_told[slots, rows].astype(np.int64)[told] - 1
