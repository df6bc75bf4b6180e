"""Sums over windows, of a matrix of days times students."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_FEW_WINDOWS: Final = 8
"""Up to here a pass over each window's own days is cheaper than sums over all days (measured)."""

_Integers = NDArray[np.int64]
_Cells = NDArray[np.unsignedinteger]


def tally(
    cells: _Cells,
    counted: NDArray[np.bool_],
    start: _Integers,
    stop: _Integers,
    *,
    distinct: bool = False,
) -> _Integers:
    """Add up `cells`, [R, K], over the counted days from `start` to before `stop`: gives [W, K].

    `counted` is [R, C] and `start` [W, C], where C is 1 or K; `stop` is [W, 1]. A window that
    begins at its end or later holds nothing. `distinct` counts the days with any instead.
    """
    start = np.minimum(start, stop)
    if start.shape[1] == 1 and len(start) <= _FEW_WINDOWS:
        return _day_by_day(cells, counted, start, stop, distinct)
    return _by_sums(cells, counted, start, stop, distinct)


def _day_by_day(
    cells: _Cells,
    counted: NDArray[np.bool_],
    start: _Integers,
    stop: _Integers,
    distinct: bool,
) -> _Integers:
    amount = np.empty((len(start), cells.shape[1]), np.int64)
    first, last = int(start.min()), int(stop.max())
    reached = cells[first:last]
    if distinct:  # once for all windows; at most 366 days, so 16 bits hold their number
        reached = (reached > 0).view(np.uint8)
    sums = np.uint16 if distinct else np.uint64
    for window, (begin, end) in enumerate(zip(start[:, 0], stop[:, 0], strict=True)):
        days = reached[begin - first : end - first]
        telling = counted[begin:end, 0]
        if not telling.all():
            days = days[telling]
        amount[window] = np.add.reduce(days, axis=0, dtype=sums)
    return amount


def _by_sums(
    cells: _Cells,
    counted: NDArray[np.bool_],
    start: _Integers,
    stop: _Integers,
    distinct: bool,
) -> _Integers:
    telling = (cells > 0 if distinct else cells) * counted
    days, students = cells.shape
    before = np.zeros((days + 1, students), np.int64)
    np.cumsum(telling, axis=0, out=before[1:])
    through: _Integers = before[stop[:, 0]]
    if start.shape[1] == 1:
        through -= before[start[:, 0]]
    else:
        through -= before.ravel().take(start * students + np.arange(students))
    return through
