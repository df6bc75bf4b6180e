"""From slices to columns: the fast path where it holds, the slow path for what it refuses.

A refusal narrows down: many batches are tried in one call, then each by itself and under the schema
id its first record names; only a batch that is refused again is read record by record, together
with others that were (`broker.slow_path`). What is accepted, and as what, does not depend on the
way it took.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from broker.avro_block import NotABlock
from broker.batches import Batch
from broker.blocks import BlockReader, Rows, begins_with_headers, first_schema_id
from broker.codecs import DEFAULT_LIMIT_BYTES, decompress
from broker.records import Rejected, Tombstone, damaged
from broker.shipped import Shipped
from broker.slices import Slice
from broker.slow_path import SlowPath, Uncompressed
from broker.writers import Writers, WriterSchema
from schemas.avro import Schema
from schemas.errors import Undecodable


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
    """Of a slice."""

    parts: list[Rows] = field(default_factory=list)
    tombstones: list[Tombstone] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    refused: list[Uncompressed] = field(default_factory=list)  # by the fast path; not read yet
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
        self._shipped = Shipped(schema)
        self.types = self._shipped.types  # of the columns that `decode` gives
        self._schema_id = schema_id
        self._writers = Writers(schema, schema_id, writer_schema)
        self._blocks: dict[int, BlockReader] = {}
        self._slow = SlowPath(self._shipped, self._writers, allow_tombstones=allow_tombstones)
        self.limit_bytes = limit_bytes

    def decode(self, piece: Slice) -> Decoded:
        """Everything in the slice from its start on. Raises only what `writer_schema` raises."""
        return self.decode_each([piece])[0]

    def decode_each(self, pieces: Sequence[Slice]) -> list[Decoded]:
        """As `decode`, for many of them; what has to be read slowly is read together."""
        gathered = [_Gathered() for _ in pieces]
        size = 0
        for found, piece in zip(gathered, pieces, strict=True):
            self._read_slice(found, piece)
            size += sum(len(payload) for _, payload in found.refused)
            if size > self.limit_bytes:
                self._read_slowly(gathered)
                size = 0
        self._read_slowly(gathered)
        return [self._decoded(found, piece) for found, piece in zip(gathered, pieces, strict=True)]

    def block(
        self, batches: Sequence[Batch], payloads: Sequence[memoryview], firsts: Sequence[int]
    ) -> Rows:
        """All records of these batches, by the fast path or not at all: raises NotABlock.

        `firsts`: which batches do not follow the one before, being another log's.
        """
        return self._block(self._schema_id, batches, payloads, firsts)

    def _read_slice(self, found: _Gathered, piece: Slice) -> None:
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
                self._read_slowly([found])
                batches, payloads, size = [], [], len(payload)
            if begins_with_headers(payload):
                found.refused.append((batch, payload))
                continue
            batches.append(batch)
            payloads.append(payload)
        self._read(found, batches, payloads, self._schema_id)

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
                found.refused.append((batches[0], payloads[0]))

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
        return Rows(self._shipped.aligned(rows.values), rows.offsets, rows.timestamps, rows.keys)

    def _read_slowly(self, gathered: Sequence[_Gathered]) -> None:
        read = iter(self._slow.read([batch for found in gathered for batch in found.refused]))
        for found in gathered:
            for singly in islice(read, len(found.refused)):
                found.parts.append(singly.rows)
                found.tombstones += singly.tombstones
                found.rejected += singly.rejected
                found.slow += len(singly.rows.offsets)
            found.refused.clear()

    def _decoded(self, found: _Gathered, piece: Slice) -> Decoded:
        rows = _in_order(self._shipped.joined(found.parts)).from_offset(piece.start)
        return Decoded(
            rows=rows,
            tombstones=[t for t in found.tombstones if t.offset >= piece.start],
            rejected=sorted(
                (r for r in found.rejected if r.offset + r.count > piece.start),
                key=lambda rejected: rejected.offset,
            ),
            fast=max(0, len(rows.offsets) - found.slow),
        )


def _in_order(rows: Rows) -> Rows:
    """The rows by ascending offset."""
    if (np.diff(rows.offsets) > 0).all():
        return rows
    return rows[np.argsort(rows.offsets)]
