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
    stop = evaluations.stop
    start = np.minimum(windows.start, stop)  # a window may lie beyond what is looked at
    counted = windows.schedule.counted
    if start.shape[1] == 1 and start.shape[0] <= _FEW_WINDOWS:
        return _by_window(counts, measure, counted[:, 0], start[:, 0], stop[:, 0])
    looked_at = counts if measure is Measure.EVENTS else counts > 0
    if not counted.all():
        looked_at = looked_at * counted
    days, students = counts.shape
    before = np.zeros((days + 1, students), np.int64)
    np.cumsum(looked_at, axis=0, out=before[1:])
    if start.shape[1] == 1:
        return before[stop[:, 0]] - before[start[:, 0]]
    column = np.arange(students)
    return before[stop[:, 0]] - before.ravel().take(start * students + column)
