"""What transparency costs: a gradient-boosted model on the same counts and due dates.

Each course is told by a model that has seen other courses only, and none of its own students in
them. Of many courses, some are kept back at a time; a history of one course is parted by students.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backtest.course import Course
from backtest.features import features, kinds_of
from schemas.errors import SettingsError

_Floats = NDArray[np.float64]

_MOST_PARTS: Final = 5
_MOST_ROWS: Final = 40_000
"""Student-weeks that a model learns from, about: with more it costs time and gains little."""
_FIRST_WEEK: Final = 3  # before, there is little to learn from
_SEED: Final = 5
_ITERATIONS, _RATE, _LEAVES, _LEAF_SIZE, _SHRINKAGE = 60, 0.05, 8, 40, 1.0
"""Cautious, as for few students: chosen once, not tuned on what is reported."""
NEEDED: Final = (
    "the learned model needs scikit-learn: install leap with its extra, pip install"
    ' "leap[backtest]", or leave it out with --no-model'
)


def risks(courses: Sequence[Course]) -> list[_Floats]:
    """Give each student's risk at the end of each week, [weeks, S]; NaN where no model tells.

    Raises SettingsError without the extra `backtest`.
    """
    if find_spec("sklearn") is None:
        raise SettingsError(NEEDED)
    kinds = kinds_of(courses)
    told = [np.full((course.weeks, course.size), np.nan) for course in courses]
    found = [features(course, kinds) for course in courses]
    directions = [feature.direction for feature in found[0]]
    tables = [np.stack([feature.values for feature in of], axis=2) for of in found]
    del found
    for kept_back in _parts(courses):
        rows, adverse = _lessons(courses, tables, kept_back)
        if not 0 < adverse.sum() < len(adverse):
            continue  # nothing to tell apart
        model = _Model(rows, adverse, directions)
        for place, chosen in enumerate(kept_back):
            if chosen.any():
                for week, table in enumerate(tables[place]):
                    told[place][week, chosen] = model.risk(table[chosen])
    return told


def _parts(courses: Sequence[Course]) -> list[list[NDArray[np.bool_]]]:
    """Give who is kept back at a time: for each part, which students of each course."""
    number = min(len(courses), _MOST_PARTS)
    if number == 1:
        part = np.random.default_rng(_SEED).permutation(courses[0].size) % _MOST_PARTS
        return [[part == one] for one in range(_MOST_PARTS)]
    return [
        [np.full(course.size, place % number == one) for place, course in enumerate(courses)]
        for one in range(number)
    ]


def _lessons(
    courses: Sequence[Course],
    tables: Sequence[NDArray[np.float32]],
    kept_back: Sequence[NDArray[np.bool_]],
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    told = {
        name
        for course, chosen in zip(courses, kept_back, strict=True)
        for name, is_kept in zip(course.students, chosen.tolist(), strict=True)
        if is_kept
    }
    places = [
        np.argwhere(
            np.array([name not in told for name in course.students], np.bool_)
            & course.has_outcome
            & np.stack([course.registered(week) for week in range(1, course.weeks + 1)])
        )
        for course in courses
    ]
    places = [of[of[:, 0] >= _FIRST_WEEK - 1] for of in places]
    share = min(1.0, _MOST_ROWS / max(sum(len(of) for of in places), 1))
    random = np.random.default_rng(_SEED)
    rows, adverse = [np.zeros((0, tables[0].shape[2]), np.float32)], [np.zeros(0, np.bool_)]
    for course, table, of in zip(courses, tables, places, strict=True):
        # Before anything is copied: of many students the tables take hundreds of megabytes.
        week, student = of[random.random(len(of)) < share].T
        rows.append(table[week, student])
        adverse.append(course.is_adverse[student])
    return np.concatenate(rows), np.concatenate(adverse)


class _Model:
    """Boosted trees whose risk never grows with activity."""

    def __init__(
        self, rows: NDArray[np.float32], adverse: NDArray[np.bool_], directions: Sequence[int]
    ) -> None:
        from sklearn.ensemble import HistGradientBoostingClassifier

        # A column without two values tells nothing, and scikit-learn cannot bin it.
        self._varied = np.array(
            [len(np.unique(column[np.isfinite(column)])) > 1 for column in rows.T], np.bool_
        )
        self._model = HistGradientBoostingClassifier(
            max_iter=_ITERATIONS,
            learning_rate=_RATE,
            max_leaf_nodes=_LEAVES,
            min_samples_leaf=_LEAF_SIZE,
            l2_regularization=_SHRINKAGE,
            monotonic_cst=np.array(directions)[self._varied],
            early_stopping=False,
            random_state=_SEED,
        )
        self._model.fit(rows[:, self._varied], adverse)

    def risk(self, rows: NDArray[np.float32]) -> _Floats:
        """Give the probability of failing or withdrawing, [n]."""
        told: _Floats = self._model.predict_proba(rows[:, self._varied])[:, 1]
        return told
