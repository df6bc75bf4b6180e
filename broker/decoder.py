"""From a slice to columns: the fast path where it holds, the slow path for what it refuses.

A refusal narrows down: many batches are tried in one call, then each by itself and under the schema
id its first record names; only a batch that is refused again is read record by record. What is
accepted, and as what, does not depend on the way it took.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from broker.avro_block import NotABlock
from broker.batches import Batch
from broker.blocks import BlockReader, Rows, first_schema_id
from broker.codecs import DEFAULT_LIMIT_BYTES, decompress
from broker.records import Records, Rejected, Tombstone, damaged, read_records
from broker.slices import Slice
from broker.values import ValueReader
from broker.writers import Writers, WriterSchema
from schemas.avro import Schema, fields_of
from schemas.errors import Undecodable
from schemas.physical import column_types, default_of, defaults_within, physical
from schemas.reasons import Reason
from schemas.wire import PREFIX_BYTES, schema_id_of


@dataclass(frozen=True, slots=True)
class Decoded:
    """A slice's content; each record of it is in exactly one of rows, tombstones and rejected."""

    rows: Rows
    tombstones: Sequence[Tombstone]
    rejected: Sequence[Rejected]
    fast: int  # rows that came by the fast path

    @property
    def records(self) -> int:
        """How many records the slice held."""
        refused = sum(rejected.count for rejected in self.rejected)
        return len(self.rows.offsets) + len(self.tombstones) + refused


@dataclass(slots=True)
class _Gathered:
    parts: list[Rows] = field(default_factory=list)
    tombstones: list[Tombstone] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    slow: int = 0


class Decoder:
    """Decodes the slices of one topic into the columns of the schema that is shipped for it.

    `schema_id` is the id that schema has in the registry; batches of other writers are decoded
    under theirs, and their columns picked by name. Safe to use from several threads.
    """

    def __init__(
        self,
        schema: Schema,
        schema_id: int,
        writer_schema: WriterSchema,
        *,
        allow_tombstones: bool = False,
        limit_bytes: int = DEFAULT_LIMIT_BYTES,
    ) -> None:
        self.types = column_types(physical(schema))  # of the columns that `decode` gives
        self._defaults = {str(one["name"]): default_of(one) for one in fields_of(schema)}
        self._within = {str(one["name"]): defaults_within(one) for one in fields_of(schema)}
        self._schema_id = schema_id
        self._writers = Writers(schema, schema_id, writer_schema)
        self._blocks: dict[int, BlockReader] = {}
        self._values: dict[int, ValueReader] = {}
        self._allow_tombstones = allow_tombstones
        self.limit_bytes = limit_bytes

    def decode(self, piece: Slice) -> Decoded:
        """Everything in the slice from its start on. Raises only what `writer_schema` raises."""
        found = _Gathered()
        batches: list[Batch] = []
        payloads: list[memoryview] = []
        size = 0
        for batch in piece.batches:
            try:
                payload = decompress(batch.codec, batch.payload, self.limit_bytes)
            except Undecodable as error:
                found.rejected.append(
                    damaged(batch, batch.base_offset, error.reason, str(error), batch.payload)
                )
                continue
            size += len(payload)
            if size > self.limit_bytes:  # many bombs, each within the limit
                self._read(found, batches, payloads, self._schema_id)
                batches, payloads, size = [], [], len(payload)
            batches.append(batch)
            payloads.append(payload)
        self._read(found, batches, payloads, self._schema_id)
        rows = _from(piece.start, self._joined(found.parts))
        return Decoded(
            rows=rows,
            tombstones=[t for t in found.tombstones if t.offset >= piece.start],
            rejected=sorted(
                (r for r in found.rejected if r.offset + r.count > piece.start),
                key=lambda rejected: rejected.offset,
            ),
            fast=max(0, len(rows.offsets) - found.slow),
        )

    def _read(
        self,
        found: _Gathered,
        batches: Sequence[Batch],
        payloads: Sequence[memoryview],
        schema_id: int,
    ) -> None:
        if not batches:
            return
        try:
            found.parts.append(self._block(schema_id, batches, payloads))
        except NotABlock:
            if len(batches) > 1:
                for batch, payload in zip(batches, payloads, strict=True):
                    self._read(found, [batch], [payload], first_schema_id(payload))
            elif (own := first_schema_id(payloads[0])) != schema_id:
                self._read(found, batches, payloads, own)
            else:
                self._read_slowly(found, batches[0], payloads[0])

    def block(
        self, batches: Sequence[Batch], payloads: Sequence[memoryview], firsts: Sequence[int]
    ) -> Rows:
        """All records of these batches, by the fast path or not at all: raises NotABlock.

        `firsts`: which batches do not follow the one before, being another log's.
        """
        return self._block(self._schema_id, batches, payloads, firsts)

    def _block(
        self,
        schema_id: int,
        batches: Sequence[Batch],
        payloads: Sequence[memoryview],
        firsts: Sequence[int] = (),
    ) -> Rows:
        if schema_id not in self._blocks:
            schema = self._writers.find(schema_id)
            if schema is None:
                raise NotABlock("unknown schema id")
            self._blocks[schema_id] = BlockReader(schema, schema_id)
        rows = self._blocks[schema_id].read(batches, payloads, firsts)
        return Rows(self._aligned(rows.values), rows.offsets, rows.timestamps, rows.keys)

    def _read_slowly(self, found: _Gathered, batch: Batch, payload: memoryview) -> None:
        records = read_records(batch, payload, allow_tombstones=self._allow_tombstones)
        found.tombstones += records.tombstones
        every = np.arange(len(records.offsets))
        beginnings = records.values_at(every).beginnings(PREFIX_BYTES)
        parts = [
            self._alike(records, np.flatnonzero(beginnings == beginning), batch)
            for beginning in np.unique(beginnings)
        ]
        found.rejected += records.rejected
        rows = _in_order(self._joined(parts))
        found.slow += len(rows.offsets)
        found.parts.append(rows)

    def _alike(self, records: Records, which: NDArray[np.int64], batch: Batch) -> Rows:
        """The rows in records whose values begin alike; what is not decodable is rejected."""
        values = records.values_at(which)
        try:
            read = self._value_reader(schema_id_of(values[0])).read(values)
        except Undecodable as error:
            for index in which.tolist():
                records.reject_at(index, error)
            return self._nothing()
        for place, refusal in read.refused.items():
            records.reject_at(int(which[place]), refusal)
        accepted = which[read.accepted]
        return Rows(
            values=self._aligned(read.columns),
            offsets=records.offsets[accepted],
            timestamps=np.full(len(accepted), batch.max_timestamp, np.int64),
            keys=records.keys_at(accepted),
        )

    def _value_reader(self, schema_id: int) -> ValueReader:
        if schema_id not in self._values:
            schema = self._writers.find(schema_id)
            if schema is None:
                raise Undecodable(
                    Reason.UNKNOWN_SCHEMA,
                    f"schema id {schema_id} is not registered, or does not fit this topic; register"
                    " the producer's schema, then replay the record from quarantine",
                )
            self._values[schema_id] = ValueReader(schema)
        return self._values[schema_id]

    def _aligned(self, values: pl.DataFrame) -> pl.DataFrame:
        """The columns of the shipped schema, whatever the writer's."""
        if list(values.schema.items()) == list(self.types.items()):
            return values
        return values.select(
            self._cast(name, dtype)
            if name in values.columns
            else pl.Series(name, [self._defaults[name]], dtype).new_from_index(0, values.height)
            for name, dtype in self.types.items()
        )

    def _cast(self, name: str, dtype: pl.DataType) -> pl.Expr:
        # As an expression it goes by the names of nested fields, and fills up with nulls.
        column = pl.col(name).cast(dtype)
        if not self._within[name]:
            return column
        filled = [pl.field(n).fill_null(default) for n, default in self._within[name].items()]
        return column.list.eval(pl.element().struct.with_fields(*filled))

    def _joined(self, parts: Sequence[Rows]) -> Rows:
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return self._nothing()
        return Rows(
            values=pl.concat([part.values for part in parts]),
            offsets=np.concatenate([part.offsets for part in parts]),
            timestamps=np.concatenate([part.timestamps for part in parts]),
            keys=pl.concat([part.keys for part in parts]),
        )

    def _nothing(self) -> Rows:
        nothing = np.array([], np.int64)
        empty = pl.DataFrame(schema=self.types)
        return Rows(empty, nothing, nothing, pl.Series([], dtype=pl.Binary))


def _in_order(rows: Rows) -> Rows:
    """The rows by ascending offset."""
    if (np.diff(rows.offsets) > 0).all():
        return rows
    order = np.argsort(rows.offsets)
    return Rows(rows.values[order], rows.offsets[order], rows.timestamps[order], rows.keys[order])


def _from(start: int, rows: Rows) -> Rows:
    """The rows from an offset on: a seek may have landed within a batch."""
    first = int(np.searchsorted(rows.offsets, start))
    return rows if first == 0 else rows[first:]
