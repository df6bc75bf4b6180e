"""The whole way again, with faults: what is committed, cut, stopped, shared and deleted."""

from dataclasses import replace
from pathlib import Path

import pytest

from broker.offsets import Offsets
from schemas.errors import Unreachable
from schemas.topics import ACTIVITY
from schemas.types import Kind
from sinks.clickhouse import ClickHouseAddress, connect
from sinks.progress import has_loaded
from sinks.queries import Queries
from sinks.tables import ROUTES
from tests.deploy.server import USER, Server
from tests.sinks.conftest import Store
from tests.sinks.proxy import Proxy
from tests.sinks.published import PARTITIONS, Generation, Published
from tests.sinks.running import RunningSink, until
from tests.sinks.samples import STUDENTS, an_event

pytestmark = pytest.mark.stack

STUDENT = STUDENTS[0]
LOGINS = ACTIVITY[Kind.MOODLE_LOGIN]


def committed(generation: Generation) -> dict[tuple[str, int], int]:
    """What the sinks have committed, where it is not 0."""
    places = [
        (topic.full_name(generation.name), partition)
        for topic in ROUTES
        for partition in range(PARTITIONS)
    ]
    found = Offsets(generation.client).committed(f"leap-sink-{generation.name}", places)
    return {place: offset for place, offset in found.items() if offset}


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
