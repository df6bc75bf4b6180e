"""What each kind earns each student at the end of a few weeks: all that weights can change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backtest.course import Course, row_of_week
from backtest.policy_text import changed
from backtest.replay import for_each_block
from schemas.types import Kind
from scoring.policy import Policy
from scoring.scores import Scores

_Floats = NDArray[np.float64]
_EVEN_WEIGHT = 1000.0  # the most a policy allows: points in hundredths are then fine enough


@dataclass(frozen=True, slots=True, eq=False)
class Earnings:
    """A course at the end of W weeks; arrays are [W, S]."""

    part: Mapping[Kind, _Floats]
    """Of the points a kind can earn, the part that is earned, 0 to 1; NaN where it is left out."""
    who: NDArray[np.bool_]
    """Registered, with a known outcome."""
    is_adverse: NDArray[np.bool_]
    """[S]"""
    minimum_weight_share: float

    def scores(self, weights: Mapping[Kind, float], others: float) -> _Floats:
        """Give the scores by other weights, 0 to 100; NaN where there is none.

        `others` is the weight of kinds that the files do not hold: no score reaches the minimum by
        them.
        """
        earned, possible = np.zeros(self.who.shape), np.zeros(self.who.shape)
        for kind, part in self.part.items():
            counts = np.isfinite(part)
            earned += weights[kind] * np.where(counts, part, 0)
            possible += weights[kind] * counts
        needed = self.minimum_weight_share * (sum(weights.values()) + others)
        is_scored = (possible > 0) & (possible >= needed)
        return np.where(is_scored, 100 * earned / np.where(is_scored, possible, 1), np.nan)


def earnings(policy: Policy, course: Course, weeks: Sequence[int]) -> Earnings:
    """Measure a course once, so that many weights can be tried."""
    kinds = {
        kind: rule.model_copy(update={"weight": _EVEN_WEIGHT})
        for kind, rule in policy.kinds.items()
    }
    even = changed(policy, {"kinds": kinds})
    rows = np.array([row_of_week(week) for week in weeks if week <= course.weeks], np.int64)
    part = {kind: np.full((len(rows), course.size), np.nan) for kind in policy.kinds}

    def keep(students: slice, scores: Scores) -> None:
        for kind, of_kind in scores.kinds.items():
            weight = scores.weight(kind)
            counts = of_kind.counted & (weight > 0)
            points = of_kind.points_hundredths / 100 / np.where(weight > 0, weight, 1)
            part[kind][:, students] = np.where(counts, points, np.nan)

    for_each_block(even, course, rows, keep)
    return Earnings(
        {kind: of for kind, of in part.items() if np.isfinite(of).any()},
        course.enrolled[rows] & course.has_outcome,
        course.is_adverse,
        policy.minimum_weight_share,
    )
