"""Records that a decoder may choke on, by name."""

from collections.abc import Callable, Mapping
from typing import Final

from schemas import wire
from schemas.avro import Schema, fields_of, schema_of
from schemas.topics import ACTIVITY, STUDENT
from schemas.types import Kind
from tests.broker.batches import Record, frame, padded, varint

EVENT: Final = ACTIVITY[Kind.MOODLE_COURSE]
OWN, OLDER, NEWER, FOREIGN, UNKNOWN = 7, 8, 9, 10, 11
KEY: Final = b"k" * 8

_FIELDS: Final = fields_of(schema_of(EVENT))
SCHEMAS: Final[Mapping[int, Schema]] = {
    OWN: schema_of(EVENT),
    OLDER: {**schema_of(EVENT), "fields": [*_FIELDS[:-1]]},  # before `object` was added
    NEWER: {
        **schema_of(EVENT),
        "fields": [*_FIELDS, {"name": "extra", "type": ["null", "string"], "default": None}],
    },
    FOREIGN: schema_of(STUDENT),  # registered, and of another topic
}


def look_up(schema_id: int) -> Schema | None:
    return SCHEMAS.get(schema_id)


def value(record: wire.Record) -> bytes:
    return wire.encode(EVENT, OWN, record)


def body(schema_id: int, record: wire.Record, rest: bytes = b"") -> bytes:
    return wire.prefix(schema_id) + value(record)[wire.PREFIX_BYTES :] + rest


def short(record: wire.Record) -> wire.Record:
    """The record without its last three, optional fields: each is one byte at the end."""
    return {**record, "module": None, "component": None, "object": None, "action": "assert"}


def at_action(record: wire.Record, position: int) -> bytes:
    return value(short(record))[:-4] + varint(position) + bytes(3)


def with_revision(record: wire.Record, revision: int) -> bytes:
    return value({**short(record), "revision": 0})[:-5] + varint(revision) + bytes(4)


def with_student(record: wire.Record, student: bytes) -> bytes:
    whole = value({**record, "student": 0})
    return whole[:21] + student + whole[22:]


# What is written in place of a record, as key, value and headers.
RECORDS: Final[Mapping[str, Callable[[wire.Record], Record]]] = {
    "good": lambda r: Record(KEY, value(r)),
    "no key": lambda r: Record(None, value(r)),
    "no value": lambda r: Record(KEY, None),
    "nothing": lambda r: Record(None, None),
    "header": lambda r: Record(KEY, value(r), ((b"trace", b"1"),)),
    "header that is no text": lambda r: Record(KEY, value(r), ((b"\xff\xfe", b"\x00" * 9),)),
    "many headers": lambda r: Record(KEY, value(r), ((b"a", b"1"), (b"b", None)) * 12),
    "header without value": lambda r: Record(KEY, value(r), ((b"a", None), (b"", b""))),
    "garbage": lambda r: Record(KEY, b"not avro at all"),
    "empty": lambda r: Record(KEY, b""),
    "prefix alone": lambda r: Record(KEY, wire.prefix(OWN)),
    "cut": lambda r: Record(KEY, value(r)[:-1]),
    "cut in the middle": lambda r: Record(KEY, value(r)[: len(value(r)) // 2]),
    "longer": lambda r: Record(KEY, value(r) + b"\x00"),
    "unknown id": lambda r: Record(KEY, body(UNKNOWN, r)),
    "another topic's id": lambda r: Record(KEY, body(FOREIGN, r)),
    "another topic's value": lambda r: Record(
        KEY, wire.encode(STUDENT, FOREIGN, {"student": 1, "recorded_at": 0, "periods": []})
    ),
    "older writer": lambda r: Record(KEY, body(OLDER, {**r, "object": None})[:-1]),
    "newer writer": lambda r: Record(KEY, body(NEWER, r, b"\x02\x06new")),
    "position beyond the enum": lambda r: Record(KEY, at_action(r, 2)),
    "position far beyond": lambda r: Record(KEY, at_action(r, 2**40)),
    "negative position": lambda r: Record(KEY, at_action(r, -1)),
    "int of 33 bits": lambda r: Record(KEY, with_revision(r, 2**31)),
    "int that is cut to another": lambda r: Record(KEY, with_revision(r, 2**33 + 2**30)),
    "int of 41 bits": lambda r: Record(KEY, with_revision(r, -(2**40))),
    "no such branch": lambda r: Record(KEY, value(short(r))[:-1] + b"\x04\x02x"),
    "negative branch": lambda r: Record(KEY, value(short(r))[:-1] + b"\x01\x02x"),
    "string longer than the value": lambda r: Record(KEY, value(short(r))[:-1] + b"\x02\x7e"),
    "string of 2**60 bytes": lambda r: Record(KEY, value(short(r))[:-1] + b"\x02" + varint(2**60)),
    "string of -3 bytes": lambda r: Record(KEY, value(short(r))[:-1] + b"\x02\x05abc"),
    "string that is no text": lambda r: Record(KEY, value(short(r))[:-1] + b"\x02\x04\xc3\x28"),
    "padded": lambda r: Record(KEY, with_student(r, padded(1, 10))),
    "varint without end": lambda r: Record(KEY, with_student(r, b"\xff" * 12)),
}

# What is written in place of a record's frame; `delta` tells its place.
FRAMES: Final[Mapping[str, Callable[[wire.Record, int], bytes]]] = {
    "key longer than the record": lambda r, delta: framed(delta, varint(2**40) + KEY),
    "key longer than memory": lambda r, delta: framed(delta, varint(2**63 - 1) + KEY),
    "headers without end": lambda r, delta: framed(
        delta, varint(8) + KEY + varint(0) + varint(2**60)
    ),
    "negative headers": lambda r, delta: framed(delta, varint(8) + KEY + varint(0) + varint(-1)),
    "header longer than the record": lambda r, delta: framed(
        delta, varint(8) + KEY + varint(0) + varint(1) + varint(1000)
    ),
    "empty frame": lambda r, delta: varint(0),
    "padded frame": lambda r, delta: framed(
        delta, padded(8, 5) + KEY + padded(len(value(r)), 9) + value(r) + padded(0, 3)
    ),
    "attributes": lambda r, delta: framed(
        delta, varint(8) + KEY + varint(len(value(r))) + value(r) + varint(0), attributes=b"\x01"
    ),
    "offset of the record before": lambda r, delta: frame(RECORDS["good"](r), delta - 1),
    "offset behind the batch": lambda r, delta: frame(RECORDS["good"](r), delta + 1000),
    "length that swallows the neighbour": lambda r, delta: swallowing(r, delta),
    "length beyond the batch": lambda r, delta: varint(2**30) + bytes(20),
    "negative length": lambda r, delta: varint(-5) + bytes(20),
}


def framed(delta: int, rest: bytes, *, attributes: bytes = b"\x00") -> bytes:
    inside = attributes + varint(0) + varint(delta) + rest
    return varint(len(inside)) + inside


def swallowing(record: wire.Record, delta: int) -> bytes:
    """A frame whose length, and the length of whose value, take in 20 bytes of the next one."""
    good = value(record)
    inside = b"\x00" + varint(0) + varint(delta) + varint(8) + KEY + varint(len(good) + 20) + good
    return varint(len(inside) + 20) + inside
