"""The Confluent wire format: a zero byte, the schema's id in 4 bytes, the Avro body.

For single records: marks, policies, students, quarantine. Streams of records go through
`schemas.columns` (writing) and `broker.blocks` (reading), which hold the same format.
"""

import io
import struct
from collections.abc import Mapping
from typing import Final, TypeAlias

import fastavro
from fastavro.types import Schema as ParsedSchema

from schemas.avro import parsed
from schemas.errors import Undecodable
from schemas.reasons import Reason
from schemas.topics import Topic

PREFIX_BYTES: Final = 5
_PREFIX: Final = struct.Struct(">bI")

Record: TypeAlias = dict[str, object]


def prefix(schema_id: int) -> bytes:
    """What every value written under `schema_id` begins with."""
    return _PREFIX.pack(0, schema_id)


def schema_id_of(value: bytes) -> int:
    """The id a value names; `Undecodable` when it is not in the wire format."""
    if len(value) < PREFIX_BYTES or value[0] != 0:
        raise Undecodable(
            Reason.UNDECODABLE,
            f"the value ({len(value)} bytes) does not begin with a zero byte and a schema id;"
            " publish it through a schema registry serializer",
        )
    return int(_PREFIX.unpack_from(value)[1])


def encode(topic: Topic, schema_id: int, record: Mapping[str, object]) -> bytes:
    """A record as a value of `topic`."""
    body = io.BytesIO()
    body.write(prefix(schema_id))
    fastavro.schemaless_writer(body, parsed(topic), record)
    return body.getvalue()


def decode(value: bytes, writer: ParsedSchema) -> Record:
    """The record in a value that was written under `writer`; every byte has to be used.

    Raises `Undecodable` for whatever else it holds.
    """
    body = io.BytesIO(value)
    body.seek(PREFIX_BYTES)
    try:
        record = fastavro.schemaless_reader(body, writer, None)
    except (EOFError, IndexError, ValueError, OverflowError, TypeError, struct.error) as error:
        raise Undecodable(
            Reason.UNDECODABLE, f"the value is not Avro of the schema it names: {error}"
        ) from error
    if body.tell() != len(value):
        raise Undecodable(
            Reason.UNDECODABLE,
            f"{len(value) - body.tell()} bytes are left after the record; the writer's schema"
            " differs from the one registered under the id",
        )
    if not isinstance(record, dict):
        raise Undecodable(Reason.UNDECODABLE, "the value is not a record")
    return record


def canonical(value: bytes, writer: ParsedSchema) -> bytes:
    """The value as an ordinary encoder would write it. Raises `Undecodable` as `decode` does."""
    record = decode(value, writer)
    body = io.BytesIO()
    body.write(value[:PREFIX_BYTES])
    try:
        fastavro.schemaless_writer(body, writer, record)
    except ValueError as error:  # an int beyond 32 bits in a nullable field
        raise Undecodable(
            Reason.UNDECODABLE, f"the value holds what its schema does not allow: {error}"
        ) from error
    return body.getvalue()
