"""Whether decoded columns are what an ordinary encoder would have made of exactly these values.

Decoders take more than Avro allows: a varint longer than it has to be, any branch but the first as
the value of a nullable field, an int of 64 bits, a boolean of any byte, a position that no symbol
has. A record is believed to be the bytes it was decoded from only when it is *canonical*: what its
columns would take in shortest form are the bytes that were there. Columns are decoded in the *wide*
form of their schema (`schemas.physical`), where ints, booleans and positions are longs, so that
nothing is cut off before it is looked at.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.avro import Json, Schema, fields_of
from schemas.physical import FALSE, TRUE
from schemas.sizes import Sizes, counted_sizes, varint_sizes
from schemas.views import byte_lengths, is_valid

Indices: TypeAlias = NDArray[np.int64]

_INTS: Final = (-(2**31), 2**31 - 1)
_COUNTED: Final = ("string", "bytes")
_VALUE_BRANCH: Final = 2  # the second branch, as a zigzag varint


@dataclass(frozen=True, slots=True)
class Branches:
    """The bytes that say that nullable fields are not null."""

    records: Indices | None  # the record each lies in; None: one in every record
    at: Sizes  # from the beginning of the record


@dataclass(frozen=True, slots=True)
class Measured:
    """What records take in canonical form."""

    sizes: Sizes  # bytes of each
    unsound: Mapping[str, Indices]  # by field: the records whose value is none of its type
    branches: Sequence[Branches]

    def names_branches(self, data: NDArray[np.uint8], starts: Indices) -> bool:
        """Whether nullable fields that have a value say so in Avro's way.

        `starts`: where in `data` each record begins; it has to take what was measured.
        """
        for branch in self.branches:
            begins = starts if branch.records is None else starts[branch.records]
            if (data[begins + branch.at] != _VALUE_BRANCH).any():
                return False
        return True


def measure(schema: Schema, frame: pl.DataFrame) -> Measured:
    """The rows of a frame in wide form, as records of the schema."""
    walk = _Walk()
    sizes = walk.record(schema, {name: frame[name] for name in frame.columns}, 0)
    return Measured(sizes, walk.unsound, walk.branches)


@dataclass(slots=True)
class _Walk:
    """Visits all values of some records; `at` is where in its record a value begins."""

    branches: list[Branches] = field(default_factory=list)
    unsound: dict[str, Indices] = field(default_factory=dict)

    def record(self, schema: Schema, columns: Mapping[str, pl.Series], at: Sizes) -> Sizes:
        total: Sizes = 0
        for one in fields_of(schema):
            name = str(one["name"])
            total = total + self._value(name, one["type"], columns[name], at + total)
        return total

    def _value(self, name: str, kind: Json, column: pl.Series, at: Sizes) -> Sizes:
        match kind:
            case ["null", inner]:
                return self._nullable(name, inner, column, at)
            case {"type": "array", "items": dict(items)}:
                return self._array(items, column, at)
            case dict() as record if record["type"] == "record":
                return self.record(record, _parts(column), at)
            case {"type": "enum", "symbols": list(symbols)}:
                return self._integers(name, column, 0, len(symbols) - 1)
            case {"type": "fixed", "size": int(size)}:
                return size
            case {"type": str(primitive)} | str(primitive):
                return self._primitive(name, primitive, column)
        raise ValueError(f"the fast path does not take the Avro type {kind}")

    def _primitive(self, name: str, primitive: str, column: pl.Series) -> Sizes:
        match primitive:
            case "long":
                return varint_sizes(column.to_numpy())
            case "int":
                return self._integers(name, column, *_INTS)
            case "boolean":
                return self._integers(name, column, TRUE, FALSE)
            case "string" | "bytes":
                return counted_sizes(byte_lengths(column))
            case "double":
                return 8
        raise ValueError(f"the fast path does not take the Avro type {primitive}")

    def _integers(self, name: str, column: pl.Series, low: int, high: int) -> Sizes:
        values = column.to_numpy()
        if len(values) and not (low <= values.min() and values.max() <= high):
            self._refuse(name, np.flatnonzero((values < low) | (values > high)))
        return varint_sizes(values)

    def _nullable(self, name: str, kind: Json, column: pl.Series, at: Sizes) -> Sizes:
        nulls = column.null_count()
        if nulls == len(column):
            return 1
        if nulls == 0:
            self.branches.append(Branches(None, at))
            return 1 + self._value(name, kind, column, at + 1)
        chosen = np.flatnonzero(is_valid(column))
        begins = at if isinstance(at, int) else at[chosen]
        inner = _Walk([Branches(None, 0)])
        sizes = np.ones(len(column), np.int64)
        if kind in _COUNTED:  # by far the most; dropping nulls costs more than the rest
            sizes[chosen] += counted_sizes(byte_lengths(column)[chosen])
        else:
            sizes[chosen] += inner._value(name, kind, column.drop_nulls(), 1)
        self._take_over(inner, chosen, begins)
        return sizes

    def _array(self, items: Schema, column: pl.Series, at: Sizes) -> Sizes:
        """One block of items behind their count, then the 0 that ends the array."""
        counts = column.list.len().cast(pl.Int64).to_numpy()
        flat = column.filter(counts > 0).explode()
        inner = _Walk()
        item_sizes = np.broadcast_to(np.int64(inner.record(items, _parts(flat), 0)), len(flat))
        ends = np.concatenate([[0], np.cumsum(item_sizes)])
        last = np.cumsum(counts)
        before = np.where(counts > 0, varint_sizes(counts), 0)
        owners = np.repeat(np.arange(len(column)), counts)
        first_begins = at + before - ends[last - counts]
        self._take_over(inner, owners, first_begins[owners] + ends[:-1])
        body: NDArray[np.int64] = ends[last] - ends[last - counts]
        return before + body + 1

    def _take_over(self, inner: "_Walk", owners: Indices, begins: Sizes) -> None:
        """What was found within values that begin there, each within the record that owns it."""
        for branch in inner.branches:
            if branch.records is None:
                self.branches.append(Branches(owners, begins + branch.at))
            else:
                shift = begins if isinstance(begins, int) else begins[branch.records]
                self.branches.append(Branches(owners[branch.records], shift + branch.at))
        for name, found in inner.unsound.items():
            self._refuse(name, owners[found])

    def _refuse(self, name: str, found: Indices) -> None:
        self.unsound[name] = np.union1d(found, self.unsound.get(name, found))


def _parts(column: pl.Series) -> dict[str, pl.Series]:
    return {part.name: part for part in column.struct.unnest()}
