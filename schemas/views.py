"""Looks into columns of strings and bytes where they lie, without an expression of polars.

In Arrow's view layout a value is 16 bytes: its length as an int32, then the value itself where it
has up to 12 bytes, else its first four and where the rest lies. A slice of a log has a dozen such
columns; an expression for each costs more than decoding a small slice.
"""

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

_VIEW_BYTES: Final = 16
_LENGTH_BYTES: Final = 4
_INLINE_BYTES: Final = _VIEW_BYTES - _LENGTH_BYTES
_NEWEST: Final = pl.CompatLevel.newest()  # views; the oldest copies them into one buffer

Bits = NDArray[np.bool_]


def byte_lengths(column: pl.Series) -> NDArray[np.int64]:
    """The bytes of each string or binary value; meaningless where it is null."""
    return _views(column).view(np.int32)[:, 0].astype(np.int64)


def is_valid(column: pl.Series) -> Bits:
    """Which values are not null."""
    array = column.to_arrow(compat_level=_NEWEST)
    bitmap = array.buffers()[0]
    if bitmap is None:
        return np.ones(len(column), np.bool_)
    bits = np.unpackbits(np.frombuffer(bitmap, np.uint8), bitorder="little")
    return bits[array.offset :][: len(column)].view(np.bool_)


def fixed_bytes(column: pl.Series, size: int) -> NDArray[np.uint8] | None:
    """The values as [rows, size]; None when one is null or has another length."""
    if column.null_count():
        return None
    if not len(column):
        return np.zeros((0, size), np.uint8)
    views = _views(column)
    if (views.view(np.int32)[:, 0] != size).any():
        return None
    if size <= _INLINE_BYTES:
        return views[:, _LENGTH_BYTES : _LENGTH_BYTES + size]
    array = column.to_arrow()  # large_binary: validity, 64-bit offsets, data
    _, offsets_buffer, data_buffer = array.buffers()
    start = int(np.frombuffer(offsets_buffer, np.int64)[array.offset])
    data = np.frombuffer(data_buffer, np.uint8)[start : start + len(array) * size]
    return data.reshape(-1, size)


def _views(column: pl.Series) -> NDArray[np.uint8]:
    array = column.to_arrow(compat_level=_NEWEST)
    views = np.frombuffer(array.buffers()[1], np.uint8).reshape(-1, _VIEW_BYTES)
    return views[array.offset :][: len(array)]
