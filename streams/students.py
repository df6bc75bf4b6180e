"""The students of a partition: a row each, and the periods in which days say something.

A period also says how somebody studies then (`Profile`), which chooses the rules of the policy.
Periods should not overlap; where they do, the one that begins last has the word.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day, StudentId
from scoring.profile import Profile

Rows = NDArray[np.int64]
T = TypeVar("T", bound=np.generic)

_FIRST_ROWS: Final = 64
_NEVER: Final = (1 << 30, -(1 << 30))  # a period that no day lies in
_OPEN: Final = 1 << 30
NO_PROFILE: Final = Profile("", "", "", "")
"""Of days that lie in no period."""


class Period(NamedTuple):
    """A span of campus days, both ends included, and how the student studies in it."""

    start: Day
    end: Day | None
    profile: Profile = NO_PROFILE


class Students:
    """Pseudonyms to rows; a row once given stays. Rows are handed out in order of arrival."""

    def __init__(self) -> None:
        self.count = 0
        self.ids = np.zeros(_FIRST_ROWS, np.int64)
        self.is_known = np.zeros(_FIRST_ROWS, np.bool_)  # has a student record
        self.profiles = [NO_PROFILE]  # the distinct ones; only ever longer
        self._place_of_profile = {NO_PROFILE: 0}
        self._sorted = np.zeros(0, np.int64)
        self._row_of_sorted = np.zeros(0, np.int64)
        self._starts = np.zeros((1, _FIRST_ROWS), np.int64) + _NEVER[0]
        self._ends = np.zeros((1, _FIRST_ROWS), np.int64) + _NEVER[1]
        self._profiles = np.zeros((1, _FIRST_ROWS), np.int64)  # places in `profiles`

    @property
    def capacity(self) -> int:
        """Rows for which there is room; arrays kept beside this one are as long."""
        return len(self.ids)

    def known_rows(self, ids: NDArray[np.int64]) -> tuple[Rows, NDArray[np.bool_]]:
        """The row of each, and whether it has one (where not, the row is meaningless)."""
        at = np.searchsorted(self._sorted, ids)
        np.minimum(at, max(len(self._sorted) - 1, 0), out=at)
        if not len(self._sorted):
            return np.zeros(len(ids), np.int64), np.zeros(len(ids), np.bool_)
        return self._row_of_sorted[at], self._sorted[at] == ids

    def rows_of(self, ids: NDArray[np.int64]) -> Rows:
        """The row of each; new students get one."""
        rows, found = self.known_rows(ids)
        if found.all():
            return rows
        self._admit(np.unique(ids[~found]))
        return self.known_rows(ids)[0]

    def take(self, said: Mapping[StudentId, Sequence[Period] | None]) -> Rows:
        """Take in records; None: it was deleted. Gives whose periods have changed.

        A deletion says nothing of a student of whom nothing else is known.
        """
        ids, deleted = np.array(list(said), np.int64), [one is None for one in said.values()]
        if any(deleted):
            unknown = np.array(deleted) & ~self.known_rows(ids)[1]
            said = {one: said[one] for one in map(StudentId, ids[~unknown].tolist())}
            ids = ids[~unknown]
        return self.set_periods(self.rows_of(ids), list(said.values()))

    def set_periods(self, rows: Rows, found: Sequence[Sequence[Period] | None]) -> Rows:
        """Replace the periods of these students, no row named twice; gives whose have changed.

        None: there is no record of the student any more.
        """
        records = [one or () for one in found]
        widest = max(map(len, records), default=0)
        if widest > len(self._starts):
            room = np.zeros((widest - len(self._starts), self.capacity), np.int64)
            self._starts = np.concatenate([self._starts, room + _NEVER[0]])
            self._ends = np.concatenate([self._ends, room + _NEVER[1]])
            self._profiles = np.concatenate([self._profiles, room])
        places = [
            (number, column)
            for column, periods in enumerate(records)
            for number in range(len(periods))
        ]
        at = tuple(np.array(places, np.int64).reshape(-1, 2).T)
        spans = [
            (start, end, self._place(Profile(*words)))
            for periods in records
            for start, end, *words in sorted(map(_span, periods))
        ]
        spans_of = np.array(spans, np.int64).reshape(-1, 3).T
        are_known = np.array([one is not None for one in found], np.bool_)
        changed: NDArray[np.bool_] = self.is_known[rows] != are_known
        columns = (self._starts, self._ends, self._profiles)
        for column, empty, values in zip(columns, (*_NEVER, 0), spans_of, strict=True):
            record = np.full((len(column), len(rows)), empty, np.int64)
            record[at] = values
            changed |= (column[:, rows] != record).any(axis=0)
            column[:, rows] = record
        self.is_known[rows] = are_known
        return rows[changed]

    def enrolled(self, days: NDArray[np.int64], rows: Rows | slice) -> NDArray[np.bool_]:
        """Whether each day lies in one of each student's periods: [days, rows]."""
        inside = np.zeros((len(days), len(self.ids[rows])), np.bool_)
        for starts, ends in zip(self._starts, self._ends, strict=True):
            inside |= (days[:, None] >= starts[rows]) & (days[:, None] <= ends[rows])
        return inside

    def places(self, days: NDArray[np.int64], rows: Rows | slice) -> NDArray[np.int64]:
        """The place in `profiles` of how each studies on each day: [days, rows]."""
        places = np.zeros((len(days), len(self.ids[rows])), np.int64)
        for starts, ends, own in zip(self._starts, self._ends, self._profiles, strict=True):
            inside = (days[:, None] >= starts[rows]) & (days[:, None] <= ends[rows])
            np.copyto(places, own[rows], where=inside)
        return places

    def _place(self, profile: Profile) -> int:
        place = self._place_of_profile.setdefault(profile, len(self.profiles))
        if place == len(self.profiles):
            self.profiles.append(profile)
        return place

    def _admit(self, ids: NDArray[np.int64]) -> None:
        if self.count + len(ids) > self.capacity:
            self._grow(room_for(self.count + len(ids), self.capacity))
        rows = np.arange(self.count, self.count + len(ids))
        self.ids[rows] = ids
        self.count += len(ids)
        everyone = np.concatenate([self._sorted, ids])
        order = np.argsort(everyone, kind="stable")
        self._sorted = everyone[order]
        self._row_of_sorted = np.concatenate([self._row_of_sorted, rows])[order]

    def _grow(self, capacity: int) -> None:
        self.ids = grown(self.ids, capacity, 0)
        self.is_known = grown(self.is_known, capacity, False)
        self._starts = grown(self._starts, capacity, _NEVER[0])
        self._ends = grown(self._ends, capacity, _NEVER[1])
        self._profiles = grown(self._profiles, capacity, 0)


def _span(period: Period) -> tuple[int, int, str, str, str, str]:
    profile = period.profile
    end = _OPEN if period.end is None else period.end
    return (period.start, end, profile.level, profile.mode, profile.programme, profile.status)


def room_for(needed: int, capacity: int) -> int:
    """What a capacity that does not suffice grows to.

    At the start all students come at once, and nothing should be left over; later they come one by
    one, and growing should be rare.
    """
    enough = max(needed, capacity + capacity // 4)
    return -(-enough // _FIRST_ROWS) * _FIRST_ROWS


def grown(array: NDArray[T], capacity: int, empty: object) -> NDArray[T]:
    """The array with a last axis of `capacity`, what is new being `empty`.

    Zeros take no memory until they are written to: rows of nothing else are not.
    """
    shape = (*array.shape[:-1], capacity)
    if empty:
        larger = np.full(shape, empty, array.dtype)
        larger[..., : array.shape[-1]] = array
    else:
        larger = np.zeros(shape, array.dtype)
        held = array.any(axis=-1)
        larger[held, : array.shape[-1]] = array[held]
    return larger
