"""The slow path: a batch read record by record, so that a bad one does not take its neighbours.

Everything that the fast path does not take ends here: headers, null keys or values, mixed or
unknown schema ids, damaged values. What decodes gives the same columns as the fast path would;
what does not is rejected with its reason and its bytes.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import fastavro
from aiokafka.errors import CorruptRecordException
from aiokafka.record._crecords import DefaultRecordBatch
from fastavro.types import Schema as ParsedSchema

from broker.batches import HEADER, Batch
from broker.codecs import decompress
from broker.slices import Slice
from schemas.avro import Schema
from schemas.errors import Undecodable
from schemas.physical import physical, symbols_of
from schemas.reasons import Reason
from schemas.wire import Record, decode, schema_id_of

RAW_LIMIT_BYTES: Final = 256 << 10  # of a rejected record, so that its copy fits into a message

WriterSchema = Callable[[int], Schema | None]
"""The schema registered under an id, or None when there is none."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that was not accepted, or `count` of them where the batch itself is damaged."""

    offset: int
    reason: Reason
    message: str
    key: bytes | None
    raw: bytes | None
    count: int = 1


class Tombstone(NamedTuple):
    """A record without a value: its key is deleted."""

    offset: int
    key: bytes


@dataclass(slots=True)
class Records:
    """What a batch held: accepted records, in order of offset, and the rest."""

    offsets: list[int] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    values: list[Record] = field(default_factory=list)
    schemas: list[int] = field(default_factory=list)
    tombstones: list[Tombstone] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


class _Writer(NamedTuple):
    schema: ParsedSchema
    symbols: Mapping[str, tuple[str, ...]]


class RecordReader:
    """Decodes batches record by record."""

    def __init__(self, writer_schema: WriterSchema, *, allow_tombstones: bool) -> None:
        self._writer_schema = writer_schema
        self._allow_tombstones = allow_tombstones
        self._writers: dict[int, _Writer | None] = {}

    def read(self, batch: Batch, payload: memoryview) -> Records:
        """Every record of the batch, one way or the other; never raises for what it holds."""
        found = Records()
        offset = batch.base_offset - 1
        try:
            for record in DefaultRecordBatch(_uncompressed(batch, payload)):
                offset = record.offset
                self._accept(found, offset, record.key, record.value)
        except (CorruptRecordException, ValueError, IndexError) as error:
            count = batch.count - len(found.offsets) - len(found.tombstones) - len(found.rejected)
            message = f"the batch's framing is damaged behind offset {offset}: {error}"
            found.rejected.append(
                Rejected(offset + 1, Reason.UNDECODABLE, message, None, cut(payload), max(1, count))
            )
        return found

    def _accept(self, found: Records, offset: int, key: bytes | None, value: bytes | None) -> None:
        try:
            if key is None:
                raise Undecodable(Reason.NO_KEY, "the record has no key; the student's is needed")
            if value is None:
                if not self._allow_tombstones:
                    raise Undecodable(Reason.NO_VALUE, "the record has no value")
                found.tombstones.append(Tombstone(offset, key))
                return
            schema_id = schema_id_of(value)
            decoded = self._decode(schema_id, value)
        except Undecodable as error:
            raw = None if value is None else cut(value)
            found.rejected.append(Rejected(offset, error.reason, str(error), key, raw))
            return
        found.offsets.append(offset)
        found.keys.append(key)
        found.values.append(decoded)
        found.schemas.append(schema_id)

    def _decode(self, schema_id: int, value: bytes) -> Record:
        if schema_id not in self._writers:
            self._writers[schema_id] = self._writer(schema_id)
        writer = self._writers[schema_id]
        if writer is None:
            raise Undecodable(
                Reason.UNKNOWN_SCHEMA,
                f"schema id {schema_id} is not registered for this topic; register the producer's"
                " schema, then replay the record from quarantine",
            )
        record = decode(value, writer.schema)
        for name, symbols in writer.symbols.items():
            position = record[name]
            if not isinstance(position, int) or not 0 <= position < len(symbols):
                raise Undecodable(
                    Reason.UNDECODABLE, f"{name} is {position}, not one of {len(symbols)} symbols"
                )
        return record

    def _writer(self, schema_id: int) -> _Writer | None:
        schema = self._writer_schema(schema_id)
        if schema is None:
            return None
        return _Writer(fastavro.parse_schema(physical(schema)), symbols_of(schema))


def find_records(
    piece: Slice, offsets: Collection[int]
) -> Mapping[int, tuple[bytes | None, bytes | None]]:
    """Key and value of records that still lie in a slice, by offset; each batch is read once."""
    found: dict[int, tuple[bytes | None, bytes | None]] = {}
    for batch in piece.batches:
        if any(batch.base_offset <= offset < batch.next_offset for offset in offsets):
            payload = decompress(batch.codec, batch.payload)
            for record in DefaultRecordBatch(_uncompressed(batch, payload)):
                if record.offset in offsets:
                    found[record.offset] = (record.key, record.value)
    return found


def rejection(
    bytes_of: Mapping[int, tuple[bytes | None, bytes | None]],
    offset: int,
    reason: Reason,
    message: str,
) -> Rejected:
    """A record that was found by `find_records`, as rejected."""
    key, value = bytes_of.get(offset, (None, None))
    return Rejected(offset, reason, message, key, None if value is None else cut(value))


def cut(raw: bytes | memoryview) -> bytes:
    """As much of a rejected record as is kept."""
    return bytes(raw[:RAW_LIMIT_BYTES])


def _uncompressed(batch: Batch, payload: memoryview) -> bytes:
    """The batch as if it had been sent without compression, for aiokafka's parser."""
    header = HEADER.pack(
        batch.base_offset,
        HEADER.size - 12 + len(payload),
        0,
        2,
        0,
        0,
        batch.next_offset - batch.base_offset - 1,
        batch.max_timestamp,
        batch.max_timestamp,
        -1,
        -1,
        -1,
        batch.count,
    )
    return header + payload
