"""The whole way: from a real broker and registry into a real ClickHouse."""

import json
from typing import Any

import pytest

from schemas import topics
from schemas.avro import Schema, fields_of, schema_of
from schemas.keys import student_key
from schemas.topics import ACTIVITY
from schemas.types import Band, Day, Kind, Status
from sinks.clickhouse import ClickHouseAddress, connect
from sinks.tables import ROUTES
from tests.sinks.conftest import Store
from tests.sinks.published import Generation, Published
from tests.sinks.rows import expected_row, value_of, with_details_read
from tests.sinks.running import RunningSink, until
from tests.sinks.samples import ACTIVE_DAYS, NOON, STUDENTS, an_event, an_indicator

pytestmark = pytest.mark.stack

EVERY_ROW = "SELECT * FROM {table:Identifier} FINAL"
STUDENT = STUDENTS[0]
LOGINS = ACTIVITY[Kind.MOODLE_LOGIN]


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
        of_two_revisions = ("indicator", "indicator_day", "alert", "alert_compliance")
        read = {table: 2 * expected[table] for table in of_two_revisions}
        assert sink.process.status()["rows"] == expected | read
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


def test_status_is_json(everything: Published, store: Store) -> None:
    generation, _ = everything
    no_lag = {topic.name: {"0": 0, "1": 0} if topic.per_student else {"0": 0} for topic in ROUTES}
    with RunningSink(generation.config(store.address)) as sink:
        sink.wait_until_loaded(generation.ends)
        until(lambda: json_of(sink)["lag"] == no_lag, "it saw that nothing is left")
        status = json_of(sink)
    assert set(status) == {"positions", "lag", "held", "rows", "trouble"}
    assert status["positions"][LOGINS.name] == {
        str(partition): end for partition, end in generation.ends[LOGINS.name].items()
    }
