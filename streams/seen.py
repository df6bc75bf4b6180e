"""What rules are shown of closings, whatever they look for: welfare and compliance alike."""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from scoring.alerts import Alert
from streams.students import Rows

Integers = NDArray[np.int64]
Bits = NDArray[np.bool_]


class Seen(Protocol):
    """What the rules see of C students on E days."""

    @property
    def over(self) -> Bits:
        """Where the rules do not speak of the student: whatever is open ends; [E, C]."""

    def says(self, rule: str) -> tuple[Bits, Bits]:
        """Where a rule's condition holds, and where the rule speaks at all; [E, C] each."""

    def alert(self, rule: str, day: int, column: int) -> Alert:
        """The alert that a rule raises; places in what is seen."""


class Viewed(Protocol):
    """Closings of S students on E days in a row."""

    @property
    def rows(self) -> Rows:
        """The students, [S], ascending."""

    @property
    def days(self) -> Integers:
        """The closed days, [E]."""

    @property
    def cool_downs(self) -> Mapping[str, int]:
        """The rules that hold, with the days for which each keeps quiet behind an alert."""

    def candidates(self) -> Bits:
        """Of whom a rule could hold, [S]: all of whom one does, and some more."""

    def seen(self, columns: Integers) -> Seen:
        """What rules see of C students, places in `rows`; `candidates` was asked before."""
