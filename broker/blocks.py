"""The fast path: Kafka's record batches, read as blocks of an Avro file.

Kafka frames the records of a batch with zigzag varints, as Avro does. A batch without headers,
with keys and values present, is byte for byte an Avro data block of the record `FRAME` below, with
the value's own fields in its middle. Behind an object-container header, one call of polars decodes
all records of many batches.

The bytes may be anything, so a block is only believed when all of this holds together:

1. the records claimed fit into the payload at all (an impossible count would abort the process),
2. as many rows came out as the batch headers say,
3. each value begins with the schema id expected, no record has headers,
4. offsets ascend within each batch's own span,
5. numbers are within their type, enums within their symbols,
6. `length` and `value_length` of each record equal the sizes its decoded columns take in canonical
   Avro, and over each batch the records add up to the payload,
7. nullable fields name a branch that there is.

Without 6, a crafted length lets a record swallow its neighbour and pass the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from broker.avro_block import AvroBlock, Field, NotABlock
from broker.batches import Batch
from broker.varints import varint_at
from schemas.avro import Schema, fields_of
from schemas.canonical import measure
from schemas.errors import Undecodable
from schemas.physical import column_types, narrowed, physical, wide
from schemas.sizes import counted_sizes, smallest_record, varint_sizes
from schemas.views import byte_lengths, fixed_bytes
from schemas.wire import PREFIX_BYTES, prefix, schema_id_of

_BEFORE_VALUE: Final[list[Field]] = [
    {"name": "frame_length", "type": "long"},
    {"name": "frame_attributes", "type": "long"},  # one byte, and 0
    {"name": "frame_timestamp_delta", "type": "long"},
    {"name": "frame_offset_delta", "type": "long"},
    {"name": "frame_key", "type": "bytes"},
    {"name": "frame_value_length", "type": "long"},
    {
        "name": "frame_prefix",
        "type": {"type": "fixed", "name": "FramePrefix", "size": PREFIX_BYTES},
    },
]
_AFTER_VALUE: Final[list[Field]] = [{"name": "frame_headers", "type": "long"}]  # their count: 0
_HEADERS_BYTES: Final = 1
_FRAME_BYTES: Final = 1 + 1 + 1 + 1 + 1 + 1 + PREFIX_BYTES + 1  # the fewest, around a value


@dataclass(frozen=True, slots=True)
class Rows:
    """Decoded records: the columns of their values in physical form, and where they lay."""

    values: pl.DataFrame
    offsets: NDArray[np.int64]
    timestamps: NDArray[np.int64]  # the newest of the record's batch, milliseconds UTC
    keys: pl.Series  # Binary

    def __getitem__(self, rows: slice | NDArray[np.int64]) -> "Rows":
        return Rows(self.values[rows], self.offsets[rows], self.timestamps[rows], self.keys[rows])

    def from_offset(self, start: int) -> "Rows":
        """Those from an offset on; they are in order. A seek may have landed within a batch."""
        first = int(np.searchsorted(self.offsets, start))
        return self if first == 0 else self[first:]


class BlockReader:
    """Decodes batches whose values were all written under one schema id."""

    def __init__(self, schema: Schema, schema_id: int) -> None:
        self._schema = schema
        self._prefix = np.frombuffer(prefix(schema_id), np.uint8)
        self._smallest = _FRAME_BYTES + smallest_record(schema)
        self._types = column_types(physical(schema))
        self._block = AvroBlock([*_BEFORE_VALUE, *fields_of(wide(schema)), *_AFTER_VALUE])

    def read(
        self,
        batches: Sequence[Batch],
        payloads: Sequence[memoryview],
        firsts: Sequence[int] = (),
    ) -> Rows:
        """All records of the batches; raises NotABlock when any check fails.

        `firsts`: the batches that begin another log; within one, offsets ascend.
        """
        counts = np.array([batch.records for batch in batches], np.int64)
        sizes = np.array([len(payload) for payload in payloads], np.int64)
        if (counts < 1).any() or (counts * self._smallest > sizes).any():
            raise NotABlock("more records claimed than fit, or none")
        frame, data = self._block.decode(int(counts.sum()), payloads)
        self._check_frames(frame, data, counts, sizes)
        bases = np.repeat(np.array([batch.base_offset for batch in batches], np.int64), counts)
        ends = np.repeat(np.array([batch.next_offset for batch in batches], np.int64), counts)
        offsets = bases + frame["frame_offset_delta"].to_numpy()
        ascend = np.diff(offsets) > 0
        starts = np.cumsum(counts) - counts
        ascend[starts[[first for first in firsts if 0 < first < len(counts)]] - 1] = True
        if not ((offsets >= bases) & (offsets < ends)).all() or not ascend.all():
            raise NotABlock("offsets do not ascend within their batch")
        stamps = np.array([batch.max_timestamp for batch in batches], np.int64)
        return Rows(
            values=narrowed(frame, self._types),
            offsets=offsets,
            timestamps=np.repeat(stamps, counts),
            keys=frame["frame_key"],
        )

    def _check_frames(
        self,
        frame: pl.DataFrame,
        data: NDArray[np.uint8],
        counts: NDArray[np.int64],
        sizes: NDArray[np.int64],
    ) -> None:
        prefixes = fixed_bytes(frame["frame_prefix"], PREFIX_BYTES)
        if prefixes is None or (prefixes != self._prefix).any():
            raise NotABlock("another schema id")
        if frame["frame_headers"].to_numpy().any() or frame["frame_attributes"].to_numpy().any():
            raise NotABlock("headers or attributes")
        measured = measure(self._schema, frame)
        if measured.unsound:
            raise NotABlock("numbers that their types have not")
        value_length = frame["frame_value_length"].to_numpy()
        if not (value_length == PREFIX_BYTES + measured.sizes).all():
            raise NotABlock("value lengths differ from what the values take")
        body = (
            1  # attributes
            + varint_sizes(frame["frame_timestamp_delta"].to_numpy())
            + varint_sizes(frame["frame_offset_delta"].to_numpy())
            + counted_sizes(byte_lengths(frame["frame_key"]))
            + varint_sizes(value_length)
            + value_length
            + _HEADERS_BYTES
        )
        length = frame["frame_length"].to_numpy()
        if not (length == body).all():
            raise NotABlock("record lengths differ from what the records take")
        ends: NDArray[np.int64] = np.cumsum(length + varint_sizes(length))
        batches = np.cumsum(counts) - 1
        if not (np.diff(ends[batches], prepend=0) == sizes).all():
            raise NotABlock("the records do not add up to their batch")
        if not measured.names_branches(data, ends - _HEADERS_BYTES - measured.sizes):
            raise NotABlock("a branch that there is not")


def first_schema_id(payload: memoryview) -> int:
    """The schema id that the first record of a batch names; -1 where none can be read."""
    try:
        begin, _ = _first_value(payload)
        return schema_id_of(bytes(payload[begin : begin + PREFIX_BYTES]))
    except (IndexError, ValueError, Undecodable):
        return -1


def begins_with_headers(payload: memoryview) -> bool:
    """Whether the first record of a batch has headers: then there is no use in trying a block."""
    try:
        _, end = _first_value(payload)
        return payload[end] != 0
    except (IndexError, ValueError):
        return False


def _first_value(payload: memoryview) -> tuple[int, int]:
    """Where the value of the first record begins and ends; raises as `varint_at`."""
    _, attributes = varint_at(payload, 0)
    _, at = varint_at(payload, attributes + 1)  # the timestamp's delta
    _, at = varint_at(payload, at)  # the offset's
    size, at = varint_at(payload, at)
    size, at = varint_at(payload, at + max(0, size))
    return at, at + max(0, size)
