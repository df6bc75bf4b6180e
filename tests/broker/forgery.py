"""Three records, of which the outer two are written so that the one between them is not seen.

[outer][neighbour][outer]: read as one block of Avro, the first outer record's last string takes in
the neighbour and the head of the third record, whose value holds two whole records: one in the
neighbour's place, and its own. Padded varints in the first make up for the bytes that its string
takes in, so that its lengths are what canonical Avro would take for what was decoded. The string is
of bytes here, so that it does not have to be text.
"""

from collections.abc import Callable, Iterator

from schemas import wire
from schemas.avro import Schema, fields_of, schema_of
from tests.broker.batches import Record, frame, padded, varint
from tests.broker.poison import EVENT, KEY, OWN

Encode = Callable[[int], bytes]

SCHEMA: Schema = {
    **schema_of(EVENT),
    "fields": [
        *fields_of(schema_of(EVENT))[:-1],
        {"name": "object", "type": ["null", "bytes"], "default": None},
    ],
}


def event(student: int, encode: Encode = varint, *, taken_in: int | None = None) -> bytes:
    """A value of the least size; with `taken_in`, its last string is said to be so long."""
    fields = b"".join(encode(number) for number in (student, 0, 0, 0, 0, 0, 0, 0))
    last = encode(0) if taken_in is None else encode(1) + encode(taken_in)
    return wire.prefix(OWN) + bytes(16) + fields + last


def forged() -> bytes:
    """The payload of a batch of three records."""
    neighbour = frame(Record(KEY, event(4242)), 1)
    inside = frame(Record(KEY, event(1717)), 1) + frame(Record(KEY, event(5)), 2)
    value = wire.prefix(OWN) + b"\x00" + inside
    third = frame(Record(KEY, value), 2)
    head = third[: len(third) - len(value) - 1]
    taken_in = b"\x00" + neighbour + head + wire.prefix(OWN)
    left = len(taken_in)

    def fat(number: int) -> bytes:
        nonlocal left
        size = min(10, len(varint(number)) + left)
        left -= size - len(varint(number))
        return padded(number, size)

    first = frame(Record(KEY, event(0, fat, taken_in=len(taken_in))), 0)
    if left:
        raise AssertionError(f"{left} bytes cannot be made up for")
    return first + neighbour + third


def honest() -> Iterator[bytes]:
    """The same three as honest writers would send them."""
    for delta, student in enumerate((0, 4242, 5)):
        yield frame(Record(KEY, event(student)), delta)
