"""Windows of days whose calendar weights add up to a length: where they begin, what they weigh."""

from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from scoring.evaluations import Evaluations
from scoring.rounding import DAY_PERCENT

_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """The days of some students of a block: C = 1 when these students share all of them."""

    columns: slice | NDArray[np.intp]
    """The students, as columns of the block."""
    counted: NDArray[np.bool_]
    """The days that say something, [R, C]."""
    excused: NDArray[np.bool_] | None
    """The days that weigh nothing whatever the calendar says, [R, C]; None where there are none."""
    before: NDArray[np.int64]
    """Weight of the counted days before each row, [C, R + 1], in percent of a day: ascending."""

    def of(self, places: NDArray[np.intp], columns: slice | NDArray[np.intp]) -> Self:
        """Give the days of those at these places among the C, as `columns` of a smaller block."""
        excused = None if self.excused is None else _take(self.excused, places)
        return type(self)(columns, _take(self.counted, places), excused, self.before[places])


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """W windows of the students of a schedule."""

    schedule: Schedule
    start: NDArray[np.int64]
    """First row, [W, C]."""
    days_percent: NDArray[np.int64]
    """Calendar weight of the counted days, [W, C]."""

    def of(self, students: slice | NDArray[np.intp]) -> Self:
        """Give those of some students of the block (ascending columns, at least one)."""
        if isinstance(students, slice):
            return self
        columns = self.schedule.columns
        if isinstance(columns, slice):
            return self if self.start.shape[1] == 1 else self._at(students, columns)
        at = np.minimum(np.searchsorted(students, columns), len(students) - 1)
        places = np.flatnonzero(students[at] == columns)
        return self._at(places, at[places])

    def _at(self, places: NDArray[np.intp], columns: slice | NDArray[np.intp]) -> Self:
        schedule = self.schedule.of(places, columns)
        return type(self)(schedule, self.start[:, places], self.days_percent[:, places])


def find_schedules(
    weight_percent: NDArray[np.int64],
    counted: NDArray[np.bool_],
    excused: NDArray[np.bool_] | None = None,
) -> list[Schedule]:
    """Part the students of a block, arrays [R, 1] or [R, K], by whether their days are the usual.

    Where most students share their days, the first schedule is the shared one and holds for the
    whole block, and a second one, if need be, for the few whose own days override it.
    """
    everybody = slice(None)
    # The usual day is the one of most weight: periods, excuses and gaps only ever take away.
    usual_weight = weight_percent.max(axis=1, keepdims=True)
    usual_counted = np.logical_or.reduce(counted, axis=1, keepdims=True)
    unusual = (counted != usual_counted).any(axis=0)
    if weight_percent.shape[1] > 1:
        unusual = unusual | (weight_percent != usual_weight).any(axis=0)
    usual_excused = None
    if excused is not None:
        usual_excused = np.logical_and.reduce(excused, axis=1, keepdims=True)
        unusual = unusual | (excused != usual_excused).any(axis=0)
        if not usual_excused.any():
            usual_excused = None
    columns = np.flatnonzero(unusual)
    if 2 * columns.size > unusual.size:
        return [_schedule(everybody, weight_percent, counted, excused)]
    usual = _schedule(everybody, usual_weight, usual_counted, usual_excused)
    if not columns.size:
        return [usual]
    own_excused = None if excused is None else _take(excused, columns)
    own = (_take(weight_percent, columns), _take(counted, columns), own_excused)
    return [usual, _schedule(columns, *own)]


def find_windows(
    schedule: Schedule, evaluations: Evaluations, window_days: int, look_back_days: int
) -> Windows:
    """Find the 2E windows of `window_days` full days, none longer than `look_back_days`.

    A window begins at the latest row s for which the weight of rows s .. end is enough, that is
    before[s] <= before[end + 1] - enough. Columns are set above one another so that a single
    ascending array serves all of them.
    """
    before = schedule.before
    columns, length = before.shape
    first = np.arange(columns) * length  # where each column begins in the flat array
    through_end = before[:, evaluations.end[:, 0] + 1]  # [C, 2E]
    height = (np.arange(columns) * (int(before[:, -1].max()) + 1))[:, np.newaxis]
    enough = window_days * DAY_PERCENT
    flat = (before + height).ravel()
    found = np.searchsorted(flat, (through_end - enough + height).ravel(), side="right") - 1
    # Where the weight never suffices, `found` lies in an earlier column: look-back decides.
    start = np.maximum(found.reshape(through_end.shape) - first[:, np.newaxis], 0)
    start = np.maximum(start, evaluations.end[:, 0] + 1 - look_back_days)
    days_percent = through_end - np.take_along_axis(before, start, axis=1)
    return Windows(schedule, np.ascontiguousarray(start.T), np.ascontiguousarray(days_percent.T))


def _schedule(
    columns: slice | NDArray[np.intp],
    weight_percent: NDArray[np.int64],
    counted: NDArray[np.bool_],
    excused: NDArray[np.bool_] | None,
) -> Schedule:
    weighs = counted if excused is None else counted & ~excused
    effective = (weight_percent * weighs).T
    before = np.zeros((effective.shape[0], effective.shape[1] + 1), np.int64)
    np.cumsum(effective, axis=1, out=before[:, 1:])
    return Schedule(columns, counted, excused, before)


def _take(array: NDArray[_T], columns: NDArray[np.intp]) -> NDArray[_T]:
    return array if array.shape[1] == 1 else array[:, columns]
