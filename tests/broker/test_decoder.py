import io
from collections.abc import Sequence

import fastavro
import pytest
from fastavro.types import Schema as ParsedSchema
from hypothesis import given
from hypothesis import strategies as st

from broker.blocks import BlockReader, NotABlock
from broker.decoder import Decoded, Decoder
from schemas import wire
from schemas.avro import Schema, fields_of, schema_of
from schemas.errors import Undecodable
from schemas.physical import physical
from schemas.reasons import Reason
from schemas.topics import ACTIVITY, INDICATOR, TOPICS, Topic
from schemas.types import Kind
from tests.broker.batches import (
    CODECS,
    Record,
    batch,
    batch_of,
    frame,
    padded,
    read_frames,
    slice_of,
    varint,
)
from tests.schemas.records import plain_record, records_of

EVENT = ACTIVITY[Kind.MOODLE_COURSE]
OWN, OLDER, UNKNOWN = 7, 8, 9
KEY = b"k" * 8

# The same kind before `object` was added: another writer, still about.
OLDER_SCHEMA: Schema = {
    **schema_of(EVENT),
    "fields": [*fields_of(schema_of(EVENT))[:-1]],
}


def nobody(schema_id: int) -> Schema | None:
    return None


def decoder(topic: Topic = EVENT, **options: bool) -> Decoder:
    return Decoder(schema_of(topic), OWN, nobody, **options)


def events(count: int) -> st.SearchStrategy[list[wire.Record]]:
    return st.lists(records_of(schema_of(EVENT)), min_size=count, max_size=count)


def value(record: wire.Record, topic: Topic = EVENT) -> bytes:
    return wire.encode(topic, OWN, record)


def rows(decoded: Decoded) -> list[dict[str, object]]:
    return decoded.rows.values.to_dicts()


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
@given(data=st.data())
def test_every_branch_of_every_schema_goes_through_the_fast_path(
    topic: Topic, data: st.DataObject
) -> None:
    records = data.draw(st.lists(records_of(schema_of(topic)), min_size=1, max_size=6))
    batches = batch([Record(KEY, value(record, topic)) for record in records])
    decoded = decoder(topic).decode(slice_of(batches))
    assert decoded.fast == len(records)
    assert rows(decoded) == [plain_record(schema_of(topic), record) for record in records]


@pytest.mark.parametrize("codec", CODECS)
@given(records=events(5))
def test_all_codecs_give_the_same_rows(codec: str, records: list[wire.Record]) -> None:
    written = [Record(KEY, value(record)) for record in records]
    decoded = decoder().decode(slice_of(batch(written, codec=codec, base=100, timestamp=5)))
    assert rows(decoded) == [_plain_event(record) for record in records]
    assert decoded.rows.offsets.tolist() == [100, 101, 102, 103, 104]
    assert decoded.rows.timestamps.tolist() == [5] * 5
    assert decoded.fast == 5


@given(records=events(6), start=st.integers(10, 16))
def test_a_seek_into_the_middle_of_a_batch_drops_what_lies_before(
    records: list[wire.Record], start: int
) -> None:
    written = [Record(KEY, value(record)) for record in records]
    pieces = slice_of(batch(written[:4], base=10), batch(written[4:], base=14), start=start)
    decoded = decoder().decode(pieces)
    assert decoded.rows.offsets.tolist() == list(range(start, 16))
    assert rows(decoded) == [_plain_event(record) for record in records[start - 10 :]]


@given(data=st.data(), payload_changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255))))
def test_what_the_fast_path_accepts_is_what_a_plain_reader_reads(
    data: st.DataObject, payload_changes: list[tuple[float, int]]
) -> None:
    """Whatever happened to the bytes: a forged frame never takes a neighbour's place."""
    records = data.draw(events(3))
    payload = bytearray(
        b"".join(frame(Record(KEY, value(r)), delta) for delta, r in enumerate(records))
    )
    for place, byte in payload_changes:
        payload[int(place * (len(payload) - 1))] = byte
    damaged = batch_of(bytes(payload), 3)
    try:
        found = BlockReader(schema_of(EVENT), OWN).read([damaged], [damaged.payload])
    except NotABlock:
        return
    framed = read_frames(bytes(payload), 3)
    assert found.keys.to_list() == [f.key for f in framed]
    assert found.offsets.tolist() == [f.delta for f in framed]
    assert found.values.to_dicts() == [_read(f.value) for f in framed]


@given(
    data=st.data(),
    poison=st.lists(
        st.sampled_from(
            [
                "good",
                "no key",
                "no value",
                "header",
                "garbage",
                "cut",
                "longer",
                "unknown id",
                "older",
                "enum",
                "padded",
            ]
        ),
        min_size=1,
        max_size=8,
    ),
)
def test_a_poisoned_record_never_takes_its_neighbours_with_it(
    data: st.DataObject, poison: Sequence[str]
) -> None:
    records = data.draw(events(len(poison)))
    written = [_poisoned(kind, record) for kind, record in zip(poison, records, strict=True)]
    reader = Decoder(schema_of(EVENT), OWN, lambda i: OLDER_SCHEMA if i == OLDER else None)
    decoded = reader.decode(slice_of(batch(written)))
    accepted = {"good", "header", "older", "padded"}
    wanted = [
        (at, {**_plain_event(record), **({"object": None} if kind == "older" else {})})
        for at, (kind, record) in enumerate(zip(poison, records, strict=True))
        if kind in accepted
    ]
    found = list(zip(decoded.rows.offsets.tolist(), rows(decoded), strict=True))
    assert found == wanted
    assert [r.offset for r in decoded.rejected] == [
        at for at, kind in enumerate(poison) if kind not in accepted
    ]
    assert decoded.records == len(poison)


@pytest.mark.parametrize("count", [2**31 - 1, 1_000_000, 4, 2])
def test_an_impossible_count_is_refused_and_the_process_lives(count: int) -> None:
    record = dict.fromkeys(("module", "component", "object"))
    good = value(
        {
            **record,
            "event_id": bytes(16),
            "student": 1,
            "occurred_at": 0,
            "recorded_at": 0,
            "feed": "f",
            "revision": 0,
            "action": "assert",
        }
    )
    payload = b"".join(frame(Record(KEY, good), delta) for delta in range(3))
    decoded = decoder().decode(slice_of(batch_of(payload, count, span=3)))
    assert {r.reason for r in decoded.rejected} <= {Reason.UNDECODABLE}
    assert set(decoded.rows.offsets.tolist()) <= {0, 1, 2}


def test_a_bomb_is_refused_before_it_fills_the_memory() -> None:
    bomb = batch_of(bytes(80 << 20), 1, codec="zstd")
    assert len(bomb.payload) < 20_000
    (rejected,) = decoder().decode(slice_of(bomb)).rejected
    assert rejected.reason is Reason.TOO_LARGE
    assert rejected.raw == bytes(bomb.payload)


def test_tombstones_are_told_where_a_topic_has_them() -> None:
    deleted = slice_of(batch([Record(KEY, None)], base=3))
    (tombstone,) = decoder(INDICATOR, allow_tombstones=True).decode(deleted).tombstones
    assert (tombstone.offset, tombstone.key) == (3, KEY)
    (rejected,) = decoder(INDICATOR).decode(deleted).rejected
    assert rejected.reason is Reason.NO_VALUE


@given(records=events(4))
def test_two_writers_at_once_are_read_by_their_own_schemas(records: list[wire.Record]) -> None:
    older = fastavro.parse_schema(dict(OLDER_SCHEMA))
    reader = Decoder(schema_of(EVENT), OWN, lambda i: OLDER_SCHEMA if i == OLDER else None)
    new = batch([Record(KEY, value(r)) for r in records[:2]])
    old = batch([Record(KEY, _under(older, OLDER, r)) for r in records[2:]], base=2)
    decoded = reader.decode(slice_of(new, old))
    assert decoded.fast == 4
    assert rows(decoded) == [_plain_event(r) for r in records[:2]] + [
        {**_plain_event(r), "object": None} for r in records[2:]
    ]


def _poisoned(kind: str, record: wire.Record) -> Record:
    good = value(record)
    match kind:
        case "no key":
            return Record(None, good)
        case "no value":
            return Record(KEY, None)
        case "header":
            return Record(KEY, good, headers=((b"trace", b"1"),))
        case "garbage":
            return Record(KEY, b"not avro at all")
        case "cut":
            return Record(KEY, good[:-1] if good[-1] else good[: len(good) // 2])
        case "longer":
            return Record(KEY, good + b"\x00")
        case "unknown id":
            return Record(KEY, wire.prefix(UNKNOWN) + good[5:])
        case "older":
            return Record(KEY, _under(fastavro.parse_schema(dict(OLDER_SCHEMA)), OLDER, record))
        case "enum":
            return Record(KEY, _bad_enum(record))
        case "padded":
            return Record(KEY, _padded_student(record))
    return Record(KEY, good)


def _bad_enum(record: wire.Record) -> bytes:
    """The action, which stands before three optional strings, at a position no symbol has."""
    short = {**record, "module": None, "component": None, "object": None}
    body = bytearray(value({**short, "action": "assert"}))
    body[-4] = 2 * 77
    return bytes(body)


def _padded_student(record: wire.Record) -> bytes:
    """A student whose varint is longer than it has to be: not canonical, and still Avro."""
    body = value(record)
    student = record["student"]
    assert isinstance(student, int)
    short = varint(student)
    return body[:21] + padded(student, 10) + body[21 + len(short) :]


def _under(schema: ParsedSchema, schema_id: int, record: wire.Record) -> bytes:
    out = io.BytesIO()
    out.write(wire.prefix(schema_id))
    fastavro.schemaless_writer(out, schema, record)
    return out.getvalue()


def _plain_event(record: wire.Record) -> wire.Record:
    return plain_record(schema_of(EVENT), record)


def _read(value_bytes: bytes | None) -> object:
    assert value_bytes is not None
    try:
        return wire.decode(value_bytes, fastavro.parse_schema(physical(schema_of(EVENT))))
    except Undecodable as error:
        raise AssertionError("the fast path accepted what does not decode") from error
