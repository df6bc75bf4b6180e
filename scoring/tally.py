"""The measure of a kind over windows: events, or distinct days with any."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from scoring.evaluations import Evaluations
from scoring.policy import Measure
from scoring.windows import Windows

_FEW_WINDOWS: Final = 8
"""Up to here a pass over each window's own days is cheaper than sums over all days (measured)."""


def tally(
    counts: NDArray[np.uint32],
    measure: Measure,
    windows: Windows,
    evaluations: Evaluations,
) -> NDArray[np.int64]:
    """Measure the windows over `counts`, [R, K], of the schedule's students: gives [2E, K]."""
    # A window may begin after the last day that is looked at; then it holds nothing.
    start = np.minimum(windows.start, evaluations.stop)
    counted = windows.schedule.counted
    if start.shape[1] == 1 and len(start) <= _FEW_WINDOWS:
        return _day_by_day(counts, measure, counted, start, evaluations.stop)
    return _by_sums(counts, measure, counted, start, evaluations.stop)


def _day_by_day(
    counts: NDArray[np.uint32],
    measure: Measure,
    counted: NDArray[np.bool_],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
) -> NDArray[np.int64]:
    amount = np.empty((len(start), counts.shape[1]), np.int64)
    for window, (first, last) in enumerate(zip(start[:, 0], stop[:, 0], strict=True)):
        days = counts[first:last]
        telling = counted[first:last, 0]
        if not telling.all():
            days = days[telling]
        if measure is Measure.EVENTS:
            np.sum(days, axis=0, dtype=np.int64, out=amount[window])
        else:
            amount[window] = np.count_nonzero(days, axis=0)
    return amount


def _by_sums(
    counts: NDArray[np.uint32],
    measure: Measure,
    counted: NDArray[np.bool_],
    start: NDArray[np.int64],
    stop: NDArray[np.int64],
) -> NDArray[np.int64]:
    events = measure is Measure.EVENTS
    telling = (counts if events else counts > 0) * counted
    days, students = counts.shape
    before = np.zeros((days + 1, students), np.int64)
    np.cumsum(telling, axis=0, out=before[1:])
    through: NDArray[np.int64] = before[stop[:, 0]]
    if start.shape[1] == 1:
        through -= before[start[:, 0]]
    else:
        through -= before.ravel().take(start * students + np.arange(students))
    return through
