"""What the kernel is given: counts, items, calendar weights and counted days of many students."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day, Kind
from scoring.kind_policy import Measure
from scoring.late import LateItems
from scoring.policy import Policy
from scoring.rules import Rules


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """T consecutive campus days of S students; the arrays are read and never written.

    A caller that hands in the same array for the `counted` of several kinds (and the same for
    `excused`) has their windows found once; [T, 1] instead of [T, S] wherever all students agree is
    faster still. Arrays should lie day by day (C order): sums run over days.
    """

    first_day: Day
    """The campus day of row 0."""
    counts: Mapping[Kind, NDArray[np.uint32]]
    """Events, [T, S], for each kind measured in events or days; others are not looked at."""
    weight_percent: NDArray[np.int64]
    """Calendar weight in percent of a day, at least 0: [T, 1], or [T, S] where students differ."""
    counted: Mapping[Kind, NDArray[np.bool_]]
    """Days that say something about a kind: [T, 1] or [T, S], for each scored kind."""
    excused: Mapping[Kind, NDArray[np.bool_]] = field(default_factory=dict)
    """Days that weigh nothing for a kind, and hold nothing unmet against the student: [T, 1] or
    [T, S]; a missing kind has none."""
    due: Mapping[Kind, NDArray[np.unsignedinteger]] = field(default_factory=dict)
    """Items due on each day, [T, S], for each kind whose measure is a share."""
    met: Mapping[Kind, NDArray[np.unsignedinteger]] = field(default_factory=dict)
    """Of the items due on each day, those that were met by the end of that day; like `due`."""
    late: Mapping[Kind, LateItems] = field(default_factory=dict)
    """Of the items due, those that were met on a later day; a missing kind has none."""

    @property
    def days(self) -> int:
        """T."""
        return len(self.weight_percent)

    @property
    def students(self) -> int:
        """S."""
        _, students = next(iter((*self.counts.values(), *self.due.values()))).shape
        return int(students)

    def check(self, policy: Policy | Rules) -> None:
        """Raise ValueError unless each kind of `policy` is there and all shapes agree."""
        items = {kind for kind, rule in policy.kinds.items() if rule.measure is Measure.SHARE}
        needed = (
            (self.counted.keys(), policy.kinds.keys()),
            (self.counts.keys(), policy.kinds.keys() - items),
            (self.due.keys() & self.met.keys(), items),
        )
        missing = set[Kind]().union(*(wanted - given for given, wanted in needed))
        if missing:
            raise ValueError(f"the panel lacks {', '.join(sorted(missing))}")
        full = (self.days, self.students)
        for kind in policy.kinds:
            exact = {"due": self.due, "met": self.met} if kind in items else {"counts": self.counts}
            for name, arrays in exact.items():
                if arrays[kind].shape != full:
                    raise ValueError(f"{name} of {kind} are {arrays[kind].shape}, not {full}")
            for name, flags in (("counted", self.counted), ("excused", self.excused)):
                if kind in flags:
                    _must_fit(f"{name} of {kind}", flags[kind].shape, full)
            if kind in self.late:
                self.late[kind].check(self.students)
        _must_fit("weight_percent", self.weight_percent.shape, full)


def _must_fit(name: str, shape: tuple[int, ...], full: tuple[int, int]) -> None:
    if shape not in {(full[0], 1), full}:
        raise ValueError(f"{name} is {shape}, not {full} or [T, 1]")
