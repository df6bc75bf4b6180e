"""Loading into a real ClickHouse, over a way that breaks."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from schemas import topics
from schemas.keys import student_day_key, student_item_key, student_key
from schemas.topics import ACTIVITY, Topic
from schemas.types import KINDS, Day, Kind, StudentId
from schemas.wire import Record
from sinks.batch import Load
from sinks.clickhouse import ClickHouseAddress, connect
from sinks.loader import Pauses
from sinks.migrate import migrate
from sinks.queries import Queries
from tests.deploy.server import USER, Server
from tests.sinks.conftest import Store
from tests.sinks.loading import Written, load, loads_of, written
from tests.sinks.proxy import Proxy
from tests.sinks.rows import day, instant
from tests.sinks.running import until

EVENT = ACTIVITY[Kind.MOODLE_LOGIN]
STUDENT = StudentId(5)
FIRST_MS = 1_400_000_000_000


def an_event(number: int, **changes: object) -> Record:
    return {
        "event_id": number.to_bytes(16),
        "student": STUDENT,
        "occurred_at": instant(FIRST_MS + number * 86_400_000),
        "recorded_at": instant(FIRST_MS + 10),
        "feed": "f",
        "revision": 0,
        "action": "assert",
        "authentication": "password",
        **changes,
    }


def events(count: int) -> Sequence[Load]:
    return loads_of(EVENT, written(EVENT, (an_event(n) for n in range(count))))


def an_indicator(version: int, student: int = STUDENT) -> Record:
    return {
        "student": student,
        "as_of": day(16_100),
        "complete": day(16_099),
        "status": "scored",
        "band": "good",
        "score": float(version),
        "reason": "",
        "contributions": [],
        "policy": 1,
        "sequence": 1,
        "version": version,
        "computed_at": instant(FIRST_MS),
        "writer": "w",
    }


def through(proxy: Proxy, store: Store) -> ClickHouseAddress:
    return replace(store.address, port=proxy.port)


def test_what_is_loaded_twice_is_there_once(store: Store) -> None:
    loader = store.loader()
    load(loader, events(100), events(100))
    assert loader.rows == {"event": 200}
    assert store.queries.row_counts()["event"] == 100
    loader.close()


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 1, 0, 0, 2]])
def test_of_an_event_that_was_read_again_the_earliest_recorded_at_stays(
    store: Store, order: list[int]
) -> None:
    readings = [an_event(1, recorded_at=instant(FIRST_MS + ms)) for ms in (10, 20, 30)]
    loader = store.loader()
    load(loader, *(loads_of(EVENT, written(EVENT, [readings[n]])) for n in order))
    load(loader, loads_of(EVENT, written(EVENT, [readings[n] for n in order])))
    rows = store.client.query("SELECT toUnixTimestamp64Milli(recorded_at) FROM event FINAL")
    assert rows.result_rows == [(FIRST_MS + 10,)]
    loader.close()


def test_revisions_and_retractions_of_an_event_are_rows_of_their_own(store: Store) -> None:
    versions = [an_event(1), an_event(1, revision=1), an_event(1, revision=1, action="retract")]
    loader = store.loader()
    load(loader, loads_of(EVENT, written(EVENT, versions)))
    assert store.queries.row_counts()["event"] == 3
    loader.close()


def test_rows_lie_in_partitions_of_the_month_in_which_they_happened(store: Store) -> None:
    loader = store.loader()
    load(loader, events(3_700))  # ten years: more months than a block may have by default
    partitions = store.client.query(
        "SELECT count(), min(partition), max(partition) FROM (SELECT DISTINCT partition"
        " FROM system.parts WHERE active AND table = 'event' AND database = currentDatabase())"
    )
    assert partitions.result_rows == [(122, "201405", "202406")]
    loader.close()


@pytest.mark.parametrize("order", [[1, 2, 3], [3, 1, 2], [2, 3, 3, 1]])
def test_the_highest_version_is_the_current_one_in_whatever_order_they_came(
    store: Store, order: list[int]
) -> None:
    loader = store.loader()
    load(
        loader,
        *(loads_of(topics.INDICATOR, written(topics.INDICATOR, [an_indicator(v)])) for v in order),
    )
    found = store.queries.current_indicator(STUDENT)
    assert found is not None
    assert found.version == 3
    loader.close()


def test_a_tombstone_removes_the_indicator_and_a_student_who_comes_back_is_seen(
    store: Store,
) -> None:
    """After a tombstone the versions begin again: a row that was higher must not hide them."""
    before = loads_of(topics.INDICATOR, written(topics.INDICATOR, [an_indicator(7)]))
    gone = loads_of(topics.INDICATOR, [(student_key(STUDENT), None)])
    back = loads_of(topics.INDICATOR, written(topics.INDICATOR, [an_indicator(1)]))
    loader = store.loader()
    load(loader, before, gone)
    assert store.queries.current_indicator(STUDENT) is None
    assert store.queries.row_counts()["indicator"] == 0
    load(loader, back)
    for _ in range(2):
        found = store.queries.current_indicator(STUDENT)
        assert found is not None
        assert found.version == 1
        load(loader, before, gone, back)  # everything again: nothing changes
    loader.close()


def test_a_tombstone_removes_its_own_row_and_no_other(store: Store) -> None:
    other, loader = StudentId(6), store.loader()

    def check(topic: Topic, table: str, records: list[Record], key: bytes) -> None:
        load(loader, loads_of(topic, written(topic, records)), loads_of(topic, [(key, None)]))
        assert store.queries.row_counts()[table] == len(records) - 1

    check(
        topics.INDICATOR,
        "indicator",
        [an_indicator(1), an_indicator(1, other)],
        student_key(STUDENT),
    )
    check(
        topics.EXPECTATION,
        "expectation",
        [
            {
                "student": student,
                "item": item,
                "kind": "faser_upload",
                "module": "m",
                "due": day(16_000),
                "recorded_at": instant(FIRST_MS),
            }
            for student in (STUDENT, other)
            for item in ("it's", "b")
        ],
        student_item_key(STUDENT, "it's"),
    )
    counts = dict.fromkeys((kind.value for kind in KINDS), 1)
    check(
        topics.DAILY,
        "daily",
        [
            {
                "student": student,
                "day": day(number),
                "revision": 0,
                **counts,
                "counted_at": instant(FIRST_MS),
                "writer": "w",
            }
            for student in (STUDENT, other)
            for number in (16_000, 16_001)
        ],
        student_day_key(STUDENT, Day(16_000)),
    )
    loader.close()


@pytest.mark.parametrize("fault", ["cut_requests", "cut_answers"])
def test_an_insert_that_was_cut_in_the_middle_is_made_up_for(store: Store, fault: str) -> None:
    with Proxy(store.address.port) as proxy:
        loader = store.loader(through(proxy, store))
        setattr(proxy, fault, 2)
        with capture_logs() as logs:
            load(loader, events(5_000))
        assert getattr(proxy, fault) == 0
        loader.close()
    assert store.queries.row_counts()["event"] == 5_000
    assert store.client.command("SELECT uniqExact(event_id) FROM event") == 5_000
    warnings = [entry["event"] for entry in logs if entry["log_level"] == "warning"]
    assert warnings
    for part in (
        f"127.0.0.1:{proxy.port}",
        "load event",
        "LEAP_CLICKHOUSE",
        "Nothing is committed",
    ):
        assert part in warnings[0]
    assert logs[-1]["event"] == "ClickHouse takes rows again"


def test_a_clickhouse_that_was_stopped_and_started_has_lost_nothing(tmp_path: Path) -> None:
    server = Server(tmp_path)
    server.start()
    server.wait()
    address = ClickHouseAddress("127.0.0.1", server.port, USER, server.password, "leap")
    client = connect(address)
    migrate(client, address)
    loader = Store(address, client).loader()

    async def over_a_restart() -> None:
        await loader.load(events(100))
        await asyncio.to_thread(server.stop)
        loading = asyncio.create_task(loader.load(events(200)))
        await asyncio.to_thread(until, lambda: loader.trouble is not None, "it noticed")
        assert f"127.0.0.1:{server.port} did not answer" in str(loader.trouble)
        server.start()
        await loading

    try:
        asyncio.run(over_a_restart())
        assert loader.trouble is None
        assert Queries(client, address).row_counts()["event"] == 200
    finally:
        loader.close()
        client.close()
        server.stop()


def test_a_table_that_is_missing_is_waited_for_and_named(own_store: Store) -> None:
    store = own_store
    store.client.command("RENAME TABLE event TO elsewhere")
    loader = store.loader()

    async def until_it_is_back() -> None:
        loading = asyncio.create_task(loader.load(events(10)))
        await asyncio.to_thread(until, lambda: loader.trouble is not None, "it noticed")
        assert "a table is missing" in str(loader.trouble)
        store.client.command("RENAME TABLE elsewhere TO event")
        await loading

    asyncio.run(until_it_is_back())
    assert store.queries.row_counts()["event"] == 10
    loader.close()


def test_pauses_grow_up_to_the_last() -> None:
    pauses = Pauses(first_s=0.5, last_s=3.0)
    assert [pauses.after(n) for n in (1, 2, 3, 4, 5, 10_000)] == [0.5, 1.0, 2.0, 3.0, 3.0, 3.0]


def test_slices_whose_texts_differ_are_loaded_in_one_batch(store: Store) -> None:
    """Each comes with a dictionary of its own texts."""
    feeds = [[f"feed {n % 7} of slice {number}" for n in range(50)] for number in range(4)]
    slices = [
        written(EVENT, (an_event(100 * number + n, feed=feed) for n, feed in enumerate(texts)))
        for number, texts in enumerate(feeds)
    ]
    loader = store.loader()
    load(loader, loads_of(EVENT, *slices))
    rows = store.client.query("SELECT feed, count() FROM event GROUP BY feed ORDER BY feed")
    assert rows.result_rows == sorted(Counter(feed for texts in feeds for feed in texts).items())
    loader.close()


def test_many_rows_are_deleted_at_once(store: Store) -> None:
    loader = store.loader()
    records = [an_indicator(1, student) for student in range(2_500)]
    gone: list[Written] = [(student_key(StudentId(s)), None) for s in range(0, 2_500, 2)]
    load(loader, loads_of(topics.INDICATOR, written(topics.INDICATOR, records)))
    load(loader, loads_of(topics.INDICATOR, gone))
    rows = store.client.query("SELECT countIf(student % 2 = 1), count() FROM indicator FINAL")
    assert rows.result_rows == [(1_250, 1_250)]
    loader.close()


def a_closing(number: int, revision: int, student: int = STUDENT) -> Record:
    return {
        "student": student,
        "day": day(16_000 + number),
        "status": "scored",
        "band": "good",
        "score": float(revision),
        "reason": "",
        "contributions": [],
        "policy": 1,
        "revision": revision,
        "cause": "correction" if revision else "day_closed",
        "computed_at": instant(FIRST_MS + 1_000 * revision),
        "writer": "w",
    }


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 1, 0, 2, 2, 0]])
def test_history_keeps_every_revision_once_in_whatever_order_and_however_often_they_came(
    store: Store, order: list[int]
) -> None:
    topic = topics.INDICATOR_DAY
    loader = store.loader()
    load(loader, *(loads_of(topic, written(topic, [a_closing(0, n)])) for n in order))
    load(loader, loads_of(topic, written(topic, [a_closing(0, n) for n in order])))
    counts = store.queries.row_counts()
    assert (counts["indicator_day"], counts["indicator_day_history"]) == (1, 3)
    loader.close()


def test_a_tombstone_reaches_the_history_and_what_comes_after_it_is_kept(store: Store) -> None:
    topic, key = topics.INDICATOR_DAY, student_day_key(STUDENT, Day(16_000))
    records = [a_closing(0, 0), a_closing(0, 1), a_closing(1, 0), a_closing(0, 0, student=6)]
    before = loads_of(topic, written(topic, records), [(key, None)])
    loader = store.loader()
    for _ in range(2):
        load(loader, before)
        rows = store.client.query(
            "SELECT student, toInt32(day), revision FROM indicator_day_history FINAL ORDER BY ALL"
        )
        assert rows.result_rows == [(STUDENT, 16_001, 0), (6, 16_000, 0)]
        load(loader, loads_of(topic, written(topic, [a_closing(0, 0)])))
        assert store.queries.row_counts()["indicator_day_history"] == 3
        load(loader, loads_of(topic, [(key, None)]))
    loader.close()


def test_a_history_that_was_cut_off_behind_its_table_is_made_up_for(store: Store) -> None:
    """The table and its history are two inserts: what lies between them is a crash like others."""
    topic = topics.INDICATOR_DAY
    loads = loads_of(topic, written(topic, [a_closing(n, 0) for n in range(50)]))
    loader = store.loader()
    load(loader, [one for one in loads if one.table.name == "indicator_day"])
    assert store.queries.row_counts()["indicator_day_history"] == 0
    with Proxy(store.address.port) as proxy:
        cut = store.loader(through(proxy, store))
        proxy.cut_requests = 2
        load(cut, loads)
        cut.close()
    counts = store.queries.row_counts()
    assert (counts["indicator_day"], counts["indicator_day_history"]) == (50, 50)
    loader.close()
