"""Which cohorts may be published, so that nobody can be identified.

Whoever knows a mean and a number of students knows a sum, and sums can be added and subtracted. So
a cohort that is left out for being small may still be told from the others: the programme less the
levels that are published. Such a cohort is a combination of the published ones, as a vector of who
is in it; that, and not only what tables have as totals, is what is looked for here
("complementary suppression").
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

FLOOR: Final = 10
"""Students below which a cohort is not published."""
ROUNDED_TO: Final = 5
"""Numbers of students are published to the nearest multiple of this."""
_SAME: Final = 1e-7  # of vectors of zeros and ones: far above rounding errors, far below 1


def rounded(students: int) -> int:
    """Give a number of students as it is published: halves go up."""
    return (2 * students + ROUNDED_TO) // (2 * ROUNDED_TO) * ROUNDED_TO


def publishable(members: NDArray[np.bool_], floor: int = FLOOR) -> NDArray[np.bool_]:
    """Give which of V cohorts may be published, [V]; `members` says who is in them, [V, S].

    Of what is published, no sum and difference gives a cohort that is not, nor any smaller group
    than `floor` of students who are in the same cohorts, nor what a published cohort has more than
    another one inside it if that is fewer than `floor`.
    """
    size = members.astype(np.int64) @ np.ones(members.shape[1], np.int64)
    published: NDArray[np.bool_] = np.greater_equal(size, floor)
    if not published.any():
        return published
    # Students who are in the same cohorts are alike: one column, and how many they are.
    alike, number = np.unique(members, axis=1, return_counts=True)
    while published.any():
        telling = _telling(alike, number, published, size, floor)
        if not telling.any():
            break
        # The smallest of those that tell: least is lost with it.
        candidates = np.flatnonzero(telling)
        published[candidates[np.argmin(size[candidates])]] = False
    return published


def _telling(
    alike: NDArray[np.bool_],
    number: NDArray[np.int64],
    published: NDArray[np.bool_],
    size: NDArray[np.int64],
    floor: int,
) -> NDArray[np.bool_]:
    """Give the published cohorts that take part in telling what must not be known, [V]."""
    rows = np.flatnonzero(published)
    known = alike[rows].astype(np.float64)
    inverse = np.linalg.pinv(known, rcond=_SAME)
    telling = np.zeros(len(published), np.bool_)
    # hidden = combination @ known, as nearly as can be; the same of each small group of students
    # alike, whose vector has a single one, so that its part of the projection says it all.
    hidden = alike[~published & (size > 0)].astype(np.float64)
    combination = hidden @ inverse
    is_told = np.abs(combination @ known - hidden).max(axis=1, initial=0) < _SAME
    is_group_told = (number < floor) & (np.einsum("gv,vg->g", inverse, known) > 1 - _SAME)
    taking_part = np.concatenate((combination[is_told], inverse[is_group_told]))
    telling[rows] = (np.abs(taking_part) > _SAME).any(axis=0)
    inside = _nested(alike[rows], number, size[rows], floor)
    telling[rows] |= inside
    return telling


def _nested(
    members: NDArray[np.bool_], number: NDArray[np.int64], size: NDArray[np.int64], floor: int
) -> NDArray[np.bool_]:
    """Give the cohorts that lie inside another one with few more students, [V]."""
    common = (members * number) @ members.T.astype(np.int64)
    more = size[np.newaxis, :] - size[:, np.newaxis]  # of the second, beyond the first
    is_inside = common == size[:, np.newaxis]
    found: NDArray[np.bool_] = (is_inside & (more > 0) & (more < floor)).any(axis=1)
    return found
