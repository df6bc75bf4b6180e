"""The measure `share` over windows: items met, and items due."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.evaluations import Evaluations
from scoring.late import LateItems
from scoring.tally import tally
from scoring.windows import Windows

_Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """The items of K students, on R days."""

    due: NDArray[np.unsignedinteger]
    """[R, K]"""
    met: NDArray[np.unsignedinteger]
    """Of these, the ones met by the end of their day, [R, K]."""
    late: LateItems | None
    """And the ones met on a later day."""

    def of(self, columns: slice | NDArray[np.intp]) -> "Items":
        """Give the items of some of the students."""
        if isinstance(columns, slice):
            return self
        late = None if self.late is None else self.late.of(columns)
        return Items(self.due[:, columns], self.met[:, columns], late)


def met_and_due(
    items: Items, windows: Windows, evaluations: Evaluations
) -> tuple[_Integers, _Integers]:
    """Give the items met and the items due over the windows of a schedule: [2E, K] each.

    What is due on a day that is not over yet, or was due on an excused day, counts as due when it
    is met; `reference.items_met_and_due` says the same of one student.
    """
    counted, excused = windows.schedule.counted, windows.schedule.excused
    start, stop, over = windows.start, evaluations.stop, evaluations.over
    met = tally(items.met, counted, start, stop)
    held = items.due if excused is None else np.where(excused, items.met, items.due)
    due = tally(held, counted, start, over)
    if (over < stop).any():
        due += tally(items.met, counted, np.maximum(start, over), stop)
    if items.late is not None and len(items.late.student):
        _add_late(items.late, windows, evaluations, met, due)
    return met, due


def _add_late(
    late: LateItems, windows: Windows, evaluations: Evaluations, met: _Integers, due: _Integers
) -> None:
    schedule = windows.schedule
    row = late.due - evaluations.first_day
    held = (row >= 0) & (row < len(schedule.counted))
    row, student, met_on = row[held], late.student[held], late.met[held]
    column = student if windows.start.shape[1] > 1 else np.zeros_like(student)
    counted = schedule.counted[row, column if schedule.counted.shape[1] > 1 else 0]
    is_met = (  # [2E, N]: as far as each evaluation sees
        counted
        & (row >= windows.start[:, column])
        & (row < evaluations.stop)
        & (met_on <= evaluations.seen)
    )
    met += _number(is_met, student, met.shape)
    is_forgiven = row >= evaluations.over
    if schedule.excused is not None:
        is_forgiven |= schedule.excused[row, column if schedule.excused.shape[1] > 1 else 0]
    due += _number(is_met & is_forgiven, student, due.shape)


def _number(which: NDArray[np.bool_], student: _Integers, shape: tuple[int, ...]) -> _Integers:
    window, item = np.nonzero(which)
    cell = window * shape[1] + student[item]
    return np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
