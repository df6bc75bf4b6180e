"""Items that were met after the day they were due: the few that a day's counts cannot hold."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class LateItems:
    """N items of a kind; arrays are [N], in ascending order of `student`.

    Whether a late item counts depends on when one looks: it was missing until the day it was met.
    """

    student: NDArray[np.int64]
    """Columns of the panel."""
    due: NDArray[np.int64]
    """Campus days on which they were due."""
    met: NDArray[np.int64]
    """Campus days on which they were met, later than `due`."""

    def of(self, students: slice | NDArray[np.intp]) -> Self:
        """Give the items of some students, ascending columns, counted among themselves."""
        if isinstance(students, slice):
            first, last = np.searchsorted(self.student, (students.start, students.stop))
            chosen: slice | NDArray[np.bool_] = slice(int(first), int(last))
            columns = self.student[chosen] - students.start
        else:
            at = np.minimum(np.searchsorted(students, self.student), max(len(students) - 1, 0))
            chosen = students[at] == self.student if len(students) else self.student < 0
            columns = at[chosen]
        return type(self)(columns, self.due[chosen], self.met[chosen])

    def check(self, students: int) -> None:
        """Raise ValueError unless the arrays are as the fields say."""
        if not self.student.shape == self.due.shape == self.met.shape == (len(self.student),):
            raise ValueError("the columns of late items must be [N] each")
        if len(self.student) and not (
            self.student[0] >= 0
            and self.student[-1] < students
            and (np.diff(self.student) >= 0).all()
            and (self.due < self.met).all()
        ):
            raise ValueError("late items must be in order of students, and due before they are met")
