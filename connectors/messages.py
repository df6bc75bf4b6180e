"""What is hashed: many tuples of numbers and texts at once, each encoded so that no two are alike.

A whole number is "i" and 8 bytes, big-endian, two's complement. A text is "s", its length in 4
bytes, big-endian, and its UTF-8. Each part says where it ends, so the encoding of a tuple is the
encoding of no other; and it is the same whether a part is given as a column or as one value for
all.
"""

import struct
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from schemas.columns import Coded

_NUMBER: Final = struct.Struct(">cq")
_TEXT: Final = struct.Struct(">cI")
_AT_ONCE: Final = 16_384  # tuples: as wide as the longest of them, they have to fit in memory

KeyPart: TypeAlias = NDArray[np.int64] | Coded | str | int
"""One part of `count` tuples: a column of `count`, or one value for all."""

_Table: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.int64]]
"""The encodings of a part, [count or 1, widest], and the length of each."""


def messages(parts: Sequence[KeyPart], count: int) -> list[bytes]:
    """The encodings of `count` tuples of at least one part."""
    found: list[bytes] = []
    for start in range(0, count, _AT_ONCE):
        rows = slice(start, min(start + _AT_ONCE, count))
        found += _messages([_rows(part, rows) for part in parts], rows.stop - rows.start)
    return found


def _rows(part: KeyPart, rows: slice) -> KeyPart:
    match part:
        case Coded(codes, values):
            return Coded(codes[rows], values)
        case str() | int():
            return part
    return part[rows]


def _messages(parts: Sequence[KeyPart], count: int) -> list[bytes]:
    tables = [_table(part) for part in parts]
    width = sum(data.shape[1] for data, _ in tables)
    joined = np.empty((count, width), np.uint8)
    at = 0
    for data, _ in tables:
        joined[:, at : at + data.shape[1]] = data
        at += data.shape[1]
    if all((lengths == data.shape[1]).all() for data, lengths in tables):
        flat = joined.tobytes()
        return [flat[at : at + width] for at in range(0, len(flat), width)]
    used = np.concatenate(
        [
            np.broadcast_to(np.arange(data.shape[1]) < lengths[:, None], (count, data.shape[1]))
            for data, lengths in tables
        ],
        axis=1,
    )
    flat = joined[used].tobytes()
    ends = np.cumsum(used.sum(axis=1)).tolist()
    return [flat[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _table(part: KeyPart) -> _Table:
    match part:
        case Coded(codes, values):
            present, code = np.unique(codes, return_inverse=True)
            data, lengths = _texts([values[i] for i in present.tolist()])
            return data[code], lengths[code]
        case str():
            return _texts([part])
        case int():
            encoded = np.frombuffer(_NUMBER.pack(b"i", part), np.uint8)[None]
        case _:
            encoded = np.empty((len(part), _NUMBER.size), np.uint8)
            encoded[:, 0] = ord("i")
            encoded[:, 1:] = part.astype(">i8").view(np.uint8).reshape(-1, 8)
    return encoded, np.full(1, _NUMBER.size)


def _texts(values: Sequence[str]) -> _Table:
    encoded = [_TEXT.pack(b"s", len(body)) + body for body in map(str.encode, values)]
    lengths = np.array([len(text) for text in encoded], np.int64)
    data = np.zeros((len(encoded), lengths.max(initial=0)), np.uint8)
    data[np.arange(data.shape[1]) < lengths[:, None]] = np.frombuffer(b"".join(encoded), np.uint8)
    return data, lengths
