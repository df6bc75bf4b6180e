"""A figure with the interval that chance alone would leave it in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backtest.course import Course

_Floats = NDArray[np.float64]

INTERVAL_PERCENT: Final = 95
_OUTSIDE: Final = (100 - INTERVAL_PERCENT) / 2
_DRAWN_STUDENTS: Final = 400_000
"""Draws times students: few draws settle the interval of many students."""
_FEWEST_DRAWS, _MOST_DRAWS = 100, 1_000
_SEED: Final = 5


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, and the bootstrap interval of `INTERVAL_PERCENT`."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, draws: _Floats) -> "Estimate | None":
        """Read [1 + B] figures: of the students themselves, then of each draw.

        None where there is no figure; draws without one are left out.
        """
        if not len(draws) or not np.isfinite(draws[0]):
            return None
        drawn = draws[1:][np.isfinite(draws[1:])]
        if not len(drawn):
            return cls(float(draws[0]), float(draws[0]), float(draws[0]))
        low, high = np.percentile(drawn, (_OUTSIDE, 100 - _OUTSIDE))
        return cls(float(draws[0]), float(low), float(high))

    def __str__(self) -> str:
        """Give "0.725 (0.690 to 0.760)"."""
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def draw(courses: Sequence[Course]) -> list[_Floats]:
    """Draw students with replacement, within each course: how often each was drawn, [1 + B, S].

    Row 0 is everybody once. The same draws serve every figure, so that figures can be compared;
    they are the same each time, so that a report can be repeated.
    """
    random = np.random.default_rng(_SEED)
    students = sum(course.size for course in courses)
    number = int(np.clip(_DRAWN_STUDENTS // max(students, 1), _FEWEST_DRAWS, _MOST_DRAWS))
    return [_drawn(random, number, course.size) for course in courses]


def _drawn(random: np.random.Generator, number: int, students: int) -> _Floats:
    drawn = np.ones((number + 1, students))
    for row in drawn[1:]:
        row[:] = np.bincount(random.integers(0, students, students), minlength=students)
    return drawn


def ratio(above: _Floats, below: _Floats) -> _Floats:
    """Divide; where there is nothing to divide by there is no figure, which is NaN."""
    figures: _Floats = np.full(np.shape(above), np.nan)
    np.divide(above, below, out=figures, where=below > 0)
    return figures
