"""Good records: every schema, every codec, several writers; what is bad has `test_poison.py`."""

import io

import fastavro
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.decoder import Decoded, Decoder
from schemas import wire
from schemas.avro import Json, Schema, fields_of, schema_of
from schemas.reasons import Reason
from schemas.topics import INDICATOR, TOPICS, Topic
from tests.broker.batches import CODECS, Record, batch, slice_of
from tests.broker.poison import EVENT, KEY, OLDER, OWN, SCHEMAS, look_up
from tests.schemas.records import plain_record, records_of

EVENT_SCHEMA = schema_of(EVENT)


def nobody(schema_id: int) -> Schema | None:
    return None


def decoder(topic: Topic = EVENT, **options: bool) -> Decoder:
    return Decoder(schema_of(topic), OWN, nobody, **options)


def events(count: int) -> st.SearchStrategy[list[wire.Record]]:
    return st.lists(records_of(EVENT_SCHEMA), min_size=count, max_size=count)


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


def test_tombstones_are_told_where_a_topic_has_them() -> None:
    deleted = slice_of(batch([Record(KEY, None)], base=3))
    (tombstone,) = decoder(INDICATOR, allow_tombstones=True).decode(deleted).tombstones
    assert (tombstone.offset, tombstone.key) == (3, KEY)
    (rejected,) = decoder(INDICATOR).decode(deleted).rejected
    assert rejected.reason is Reason.NO_VALUE


@given(records=events(4))
def test_two_writers_at_once_are_read_by_their_own_schemas(records: list[wire.Record]) -> None:
    reader = Decoder(EVENT_SCHEMA, OWN, look_up)
    new = batch([Record(KEY, value(r)) for r in records[:2]])
    old = batch([Record(KEY, _under(SCHEMAS[OLDER], OLDER, r)) for r in records[2:]], base=2)
    decoded = reader.decode(slice_of(new, old))
    assert decoded.fast == 4
    assert rows(decoded) == [_plain_event(r) for r in records[:2]] + [
        {**_plain_event(r), "object": None} for r in records[2:]
    ]


@pytest.mark.parametrize(
    "kind",
    [
        "float",
        {"type": "map", "values": "long"},
        {"type": "array", "items": "string"},
        {"type": "array", "items": {"type": "enum", "name": "Band", "symbols": ["low", "high"]}},
        ["string", "long"],
    ],
    ids=str,
)
def test_a_topic_whose_sizes_nobody_can_tell_is_refused_at_once(kind: Json) -> None:
    schema: Schema = {"type": "record", "name": "R", "fields": [{"name": "f", "type": kind}]}
    with pytest.raises(ValueError, match="the fast path does not take the Avro type"):
        Decoder(schema, 1, nobody)


def _item(names: list[str], *others: Json) -> Schema:
    fields: list[Json] = [{"name": n, "type": ["null", "long"], "default": None} for n in names]
    return {"type": "record", "name": "Item", "fields": [*fields, *others]}


def _with_items(names: list[str], *others: Json) -> Schema:
    items: dict[str, Json] = {"type": "array", "items": dict(_item(names, *others))}
    fields: list[Json] = [{"name": "student", "type": "long"}, {"name": "items", "type": items}]
    return {"type": "record", "name": "WithItems", "fields": fields}


# A field that was added later, and what its column holds for records from before.
ADDED: list[tuple[dict[str, Json], object]] = [
    ({"type": "long", "default": 7}, 7),
    ({"type": {"type": "int", "logicalType": "date"}, "default": 3}, 3),
    ({"type": "string", "default": "none"}, "none"),
    ({"type": "boolean", "default": True}, True),
    ({"type": "double", "default": 0.5}, 0.5),
    ({"type": "bytes", "default": "\u00ff"}, b"\xff"),
    ({"type": {"type": "fixed", "name": "F", "size": 2}, "default": "ab"}, b"ab"),
    ({"type": {"type": "enum", "name": "E", "symbols": ["x", "y"]}, "default": "y"}, 1),
    ({"type": ["null", "int"], "default": None}, None),
    ({"type": {"type": "array", "items": dict(_item(["a"]))}, "default": []}, []),
]


@pytest.mark.parametrize(("added", "default"), ADDED, ids=lambda case: str(case)[:40])
@pytest.mark.parametrize("headers", [(), ((b"trace", b"1"),)], ids=["fast", "slow"])
def test_a_field_that_an_older_writer_does_not_know_has_its_default(
    added: dict[str, Json], default: object, headers: tuple[tuple[bytes, bytes], ...]
) -> None:
    newer: Schema = {
        **EVENT_SCHEMA,
        "fields": [*fields_of(EVENT_SCHEMA), {"name": "added", **added}],
    }
    reader = Decoder(newer, OWN, lambda i: EVENT_SCHEMA if i == OLDER else None)
    records = [_under(EVENT_SCHEMA, OLDER, _event(student)) for student in range(3)]
    decoded = reader.decode(slice_of(batch([Record(KEY, v, headers) for v in records])))
    assert decoded.rows.values.schema == reader.types
    assert decoded.rows.values["added"].to_list() == [default] * 3
    assert decoded.rows.values["student"].to_list() == [0, 1, 2]


@pytest.mark.parametrize("headers", [(), ((b"trace", b"1"),)], ids=["fast", "slow"])
def test_so_has_a_field_within_the_records_of_an_array(
    headers: tuple[tuple[bytes, bytes], ...],
) -> None:
    older = _with_items(["a"])
    newer = _with_items(["a"], {"name": "due", "type": "long", "default": 7})
    reader = Decoder(newer, OWN, lambda i: older if i == OLDER else None)
    values: list[wire.Record] = [
        {"student": 1, "items": [{"a": 5}, {"a": None}]},
        {"student": 2, "items": []},
    ]
    records = [Record(KEY, _under(older, OLDER, one), headers) for one in values]
    decoded = reader.decode(slice_of(batch(records)))
    assert decoded.rows.values.schema == reader.types
    items = [[{"a": 5, "due": 7}, {"a": None, "due": 7}], []]
    assert decoded.rows.values["items"].to_list() == items


def test_fields_within_an_array_may_be_added_as_well() -> None:
    """By either side: one that is missing is null, one that is not known is left out."""
    one, other = _with_items(["a", "b"]), _with_items(["a", "c"])
    reader = Decoder(one, OWN, lambda i: other if i == OLDER else None)
    written = _under(other, OLDER, {"student": 1, "items": [{"a": 5, "c": 6}]})
    decoded = reader.decode(slice_of(batch([Record(KEY, written)])))
    assert rows(decoded) == [{"student": 1, "items": [{"a": 5, "b": None}]}]


def _under(schema: Schema, schema_id: int, record: wire.Record) -> bytes:
    out = io.BytesIO()
    out.write(wire.prefix(schema_id))
    fastavro.schemaless_writer(out, fastavro.parse_schema(dict(schema)), record)
    return out.getvalue()


def _plain_event(record: wire.Record) -> wire.Record:
    return plain_record(EVENT_SCHEMA, record)


def _event(student: int) -> wire.Record:
    optional = dict.fromkeys(("module", "component", "object"))
    times = dict.fromkeys(("occurred_at", "recorded_at"), 0)
    plain = {"event_id": bytes(16), "feed": "f", "revision": 0, "action": "assert"}
    return {**plain, **times, **optional, "student": student}
