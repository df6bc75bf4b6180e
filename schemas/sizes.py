"""How many bytes a record takes in canonical Avro, computed from its decoded columns.

Canonical: shortest varints, arrays as one block. A frame whose sizes do not add up this way was
not written by an ordinary encoder, and its bytes are not trusted (see `broker.blocks`).
"""

from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.avro import Json, Schema, fields_of

Sizes: TypeAlias = NDArray[np.int64] | int
"""One size a record, or one that all of them share."""


def varint_sizes(values: NDArray[np.int64]) -> Sizes:
    """Bytes of each value as a zigzag varint.

    Most columns hold values of one size; only those between two sizes are looked at one by one.
    """
    if len(values) == 0:
        return 0
    low, high = int(values.min()), int(values.max())
    smallest, largest = sorted((_varint_size(low), _varint_size(high)))
    if low < 0:
        smallest = 1  # sizes grow with the distance from zero, on both sides
    if smallest == largest:
        return largest
    zigzag = ((values << 1) ^ (values >> 63)).view(np.uint64)
    sizes = np.full(len(values), smallest, np.int64)
    for size in range(smallest, largest):
        sizes += zigzag >= np.uint64(1 << 7 * size)
    return sizes


def _varint_size(value: int) -> int:
    zigzag = (value << 1) ^ (value >> 63)
    return max(1, -(-zigzag.bit_length() // 7))


def record_sizes(record: Schema, frame: pl.DataFrame) -> Sizes:
    """Bytes of each row as a record of the physical schema."""
    total: Sizes = 0
    for field in fields_of(record):
        total = total + _sizes(field["type"], frame[str(field["name"])])
    return total


def smallest_record(record: Schema) -> int:
    """The fewest bytes a record of the physical schema can take."""
    return sum(_smallest(field["type"]) for field in fields_of(record))


def _sizes(kind: Json, column: pl.Series) -> Sizes:
    match kind:
        case ["null", inner]:
            if column.null_count() == len(column):
                return 1
            if column.null_count() == 0:
                return 1 + _sizes(inner, column)
            valid = column.is_not_null().to_numpy()
            return 1 + np.where(valid, _sizes(inner, _filled(column)), 0)
        case "int" | "long":
            return varint_sizes(column.cast(pl.Int64).to_numpy())
        case "string":
            return _counted(column.str.len_bytes())
        case "bytes":
            return _counted(column.bin.size())
        case {"type": "array", "items": items}:
            return _array(items, column)
        case dict() as record if record["type"] == "record":
            return record_sizes(record, column.struct.unnest())
    return _smallest(kind)


def _counted(lengths: pl.Series) -> Sizes:
    count = lengths.cast(pl.Int64).to_numpy()
    return varint_sizes(count) + count


def _array(items: Json, column: pl.Series) -> Sizes:
    counts = column.list.len().cast(pl.Int64).to_numpy()
    flat = column.filter(column.list.len() > 0).explode()
    ends = np.cumsum(counts)
    sizes = np.broadcast_to(_sizes(items, flat), len(flat))
    total = np.concatenate([[0], np.cumsum(sizes)])
    body: NDArray[np.int64] = total[ends] - total[ends - counts]
    return body + 1 + np.where(counts > 0, varint_sizes(counts), 0)


def _filled(column: pl.Series) -> pl.Series:
    """The column with something of its type in place of each null."""
    return column.fill_null(strategy="forward").fill_null(strategy="backward")


def _smallest(kind: Json) -> int:
    match kind:
        case {"type": "fixed", "size": int(size)}:
            return size
        case dict() as record if record["type"] == "record":
            return smallest_record(record)
        case "double":
            return 8
    return 1
