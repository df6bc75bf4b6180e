"""The whole way: from a real broker and registry into a real ClickHouse."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from broker.offsets import Offsets
from deploy.local.stack import Addresses
from schemas import topics
from schemas.avro import Schema, fields_of, schema_of
from schemas.errors import Unreachable
from schemas.keys import student_key
from schemas.topics import ACTIVITY
from schemas.types import Band, Day, Kind, Status
from sinks.clickhouse import ClickHouseAddress, connect
from sinks.progress import has_loaded
from sinks.queries import Queries
from sinks.tables import ROUTES
from tests.deploy.server import USER, Server
from tests.sinks.conftest import Store
from tests.sinks.proxy import Proxy
from tests.sinks.published import (
    ACTIVE_DAYS,
    NOON,
    PARTITIONS,
    STUDENTS,
    Generation,
    Registered,
    an_event,
    an_indicator,
)
from tests.sinks.rows import expected_row, value_of, with_details_read
from tests.sinks.running import RunningSink, until

pytestmark = pytest.mark.stack

Published = tuple[Generation, dict[str, int]]

EVERY_ROW = "SELECT * FROM {table:Identifier} FINAL"
STUDENT = STUDENTS[0]
LOGINS = ACTIVITY[Kind.MOODLE_LOGIN]


@pytest.fixture(scope="module")
def registered(stack: Addresses) -> Iterator[Registered]:
    with Registered.at(stack) as registered:
        yield registered


@pytest.fixture
def generation(stack: Addresses, registered: Registered) -> Generation:
    return Generation.new(stack, registered)


@pytest.fixture(scope="module")
def published(stack: Addresses, registered: Registered) -> Published:
    generation = Generation.new(stack, registered)
    return generation, generation.publish_everything()


@pytest.fixture
def everything(published: Published) -> Published:
    """Records on every topic, not loaded yet, and how many rows they come to; only to be read."""
    published[0].forget_what_was_loaded()
    return published


def committed(generation: Generation) -> dict[tuple[str, int], int]:
    """What the sinks have committed, where it is not 0."""
    places = [
        (topic.full_name(generation.name), partition)
        for topic in ROUTES
        for partition in range(PARTITIONS)
    ]
    found = Offsets(generation.client).committed(f"leap-sink-{generation.name}", places)
    return {place: offset for place, offset in found.items() if offset}


def json_of(sink: RunningSink) -> dict[str, Any]:
    status: dict[str, Any] = json.loads(json.dumps(sink.process.status()))
    return status


def answers(store: Store) -> list[object]:
    """Everything that the read side says, and every row of every table."""
    queries = store.queries
    asked: list[object] = [queries.row_counts(), queries.band_counts(), queries.students()]
    for student in STUDENTS:
        asked += [
            queries.current_indicator(student),
            queries.closings(student, Day(0), Day(20_000)),
            queries.changes(student),
            queries.coursework(student),
        ]
    asked += [block.to_dicts() for block in queries.all_closings()]
    asked += [
        sorted(map(repr, store.client.query(EVERY_ROW, parameters={"table": table}).result_rows))
        for table in queries.row_counts()
    ]
    return [*asked, queries.changes_chain_breaks()]


def test_everything_on_every_topic_is_loaded_once_and_again_without_a_difference(
    everything: Published, address: ClickHouseAddress
) -> None:
    """Into a database that the sink has to make first."""
    generation, expected = everything
    with RunningSink(generation.config(address)) as sink:
        sink.wait_until_loaded(generation.ends)
        assert sink.trouble is None
    store = Store(address, connect(address))
    first = answers(store)
    assert store.queries.row_counts() == expected
    assert store.queries.changes_chain_breaks() == 0
    found = store.queries.current_indicator(STUDENT)
    assert found is not None
    assert (found.status, found.band, found.version) == (Status.SCORED, Band.GOOD, 2)
    assert [c.revision for c in store.queries.closings(STUDENT, Day(0), Day(20_000))] == [
        1
    ] * ACTIVE_DAYS

    generation.forget_what_was_loaded()
    with RunningSink(generation.config(address)) as sink:
        sink.wait_until_loaded(generation.ends)
        assert sink.process.status()["rows"] == {**expected, "indicator": 8, "indicator_day": 24}
    assert answers(store) == first
    store.client.close()


def test_events_of_every_kind_are_rows_as_fastavro_reads_them(
    everything: Published, store: Store
) -> None:
    generation, _ = everything
    with RunningSink(generation.config(store.address)) as sink:
        sink.wait_until_loaded(generation.ends)
    rows = store.client.query_arrow("SELECT * FROM event FINAL", use_strings=False).to_pylist()
    texts = ("kind", "feed", "action", "details")
    found = [
        with_details_read({n: v.decode() if n in texts else v for n, v in row.items()})
        for row in rows
    ]
    expected = [
        expected_row(topic, value_of(topic, an_event(kind.value, student, number)))
        for kind, topic in ACTIVITY.items()
        for student in STUDENTS
        for number in range(ACTIVE_DAYS)
    ]

    def place(row: dict[str, object]) -> tuple[str, str]:
        return str(row["kind"]), str(row["event_id"])

    assert sorted(found, key=place) == sorted(expected, key=place)


def test_a_sink_that_starts_again_goes_on_where_it_was(
    generation: Generation, store: Store
) -> None:
    generation.publish(LOGINS, (an_event("moodle_login", STUDENT, n) for n in range(10)))
    with RunningSink(generation.config(store.address)) as sink:
        sink.wait_until_loaded(generation.ends)
    generation.publish(LOGINS, (an_event("moodle_login", STUDENT, n) for n in range(10, 15)))
    with RunningSink(generation.config(store.address)) as sink:
        sink.wait_until_loaded(generation.ends)
        assert sink.process.status()["rows"] == {"event": 5}
    assert store.queries.row_counts()["event"] == 15


def test_offsets_are_committed_after_the_insert_and_not_before(
    generation: Generation, store: Store
) -> None:
    generation.publish(LOGINS, (an_event("moodle_login", s, n) for s in STUDENTS for n in range(5)))
    ends = generation.ends
    with Proxy(store.address.port) as proxy:
        proxy.gate.clear()
        address = replace(store.address, port=proxy.port)
        with RunningSink(generation.config(address)) as sink:
            assert proxy.at_gate.wait(30)
            assert store.queries.row_counts()["event"] == 0
            assert committed(generation) == {}
            assert not has_loaded(sink.positions, ends)
            proxy.gate.set()
            sink.wait_until_loaded(ends)
    assert store.queries.row_counts()["event"] == 20
    assert committed(generation) == {
        (topic.full_name(generation.name), partition): offset
        for topic in ROUTES
        for partition, offset in ends[topic.name].items()
        if offset
    }


@pytest.mark.parametrize("fault", ["cut_requests", "cut_answers"])
def test_a_connection_that_is_cut_in_the_middle_of_inserts_leaves_no_gap(
    everything: Published, store: Store, fault: str
) -> None:
    generation, expected = everything
    with Proxy(store.address.port) as proxy:
        setattr(proxy, fault, 4)
        with RunningSink(generation.config(replace(store.address, port=proxy.port))) as sink:
            sink.wait_until_loaded(generation.ends)
        assert getattr(proxy, fault) == 0
    assert store.queries.row_counts() == expected
    assert store.queries.changes_chain_breaks() == 0


def test_a_clickhouse_that_is_stopped_and_started_in_between_loses_nothing(
    generation: Generation, tmp_path: Path
) -> None:
    server = Server(tmp_path)
    server.start()
    server.wait()
    address = ClickHouseAddress("127.0.0.1", server.port, USER, server.password, "leap")
    try:
        with RunningSink(generation.config(address)) as sink:
            generation.publish(LOGINS, (an_event("moodle_login", STUDENT, n) for n in range(10)))
            sink.wait_until_loaded(generation.ends)
            before = committed(generation)
            server.stop()
            generation.publish(LOGINS, (an_event("moodle_login", s, 10) for s in STUDENTS))
            until(lambda: sink.trouble is not None, "the sink noticed")
            assert f"127.0.0.1:{server.port} did not answer" in str(sink.trouble)
            assert committed(generation) == before
            server.start()
            sink.wait_until_loaded(generation.ends)
            assert sink.trouble is None
        client = connect(address)
        assert Queries(client, address).row_counts()["event"] == 10 + len(STUDENTS)
        client.close()
    finally:
        server.stop()


def test_a_sink_can_be_stopped_while_clickhouse_is_away(
    generation: Generation, store: Store
) -> None:
    generation.publish(LOGINS, [an_event("moodle_login", STUDENT, 1)])
    with Proxy(store.address.port) as proxy:
        proxy.cut_requests = 1_000_000
        with RunningSink(generation.config(replace(store.address, port=proxy.port))) as sink:
            until(lambda: sink.trouble is not None, "the sink noticed")
    assert committed(generation) == {}


def test_records_that_cannot_be_read_are_counted_and_their_neighbours_loaded(
    generation: Generation, store: Store
) -> None:
    key, ours = student_key(STUDENT), generation.schema_ids[LOGINS]
    good = [value_of(LOGINS, an_event("moodle_login", STUDENT, n), ours) for n in range(3)]
    generation.publish_bytes(
        LOGINS,
        [
            (key, good[0]),
            (key, b"not in the wire format"),
            (key, None),
            (key, good[1][:-3]),
            (key, (0).to_bytes() + (2**31 - 1).to_bytes(4) + good[1][5:]),
            (student_key(STUDENTS[-1]), good[2]),
            (key, good[2]),
        ],
    )
    with RunningSink(generation.config(store.address)) as sink:
        sink.wait_until_loaded(generation.ends)
        assert sink.rejected(LOGINS) == 5
    assert store.queries.row_counts()["event"] == 2


def test_a_writer_with_another_schema_is_read_by_the_schema_that_it_registered(
    generation: Generation, store: Store
) -> None:
    """An older writer, whose kind had no fields of its own yet."""
    kind = ACTIVITY[Kind.PC_LOGIN]
    older: Schema = {**schema_of(kind), "fields": [*fields_of(schema_of(kind))[:-1]]}
    schema_id = generation.register_as_another_version(kind, older)
    event = an_event("pc_login", STUDENT, 1)
    full = value_of(kind, {**event, "logon_type": None}, schema_id)
    generation.publish_bytes(kind, [(student_key(STUDENT), full[:-1])])
    generation.publish(kind, [an_event("pc_login", STUDENT, 2)])
    with RunningSink(generation.config(store.address)) as sink:
        sink.wait_until_loaded(generation.ends)
    details = store.client.query("SELECT details FROM event FINAL ORDER BY occurred_at")
    assert details.result_rows == [('{"lab":"north"}',), ('{"lab":"north"}',)]


def test_of_an_event_that_was_published_twice_the_earliest_recorded_at_stays(
    generation: Generation, store: Store
) -> None:
    for recorded_ms in (500, 200, 900):
        generation.publish(LOGINS, [an_event("moodle_login", STUDENT, 0, recorded_ms)])
    with RunningSink(generation.config(store.address)) as sink:
        sink.wait_until_loaded(generation.ends)
    rows = store.client.query("SELECT toUnixTimestamp64Milli(recorded_at) FROM event FINAL")
    assert rows.result_rows == [(NOON + 200,)]


def test_a_student_who_has_left_has_no_indicator_until_there_is_one_again(
    generation: Generation, store: Store
) -> None:
    with RunningSink(generation.config(store.address)) as sink:
        generation.publish(topics.INDICATOR, [an_indicator(s, 7) for s in STUDENTS])
        generation.publish_bytes(topics.INDICATOR, [(student_key(STUDENT), None)])
        sink.wait_until_loaded(generation.ends)
        assert store.queries.current_indicator(STUDENT) is None
        assert store.queries.row_counts()["indicator"] == len(STUDENTS) - 1
        generation.publish(topics.INDICATOR, [an_indicator(STUDENT, 1)])
        sink.wait_until_loaded(generation.ends)
        found = store.queries.current_indicator(STUDENT)
        assert found is not None
        assert found.version == 1


def test_two_sinks_share_the_partitions_and_one_takes_over_from_the_other(
    generation: Generation, store: Store
) -> None:
    numbers = iter(range(1_000))

    def more() -> None:
        generation.publish(
            LOGINS, [an_event("moodle_login", s, next(numbers)) for s in STUDENTS for _ in "ab"]
        )

    def both(one: RunningSink, other: RunningSink) -> bool:
        held = [{*s.positions.get(LOGINS.name, {})} for s in (one, other)]
        return all(held) and not held[0] & held[1] and len(held[0] | held[1]) == PARTITIONS

    with RunningSink(generation.config(store.address)) as one:
        more()
        one.wait_until_loaded(generation.ends)
        with RunningSink(generation.config(store.address)) as other:
            until(lambda: both(one, other), "both had partitions")
            more()
            ends = generation.ends
            until(
                lambda: has_loaded(
                    {
                        name: {**one.positions.get(name, {}), **other.positions.get(name, {})}
                        for name in ends
                    },
                    ends,
                ),
                "both together had loaded everything",
            )
        more()
        one.wait_until_loaded(generation.ends)
    assert store.queries.row_counts()["event"] == 24


def test_records_that_were_deleted_before_they_were_loaded_are_passed_over(
    generation: Generation, store: Store
) -> None:
    generation.publish(LOGINS, (an_event("moodle_login", STUDENT, n) for n in range(5)))
    generation.delete_before_end(LOGINS)
    generation.publish(LOGINS, (an_event("moodle_login", STUDENT, n) for n in range(5, 8)))
    with RunningSink(generation.config(store.address)) as sink:
        sink.wait_until_loaded(generation.ends)
    assert store.queries.row_counts()["event"] == 3


def test_a_sink_without_clickhouse_ends_with_one_sentence(
    generation: Generation, address: ClickHouseAddress
) -> None:
    with (
        pytest.raises(Unreachable, match=r"127.0.0.1:1 did not answer"),
        RunningSink(generation.config(replace(address, port=1))) as sink,
    ):
        until(lambda: sink.failure is not None, "it ended")


def test_status_is_json(everything: Published, store: Store) -> None:
    generation, _ = everything
    no_lag = {topic.name: {"0": 0, "1": 0} for topic in ROUTES}
    with RunningSink(generation.config(store.address)) as sink:
        sink.wait_until_loaded(generation.ends)
        until(lambda: json_of(sink)["lag"] == no_lag, "it saw that nothing is left")
        status = json_of(sink)
    assert set(status) == {"positions", "lag", "held", "rows", "trouble"}
    assert status["positions"][LOGINS.name] == {
        str(partition): end for partition, end in generation.ends[LOGINS.name].items()
    }
