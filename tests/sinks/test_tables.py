"""What the tables hold, held against what fastavro reads of the same bytes."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.decoder import Decoder
from schemas import topics
from schemas.avro import schema_of
from schemas.topics import ACTIVITY, OUTPUTS, Topic
from schemas.types import Kind
from schemas.wire import Record
from sinks.tables import ROUTES, TABLES
from tests.broker import batches
from tests.sinks.rows import (
    SCHEMA_ID,
    day,
    expected_row,
    instant,
    key_of,
    loadable,
    value_of,
    with_details_read,
)

EVENT = ACTIVITY[Kind.FASER_UPLOAD]


def rows(topic: Topic, written: list[batches.Record]) -> tuple[pl.DataFrame, list[bool]]:
    """What a slice of these records comes to, and which of them are accepted."""
    decoder = Decoder(schema_of(topic), SCHEMA_ID, lambda _: None)
    decoded = decoder.decode(batches.slice_of(batches.batch(written)))
    assert decoded.records == len(decoded.rows.offsets)
    found, accepted = ROUTES[topic].rows(decoded.rows.values, decoded.rows.keys)
    return found, accepted.to_list()


def written(topic: Topic, record: Record) -> batches.Record:
    return batches.Record(key_of(topic, record), value_of(topic, record))


def an_event(**changes: object) -> Record:
    return {
        "event_id": bytes(range(16)),
        "student": 5,
        "occurred_at": instant(1_400_000_000_000),
        "recorded_at": instant(1_400_000_001_000),
        "feed": "f",
        "revision": 0,
        "action": "assert",
        "module": None,
        "assignment": "a",
        "attempt": 1,
        **changes,
    }


def test_everything_is_loaded_but_the_days_that_workers_closed_and_who_is_sponsored() -> None:
    said = {topics.STUDENT, topics.EXPECTATION, topics.CIRCUMSTANCE}
    reference = {topics.FEED_GAP, topics.FEED_MARK, topics.POLICY, topics.CALENDAR}
    wanted = {*ACTIVITY.values(), *said, *reference, *OUTPUTS}
    assert set(ROUTES) == wanted - {topics.DAY_CLOSED} | {topics.GENERATION}
    assert {table for route in ROUTES.values() for table in route.tables} == set(TABLES)


def test_a_tombstone_is_understood_on_every_topic_that_is_compacted() -> None:
    for topic, route in ROUTES.items():
        assert all((table.key is not None) == topic.compacted for table in route.tables)


@pytest.mark.parametrize("topic", ROUTES, ids=lambda topic: topic.name)
@settings(max_examples=25)
@given(data=st.data())
def test_a_row_holds_what_fastavro_reads(topic: Topic, data: st.DataObject) -> None:
    records = data.draw(st.lists(loadable(topic), min_size=1, max_size=5))
    found, accepted = rows(topic, [written(topic, record) for record in records])
    assert accepted == [True] * len(records)
    assert [with_details_read(row) for row in found.to_dicts()] == [
        expected_row(topic, value_of(topic, record)) for record in records
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"student": -1},
        {"student": 2**53},
        {"occurred_at": instant(0)},
        {"occurred_at": instant(4_102_444_800_000)},
    ],
)
def test_an_impossible_event_is_left_out_and_its_neighbours_are_not(
    changes: dict[str, object],
) -> None:
    events = [an_event(), an_event(**changes), an_event(student=6)]
    keys = [int(str(event["student"])).to_bytes(8, "big", signed=True) for event in events]
    found, accepted = rows(
        EVENT,
        [
            batches.Record(key, value_of(EVENT, event))
            for key, event in zip(keys, events, strict=True)
        ],
    )
    assert accepted == [True, False, True]
    assert found["student"].to_list() == [5, 6]


@pytest.mark.parametrize("key", [b"", b"short", bytes(8), bytes(7) + b"\x06"])
def test_a_record_whose_key_is_not_its_students_is_left_out(key: bytes) -> None:
    found, accepted = rows(EVENT, [batches.Record(key, value_of(EVENT, an_event()))])
    assert accepted == [False]
    assert found.is_empty()


def test_a_period_that_never_ends_is_kept_as_far_as_clickhouse_counts() -> None:
    period = {"level": "1", "mode": "full_time", "programme": "p", "status": "enrolled"}
    record: Record = {
        "student": 5,
        "recorded_at": instant(1_400_000_000_000),
        "periods": [{"from": day(16_000), "to": day(2_932_896), **period}],
        "tutor": None,
    }
    found, _ = rows(topics.STUDENT, [written(topics.STUDENT, record)])
    assert found["periods"].to_list() == [
        [{"first_day": day(16_000), "last_day": day(120_529), **period}]
    ]
