"""What the kernel is given: counts, calendar weights and counted days of many students."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day, Kind
from scoring.policy import Policy


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """T consecutive campus days of S students; the arrays are read and never written.

    A caller that hands in the same array for the `counted` of several kinds has their windows
    found once; [T, 1] instead of [T, S] wherever all students agree is faster still. Arrays should
    lie day by day (C order): sums run over days.
    """

    first_day: Day
    """The campus day of row 0."""
    counts: Mapping[Kind, NDArray[np.uint32]]
    """Events, [T, S], for each kind of the policy; other kinds are not looked at."""
    weight_percent: NDArray[np.int64]
    """Calendar weight in percent of a day, at least 0: [T, 1], or [T, S] where students differ."""
    counted: Mapping[Kind, NDArray[np.bool_]]
    """Days that say something about a kind: [T, 1] or [T, S], for each kind of the policy."""

    @property
    def days(self) -> int:
        """T."""
        return len(self.weight_percent)

    @property
    def students(self) -> int:
        """S."""
        _, students = next(iter(self.counts.values())).shape
        return int(students)

    def check(self, policy: Policy) -> None:
        """Raise ValueError unless each kind of `policy` is there and all shapes agree."""
        missing = policy.kinds.keys() - (self.counts.keys() & self.counted.keys())
        if missing:
            raise ValueError(f"the panel lacks {', '.join(sorted(missing))}")
        days, students = self.days, self.students
        for kind in policy.kinds:
            if self.counts[kind].shape != (days, students):
                shape = self.counts[kind].shape
                raise ValueError(f"counts of {kind} are {shape}, not {(days, students)}")
            if self.counted[kind].shape not in {(days, 1), (days, students)}:
                shape = self.counted[kind].shape
                raise ValueError(f"counted of {kind} is {shape}, not {(days, students)} or [T, 1]")
        if self.weight_percent.shape not in {(days, 1), (days, students)}:
            shape = self.weight_percent.shape
            raise ValueError(f"weight_percent is {shape}, not {(days, students)} or [T, 1]")
