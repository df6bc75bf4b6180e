"""Writes many Avro records of one schema at once, from columns.

Every field becomes a matrix of bytes, one row a record and as wide as its longest value, beside
a mask of the bytes in use; all matrices side by side, cut by the mask, are the records. No Python
runs per record until they are handed out.

What a column may be, by the type of its field:

| field | column, for `count` records |
|---|---|
| int, long, date, timestamp-millis | integer array [count], or one int for all |
| double | float array [count], or one float for all |
| boolean | bool array [count], or one bool for all |
| fixed | uint8 array [count, size] |
| string | `Coded`, or one str for all |
| enum | integer array [count] of symbol positions, or one symbol for all |
| null or one of these | `Nullable`, or None for all |
| array of records | `Items`, whose columns have the shape [count, items] |
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from schemas.avro import Json, Schema, fields_of
from schemas.wire import prefix

_CHUNK_RECORDS: Final = 16_384  # keeps the matrices of a chunk within the processor's caches
_SHORT: Final = 64
_LENGTHS: Final = [bytes([2 * length]) for length in range(_SHORT)]  # zigzag, in one byte

Shape: TypeAlias = tuple[int, ...]
Bytes: TypeAlias = NDArray[np.uint8]
Mask: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Coded:
    """Strings that repeat: `values[codes[i]]` for each record."""

    codes: NDArray[np.int64]
    values: Sequence[str]


@dataclass(frozen=True, slots=True)
class Nullable:
    """A column that is null where `valid` is False."""

    valid: NDArray[np.bool_]
    column: "Column"


@dataclass(frozen=True, slots=True)
class Items:
    """An array field with the same number of items in every record."""

    columns: Mapping[str, "Column"]
    items: int


Array: TypeAlias = NDArray[np.int64] | NDArray[np.float64] | NDArray[np.bool_] | NDArray[np.uint8]
Column: TypeAlias = Array | Coded | Nullable | Items | int | float | bool | str | None


@dataclass(frozen=True, slots=True)
class _Piece:
    """Bytes of a field, [..., width]; `used` is None where every byte is."""

    data: Bytes
    used: Mask | None


class ColumnEncoder:
    """Encodes values of one schema in the wire format."""

    def __init__(self, schema: Schema, schema_id: int) -> None:
        self._fields = [(str(field["name"]), field["type"]) for field in fields_of(schema)]
        self._prefix = _constant(prefix(schema_id), (1,))

    def encode(self, columns: Mapping[str, Column], count: int) -> list[bytes]:
        """`count` values; a column is missing or too short: KeyError, ValueError."""
        out: list[bytes] = []
        for start in range(0, count, _CHUNK_RECORDS):
            rows = slice(start, min(start + _CHUNK_RECORDS, count))
            out.extend(self._chunk({n: _rows(c, rows) for n, c in columns.items()}, rows))
        return out

    def _chunk(self, columns: Mapping[str, Column], rows: slice) -> list[bytes]:
        count = rows.stop - rows.start
        pieces = [self._prefix] + [
            piece for name, kind in self._fields for piece in _encode(kind, columns[name], (count,))
        ]
        data, used = _side_by_side(pieces, (count,))
        ends = np.cumsum(used.sum(axis=1)).tolist()
        flat = data[used].tobytes()
        return [flat[a:b] for a, b in zip([0, *ends[:-1]], ends, strict=True)]


def _rows(column: Column, rows: slice) -> Column:
    match column:
        case np.ndarray():
            return column[rows]
        case Coded(codes, values):
            if len(values) <= len(codes[rows]):
                return Coded(codes[rows], values)
            used, codes = np.unique(codes[rows], return_inverse=True)
            return Coded(codes, [values[code] for code in used.tolist()])
        case Nullable(valid, inner):
            return Nullable(valid[rows], _rows(inner, rows))
        case Items(columns, items):
            return Items({name: _rows(inner, rows) for name, inner in columns.items()}, items)
        case _:
            return column


def _encode(kind: Json, column: Column, lead: Shape) -> list[_Piece]:
    """The pieces of one field; `lead` is [count] or, within an array, [count, items]."""
    ones = (1,) * len(lead)
    match kind:
        case ["null", inner] if column is None:
            return [_constant(b"\x00", ones)]
        case ["null", inner] if isinstance(column, Nullable):
            branch = _Piece((column.valid * 2).astype(np.uint8)[..., None], None)
            return [branch, *(_only(p, column.valid) for p in _encode(inner, column.column, lead))]
        case ["null", inner]:
            return [_constant(b"\x02", ones), *_encode(inner, column, lead)]
        case {"type": "array", "items": dict(item)} if isinstance(column, Items):
            return _array(item, column, lead)
        case {"type": "enum", "symbols": list(symbols)}:
            position = symbols.index(column) if isinstance(column, str) else column
            return [_integers(position, ones)]
        case {"type": "fixed"} if isinstance(column, np.ndarray):
            return [_Piece(column.astype(np.uint8, copy=False), None)]
        case {"type": "long" | "int"} | "long" | "int":
            return [_integers(column, ones)]
        case "double":
            floats = np.asarray(column, "<f8")
            shape = floats.shape or ones
            return [_Piece(np.ascontiguousarray(floats).view(np.uint8).reshape(*shape, 8), None)]
        case "boolean":
            flags = np.asarray(column, np.uint8)
            return [_Piece(flags.reshape(*(flags.shape or ones), 1), None)]
        case "string" if isinstance(column, str):
            return [_constant(_string(column), ones)]
        case "string" if isinstance(column, Coded):
            return [_coded(column)]
    raise ValueError(f"a column of {type(column).__name__} does not fit the Avro type {kind}")


def _array(item: Schema, column: Items, lead: Shape) -> list[_Piece]:
    """One block of `items` records, then the empty block that ends the array."""
    ones = (1,) * len(lead)
    if column.items == 0:
        return [_constant(b"\x00", ones)]
    inner = (*lead, column.items)
    pieces = [
        piece
        for field in fields_of(item)
        for piece in _encode(field["type"], column.columns[str(field["name"])], inner)
    ]
    data, used = _side_by_side(pieces, inner)
    block = _Piece(data.reshape(*lead, -1), used.reshape(*lead, -1))
    return [_integers(column.items, ones), block, _constant(b"\x00", ones)]


def _integers(column: object, ones: Shape) -> _Piece:
    """Zigzag varints, as wide as the largest needs."""
    values = np.asarray(column, np.int64)
    values = values.reshape(values.shape or ones)
    zigzag = ((values << 1) ^ (values >> 63)).view(np.uint64)
    largest = int(zigzag.max(initial=0))
    width = max(1, -(-largest.bit_length() // 7))
    if width == 1:
        return _Piece(zigzag.astype(np.uint8)[..., None], None)
    data = np.empty((*values.shape, width), np.uint8)
    used = np.empty((*values.shape, width), np.bool_)
    rest = zigzag
    for i in range(width):
        used[..., i] = (rest != 0) if i else True
        more = rest >= 0x80
        data[..., i] = (rest & np.uint64(0x7F)).astype(np.uint8) | (more.astype(np.uint8) << 7)
        rest = rest >> np.uint64(7)
    return _Piece(data, used)


def _coded(column: Coded) -> _Piece:
    encoded = [_string(value) for value in column.values]
    width = max(map(len, encoded), default=1)
    table = np.zeros((len(encoded), width), np.uint8)
    lengths = np.array([len(text) for text in encoded], np.int64)
    is_used = np.arange(width) < lengths[:, None]
    table[is_used] = np.frombuffer(b"".join(encoded), np.uint8)
    return _Piece(table[column.codes], is_used[column.codes])


def _string(text: str) -> bytes:
    body = text.encode()
    if len(body) < _SHORT:
        return _LENGTHS[len(body)] + body
    rest = len(body) << 1  # zigzag of a length
    length = bytearray()
    while rest > 0x7F:
        length.append(rest & 0x7F | 0x80)
        rest >>= 7
    length.append(rest)
    return bytes(length) + body


def _constant(text: bytes, ones: Shape) -> _Piece:
    return _Piece(np.frombuffer(text, np.uint8).reshape(*ones, -1), None)


def _only(piece: _Piece, valid: Mask) -> _Piece:
    """The piece where `valid`, nothing elsewhere."""
    used = valid[..., None] if piece.used is None else piece.used & valid[..., None]
    return _Piece(piece.data, used)


def _side_by_side(pieces: Sequence[_Piece], lead: Shape) -> tuple[Bytes, Mask]:
    width = sum(piece.data.shape[-1] for piece in pieces)
    data = np.empty((*lead, width), np.uint8)
    used = np.ones((*lead, width), np.bool_)
    at = 0
    for piece in pieces:
        columns = slice(at, at + piece.data.shape[-1])
        data[..., columns] = piece.data
        if piece.used is not None:
            used[..., columns] = piece.used
        at = columns.stop
    return data, used
