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
5. enums are in range,
6. `length` and `value_length` of each record equal the sizes its decoded columns take in canonical
   Avro, and over each batch the records add up to the payload.

Without the last one, a crafted length lets a record swallow its neighbour and pass 1 to 5.
"""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from polars.exceptions import PolarsError

from broker.batches import Batch
from schemas.avro import Json, Schema
from schemas.errors import Undecodable
from schemas.physical import physical, symbols_of
from schemas.sizes import record_sizes, smallest_record, varint_sizes
from schemas.wire import PREFIX_BYTES, prefix, schema_id_of

_SYNC: Final = b"leap block sync."
_BEFORE_VALUE: Final[list[Json]] = [
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
_AFTER_VALUE: Final[list[Json]] = [{"name": "frame_headers", "type": "long"}]  # their count: 0
_FRAME_BYTES: Final = 1 + 1 + 1 + 1 + 1 + 1 + PREFIX_BYTES + 1  # the fewest, around a value


class NotABlock(Exception):
    """The batches are not what the fast path takes; the slow path reads them."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Decoded records: the columns of their values in physical form, and where they lay."""

    values: pl.DataFrame
    offsets: NDArray[np.int64]
    timestamps: NDArray[np.int64]  # the newest of the record's batch, milliseconds UTC
    keys: pl.Series  # Binary

    def __getitem__(self, rows: slice) -> "Rows":
        return Rows(self.values[rows], self.offsets[rows], self.timestamps[rows], self.keys[rows])


class BlockReader:
    """Decodes batches whose values were all written under one schema id."""

    def __init__(self, schema: Schema, schema_id: int) -> None:
        self._schema = physical(schema)
        self._symbols = symbols_of(schema)
        self._prefix = prefix(schema_id)
        self._smallest = _FRAME_BYTES + smallest_record(self._schema)
        self._header = _container_header(self._schema)

    def read(self, batches: Sequence[Batch], payloads: Sequence[memoryview]) -> Rows:
        """All records of the batches; raises NotABlock when any check fails."""
        counts = np.array([batch.count for batch in batches], np.int64)
        sizes = np.array([len(payload) for payload in payloads], np.int64)
        if (counts * self._smallest > sizes).any():
            raise NotABlock("more records claimed than fit")
        frame = self._decode(batches, payloads)
        if frame.height != counts.sum():
            raise NotABlock("another number of records than the batches say")
        self._check_frames(frame, counts, sizes)
        bases = np.repeat(np.array([batch.base_offset for batch in batches], np.int64), counts)
        ends = np.repeat(np.array([batch.next_offset for batch in batches], np.int64), counts)
        offsets = bases + frame["frame_offset_delta"].to_numpy()
        if not ((offsets >= bases) & (offsets < ends)).all() or (np.diff(offsets) <= 0).any():
            raise NotABlock("offsets do not ascend within their batch")
        stamps = np.array([batch.max_timestamp for batch in batches], np.int64)
        return Rows(
            values=frame.select(pl.exclude("^frame_.*$")),
            offsets=offsets,
            timestamps=np.repeat(stamps, counts),
            keys=frame["frame_key"],
        )

    def _decode(self, batches: Sequence[Batch], payloads: Sequence[memoryview]) -> pl.DataFrame:
        # One block for all batches: polars takes 65 microseconds for each block.
        count, size = sum(batch.count for batch in batches), sum(map(len, payloads))
        parts: list[bytes | memoryview] = [
            self._header,
            _long(count),
            _long(size),
            *payloads,
            _SYNC,
        ]
        try:
            return pl.read_avro(io.BytesIO(b"".join(parts)))
        except (PolarsError, pl.exceptions.PanicException, OSError) as error:
            # OSError: the bytes end within a record. A panic is a BaseException of its own.
            raise NotABlock(str(error)) from error

    def _check_frames(
        self, frame: pl.DataFrame, counts: NDArray[np.int64], sizes: NDArray[np.int64]
    ) -> None:
        if not frame.select((pl.col("frame_prefix") == pl.lit(self._prefix)).all()).item():
            raise NotABlock("another schema id")
        if frame["frame_headers"].to_numpy().any() or frame["frame_attributes"].to_numpy().any():
            raise NotABlock("headers or attributes")
        for name, symbols in self._symbols.items():
            if not frame[name].is_between(0, len(symbols) - 1).all():
                raise NotABlock(f"{name} out of its enum's range")
        value = PREFIX_BYTES + record_sizes(self._schema, frame)
        value_length = frame["frame_value_length"].to_numpy()
        if not (value_length == value).all():
            raise NotABlock("value lengths differ from what the values take")
        key = frame["frame_key"].bin.size().cast(pl.Int64).to_numpy()
        body = (
            1  # attributes
            + varint_sizes(frame["frame_timestamp_delta"].to_numpy())
            + varint_sizes(frame["frame_offset_delta"].to_numpy())
            + varint_sizes(key)
            + key
            + varint_sizes(value_length)
            + value_length
            + 1  # no headers
        )
        length = frame["frame_length"].to_numpy()
        if not (length == body).all():
            raise NotABlock("record lengths differ from what the records take")
        ends = np.cumsum(counts)
        total = np.concatenate([[0], np.cumsum(length + varint_sizes(length))])
        if not (total[ends] - total[ends - counts] == sizes).all():
            raise NotABlock("the records do not add up to their batch")


def first_schema_id(payload: memoryview) -> int:
    """The schema id that the first record of a batch names; -1 where none can be read."""
    try:
        at = 1 + _end_of_varint(payload, 0)  # length, attributes
        at = _end_of_varint(payload, _end_of_varint(payload, at))  # timestamp and offset delta
        key_at = _end_of_varint(payload, at)
        key_length = max(0, _varint(payload, at))
        value_at = _end_of_varint(payload, key_at + key_length)
        return schema_id_of(bytes(payload[value_at : value_at + PREFIX_BYTES]))
    except (IndexError, Undecodable):
        return -1


def _end_of_varint(data: memoryview, at: int) -> int:
    while data[at] & 0x80:
        at += 1
    return at + 1


def _varint(data: memoryview, at: int) -> int:
    zigzag = shift = 0
    for byte in data[at : _end_of_varint(data, at)]:
        zigzag |= (byte & 0x7F) << shift
        shift += 7
    return (zigzag >> 1) ^ -(zigzag & 1)


def _container_header(value: Schema) -> bytes:
    """The header of an Avro object container file whose records are Kafka's, around `value`."""
    fields = value["fields"]
    if not isinstance(fields, list):
        raise TypeError(f"not a record schema: {value}")
    schema = {
        "type": "record",
        "name": "KafkaRecord",
        "fields": [*_BEFORE_VALUE, *fields, *_AFTER_VALUE],
    }
    metadata = {b"avro.schema": json.dumps(schema).encode(), b"avro.codec": b"null"}
    entries = [_long(len(k)) + k + _long(len(v)) + v for k, v in metadata.items()]
    return b"Obj\x01" + _long(len(entries)) + b"".join(entries) + b"\0" + _SYNC


def _long(value: int) -> bytes:
    """A non-negative long as a zigzag varint."""
    rest = value << 1
    out = bytearray()
    while rest > 0x7F:
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)
