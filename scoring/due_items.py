"""Items of one kind that were expected of many students, as arrays: what `items.Item` is for one.

History has them from files, workers from the log; the kernel and the alert rules read them here.
"""

from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from scoring.late import LateItems

NEVER: Final = 1 << 30
"""A campus day after all others: of what is not expected, of what is not met."""

_Integers = NDArray[np.int64]
_Cells = NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class DueItems:
    """N items, [N] each, those of a student together, in ascending order of students."""

    student: _Integers
    """Whose: a column among the students."""
    due: _Integers
    """Campus day."""
    met: _Integers
    """Campus day of the activity that met it first; `NEVER` where none did."""

    def __getitem__(self, chosen: NDArray[np.bool_]) -> Self:
        return type(self)(self.student[chosen], self.due[chosen], self.met[chosen])

    def of(self, students: slice) -> Self:
        """Give the items of some students, counted among themselves."""
        first, last = np.searchsorted(self.student, (students.start, students.stop))
        chosen = slice(int(first), int(last))
        return type(self)(self.student[chosen] - students.start, self.due[chosen], self.met[chosen])

    def placed(self, first_day: int, shape: tuple[int, int]) -> tuple[_Cells, _Cells, LateItems]:
        """Give what `Panel` wants: items due, and met in time, by day and student; the late ones.

        `shape`: days from `first_day` on, on one of which each item is due, and students.
        """
        _, students = shape
        cell = (self.due - first_day) * students + self.student
        in_time = self.met <= self.due
        due, met = np.zeros(shape, np.uint32), np.zeros(shape, np.uint32)
        np.add.at(due.reshape(-1), cell, np.uint32(1))
        np.add.at(met.reshape(-1), cell[in_time], np.uint32(1))
        late = ~in_time & (self.met < NEVER)
        return due, met, LateItems(self.student[late], self.due[late], self.met[late])

    def overdue(self, days: _Integers, look_back_days: int, students: int) -> _Integers:
        """Give how long the item missing for longest is overdue on each day: [days, students].

        `scoring.observation.overdue_days` says the same of one student.
        """
        overdue = np.zeros((len(days), students), np.int64)
        for at, day in enumerate(days.tolist()):
            missing = (self.due > day - look_back_days) & (self.due <= day) & (self.met > day)
            np.maximum.at(overdue[at], self.student[missing], day - self.due[missing])
        return overdue
