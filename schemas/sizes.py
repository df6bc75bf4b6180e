"""How many bytes values take in canonical Avro: shortest varints, arrays as one block."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from schemas.avro import Json, Schema, fields_of

Sizes: TypeAlias = NDArray[np.int64] | int
"""One size a value, or one that all of them share."""


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


def counted_sizes(lengths: NDArray[np.int64]) -> Sizes:
    """Bytes of strings or bytes of these lengths, each behind its length."""
    return varint_sizes(lengths) + lengths


def smallest_record(record: Schema) -> int:
    """The fewest bytes a record of the schema can take."""
    return sum(_smallest(field["type"]) for field in fields_of(record))


def _varint_size(value: int) -> int:
    zigzag = (value << 1) ^ (value >> 63)
    return max(1, -(-zigzag.bit_length() // 7))


def _smallest(kind: Json) -> int:
    match kind:
        case {"type": "fixed", "size": int(size)}:
            return size
        case dict() as record if record["type"] == "record":
            return smallest_record(record)
        case "double" | {"type": "double"}:
            return 8
    return 1
