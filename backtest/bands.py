"""How students spread over the bands, what the bands mean, and how often they change."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backtest.course import DAYS_A_WEEK, row_of_week
from backtest.estimates import ratio
from backtest.sample import Replayed
from schemas.types import Band
from scoring.scores import BANDS

_Floats = NDArray[np.float64]
_Cells = NDArray[np.bool_]

SCORED_BANDS: Final = tuple(band for band in BANDS if band is not Band.NONE)


def shares(
    history: Sequence[Replayed], week: int, members: Sequence[_Cells] | None = None
) -> Mapping[Band, _Floats]:
    """Give the share of registered students with a score in each band, [1 + B]."""
    inside = dict.fromkeys(SCORED_BANDS, np.zeros(1))
    everybody = np.zeros(1)
    for place, one in enumerate(history):
        if week > one.course.weeks:
            continue
        codes = one.closings.band[row_of_week(week)]
        some = np.ones(one.course.size, np.bool_) if members is None else members[place]
        for band in SCORED_BANDS:
            inside[band] = inside[band] + one.drawn @ (some & (codes == BANDS.index(band)))
        everybody = everybody + one.drawn @ (some & (codes > BANDS.index(Band.NONE)))
    return {band: ratio(number, everybody) for band, number in inside.items()}


def adverse_by_band(history: Sequence[Replayed], weeks: Sequence[int]) -> Mapping[Band, float]:
    """Give by band the share that failed or withdrew, of students at the end of these weeks."""
    ended = {band: [0, 0] for band in SCORED_BANDS}
    for one in history:
        for week in weeks:
            who = one.compared(week)
            for band in SCORED_BANDS if who.any() else ():
                inside = who & (one.closings.band[row_of_week(week)] == BANDS.index(band))
                ended[band][0] += int((inside & one.course.is_adverse).sum())
                ended[band][1] += int(inside.sum())
    return {band: of / all_ if all_ else float("nan") for band, (of, all_) in ended.items()}


def changes(history: Sequence[Replayed], members: Sequence[_Cells] | None = None) -> _Floats:
    """Give the band changes a student and week, from closing to closing, [1 + B]."""
    changed, days = np.zeros(1), np.zeros(1)
    for place, one in enumerate(history):
        band, is_scored = one.closings.band, one.closings.is_scored
        both = is_scored[1:] & is_scored[:-1]
        some = np.ones(one.course.size, np.bool_) if members is None else members[place]
        of_student = (both & (band[1:] != band[:-1])).sum(axis=0) * some
        changed = changed + one.drawn @ of_student
        days = days + one.drawn @ (both.sum(axis=0) * some)
    return ratio(changed * DAYS_A_WEEK, days)
