"""Who is compared at the end of a week: registered, with a score and a known outcome."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backtest.course import Course, row_of_week
from backtest.estimates import ratio
from backtest.ordering import concordant, spearman
from backtest.replay import Closings

_Floats = NDArray[np.float64]
_Cells = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Replayed:
    """A course, its closings, the risks that a learned model gives, and the draws of students."""

    course: Course
    closings: Closings
    risk: _Floats | None
    """[weeks, S]; NaN where the model tells nothing; None without a model."""
    drawn: _Floats
    """[1 + B, S]"""

    def compared(self, week: int) -> _Cells:
        """Who is compared at the end of a week, [S]; nobody after the last week."""
        if week > self.course.weeks:
            return np.zeros(self.course.size, np.bool_)
        row = row_of_week(week)
        who: _Cells = self.course.has_outcome & self.closings.is_scored[row]
        who = who & self.course.enrolled[row]
        if self.risk is not None:
            who = who & np.isfinite(self.risk[week - 1])
        return who


Measure = Callable[[Replayed, int], NDArray[np.generic]]
"""What is to order the students at the end of a week, [S]; the lowest have the highest risk."""


def by_score(replayed: Replayed, week: int) -> NDArray[np.generic]:
    """Order by score."""
    scores: NDArray[np.int16] = replayed.closings.score[row_of_week(week)]
    return scores


def by_band(replayed: Replayed, week: int) -> NDArray[np.generic]:
    """Order by band alone."""
    bands: NDArray[np.uint8] = replayed.closings.band[row_of_week(week)]
    return bands


def by_model(replayed: Replayed, week: int) -> NDArray[np.generic]:
    """Order by what the learned model says."""
    if replayed.risk is None:
        raise ValueError("there is no learned model")
    risks: _Floats = replayed.risk[week - 1]
    return -risks


def auc(
    history: Sequence[Replayed],
    week: int,
    measure: Measure,
    members: Sequence[_Cells] | None = None,
) -> _Floats:
    """Give the AUC within courses at the end of a week, [1 + B]; of some members only."""
    right, pairs = np.zeros(1), np.zeros(1)
    for place, one in enumerate(history):
        who = one.compared(week)
        if members is not None:
            who = who & members[place]
        if who.any():
            found = concordant(
                measure(one, week)[who], one.course.is_adverse[who], one.drawn[:, who]
            )
            right, pairs = right + found[0], pairs + found[1]
    return ratio(right, pairs)


def mean_auc(
    history: Sequence[Replayed],
    weeks: Sequence[int],
    measure: Measure,
    members: Sequence[_Cells] | None = None,
) -> _Floats:
    """Give the mean over weeks, [1 + B]; a week without pairs takes no part."""
    rows = [auc(history, week, measure, members) for week in weeks]
    told = [row for row in rows if np.isfinite(row[0])]
    mean: _Floats = np.mean(told, axis=0) if told else np.full(1, np.nan)
    return mean


def mean_spearman(history: Sequence[Replayed], week: int) -> float:
    """Give the rank correlation of score and outcome within courses, weighed by students."""
    figures, weights = [], []
    for one in history:
        who = one.compared(week)
        if who.any():
            found = spearman(by_score(one, week)[who], one.course.outcome[who])
            if np.isfinite(found):
                figures.append(found)
                weights.append(int(who.sum()))
    return float(np.average(figures, weights=weights)) if figures else float("nan")
