"""From a slice to columns: the fast path where it holds, the slow path for what it refuses.

A refusal narrows down: the whole slice is tried in one call, then each batch by itself and under
the schema id its first record names; only a batch that is refused again is read record by record.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from broker.batches import Batch
from broker.blocks import BlockReader, NotABlock, Rows, first_schema_id
from broker.codecs import DEFAULT_LIMIT_BYTES, decompress
from broker.records import RecordReader, Records, Rejected, Tombstone, WriterSchema, cut
from broker.slices import Slice
from schemas.avro import Json, Schema, fields_of
from schemas.errors import Undecodable
from schemas.physical import column_types, physical


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
    under theirs, and their columns picked by name.
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
        self._defaults = {str(f["name"]): f.get("default") for f in fields_of(schema)}
        self._schema_id = schema_id
        self._readers: dict[int, BlockReader | None] = {schema_id: BlockReader(schema, schema_id)}
        self._writer_schema: WriterSchema = lambda i: schema if i == schema_id else writer_schema(i)
        self._records = RecordReader(self._writer_schema, allow_tombstones=allow_tombstones)
        self._limit_bytes = limit_bytes

    def decode(self, piece: Slice) -> Decoded:
        """Everything in the slice from its start on. Raises only what `writer_schema` raises."""
        found = _Gathered()
        batches: list[Batch] = []
        payloads: list[memoryview] = []
        for batch in piece.batches:
            try:
                payloads.append(decompress(batch.codec, batch.payload, self._limit_bytes))
                batches.append(batch)
            except Undecodable as error:
                raw = cut(batch.payload)
                found.rejected.append(
                    Rejected(batch.base_offset, error.reason, str(error), None, raw, batch.count)
                )
        self._read(found, batches, payloads, self._schema_id)
        rows = _from(piece.start, self._joined(found.parts))
        return Decoded(
            rows=rows,
            tombstones=[t for t in found.tombstones if t.offset >= piece.start],
            rejected=[r for r in found.rejected if r.offset + r.count > piece.start],
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
        reader = self._reader(schema_id)
        try:
            if reader is None:
                raise NotABlock("unknown schema id")
            found.parts.append(self._aligned(reader.read(batches, payloads)))
        except NotABlock:
            if len(batches) > 1:
                for batch, payload in zip(batches, payloads, strict=True):
                    self._read(found, [batch], [payload], first_schema_id(payload))
            elif (own := first_schema_id(payloads[0])) != schema_id:
                self._read(found, batches, payloads, own)
            else:
                self._read_slowly(found, batches[0], payloads[0])

    def _read_slowly(self, found: _Gathered, batch: Batch, payload: memoryview) -> None:
        records = self._records.read(batch, payload)
        found.tombstones += records.tombstones
        found.rejected += records.rejected
        found.slow += len(records.offsets)
        found.parts.append(self._rows(records, batch))

    def _reader(self, schema_id: int) -> BlockReader | None:
        if schema_id not in self._readers:
            schema = self._writer_schema(schema_id)
            self._readers[schema_id] = None if schema is None else BlockReader(schema, schema_id)
        return self._readers[schema_id]

    def _rows(self, records: Records, batch: Batch) -> Rows:
        columns = {
            name: pl.Series(
                name,
                [record.get(name, self._defaults[name]) for record in records.values],
                dtype=dtype,
            )
            for name, dtype in self.types.items()
        }
        return Rows(
            values=pl.DataFrame(columns),
            offsets=np.array(records.offsets, np.int64),
            timestamps=np.full(len(records.offsets), batch.max_timestamp, np.int64),
            keys=pl.Series(records.keys, dtype=pl.Binary),
        )

    def _aligned(self, rows: Rows) -> Rows:
        """The columns of the shipped schema, whatever the writer's."""
        if rows.values.columns == list(self.types):
            return rows
        columns = [
            (pl.col(name) if name in rows.values.columns else _literal(self._defaults[name]))
            .cast(dtype)
            .alias(name)
            for name, dtype in self.types.items()
        ]
        try:
            values = rows.values.select(columns)
        except pl.exceptions.PolarsError as error:
            raise NotABlock(str(error)) from error
        return Rows(values, rows.offsets, rows.timestamps, rows.keys)

    def _joined(self, parts: Sequence[Rows]) -> Rows:
        if len(parts) == 1:
            return parts[0]
        if not parts:
            nothing = np.array([], np.int64)
            empty = pl.DataFrame(schema=self.types)
            return Rows(empty, nothing, nothing, pl.Series([], dtype=pl.Binary))
        return Rows(
            values=pl.concat([part.values for part in parts]),
            offsets=np.concatenate([part.offsets for part in parts]),
            timestamps=np.concatenate([part.timestamps for part in parts]),
            keys=pl.concat([part.keys for part in parts]),
        )


def _literal(default: Json) -> pl.Expr:
    return pl.lit(default)


def _from(start: int, rows: Rows) -> Rows:
    """The rows from an offset on: a seek may have landed within a batch."""
    first = int(np.searchsorted(rows.offsets, start))
    return rows if first == 0 else rows[first:]
