"""Sums over windows, of a matrix of days times students."""

from typing import Any, Final

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
    if len(start) > _FEW_WINDOWS:
        return _by_sums(cells, counted, start, stop, distinct)
    first, last = int(start.min(initial=len(cells))), int(stop.max(initial=0))
    return _day_by_day(
        cells[first:last], counted[first:last], start - first, stop - first, distinct
    )


def _day_by_day(
    cells: _Cells,
    counted: NDArray[np.bool_],
    start: _Integers,
    stop: _Integers,
    distinct: bool,
) -> _Integers:
    """Each window by itself; `cells` hold the days that any of them reaches."""
    sums = np.dtype(np.uint64)
    if distinct:
        cells = (cells > 0).view(np.uint8)
        sums = _room_for(len(cells))
    if start.shape[1] == 1:
        return _alike(cells, counted[:, 0], start[:, 0], stop[:, 0], sums)
    telling = cells * counted
    rows = np.arange(len(cells), dtype=np.int32)[:, np.newaxis]
    amount = np.empty((len(start), cells.shape[1]), np.int64)
    for window, (begin, end) in enumerate(zip(start.astype(np.int32), stop[:, 0], strict=True)):
        inside = telling[:end] * (rows[:end] >= begin)
        amount[window] = np.add.reduce(inside, axis=0, dtype=sums)
    return amount


def _alike(
    cells: _Cells,
    counted: NDArray[np.bool_],
    start: _Integers,
    stop: _Integers,
    sums: np.dtype[Any],
) -> _Integers:
    """Windows that are the same for all: [W], and the counted days [R]."""
    amount = np.empty((len(start), cells.shape[1]), np.int64)
    for window, (begin, end) in enumerate(zip(start, stop, strict=True)):
        days = cells[begin:end]
        telling = counted[begin:end]
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
    before = np.zeros((days + 1, students), _room_for(days) if distinct else np.int64)
    np.cumsum(telling, axis=0, dtype=before.dtype, out=before[1:])
    through = before[stop[:, 0]]
    if start.shape[1] == 1:
        through -= before[start[:, 0]]
    else:
        through -= before.ravel().take(start * students + np.arange(students))
    return through.astype(np.int64, copy=False)


def _room_for(days: int) -> np.dtype[Any]:
    """Give the smallest type that holds a number of days: sums of few bits are cheap (measured)."""
    return np.min_scalar_type(days)
