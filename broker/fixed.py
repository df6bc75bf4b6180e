"""Binary columns whose values all have one length, as matrices of bytes."""

import numpy as np
import polars as pl
from numpy.typing import NDArray


def fixed_bytes(column: pl.Series, size: int) -> NDArray[np.uint8] | None:
    """The values as [rows, size]; None when one is null or has another length."""
    if column.null_count():
        return None
    array = column.to_arrow()  # large_binary: validity, 64-bit offsets, data
    _, offsets_buffer, data_buffer = array.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int64)[array.offset :][: len(array) + 1]
    if (np.diff(offsets) != size).any():
        return None
    if not len(array):
        return np.zeros((0, size), np.uint8)
    data = np.frombuffer(data_buffer, np.uint8)[offsets[0] : offsets[-1]]
    return data.reshape(-1, size)
