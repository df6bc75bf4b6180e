"""Spans of days of some students, as the cells that they cover."""

import numpy as np
from numpy.typing import NDArray

from streams.expected import spread
from streams.students import Rows

Integers = NDArray[np.int64]
Bits = NDArray[np.bool_]


def columns_among(rows: Rows, wanted: Rows) -> tuple[Integers, Bits]:
    """The place of each of `wanted` among `rows`, which ascend; and whether it is there.

    Where it is not, the place is meaningless.
    """
    columns = np.minimum(np.searchsorted(rows, wanted), max(len(rows) - 1, 0))
    if not len(rows):
        return columns, np.zeros(len(wanted), np.bool_)
    is_there: Bits = rows[columns] == wanted
    return columns, is_there


def cells_of(
    first: Integers, last: Integers, columns: Integers, days: Integers, students: int
) -> Bits:
    """Where spans, [n] each, that all touch `days` lie among these: [T, students]."""
    start = np.maximum(first - days[0], 0)
    number = np.minimum(last - days[0], len(days) - 1) + 1 - start
    which, at = spread(start, number)
    cells = np.zeros((len(days), students), np.bool_)
    cells[at, columns[which]] = True
    return cells
