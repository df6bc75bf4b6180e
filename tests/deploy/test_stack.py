"""The whole stack, started for real. Each test brings it up, which is free while it runs."""

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from deploy.local import lock, process, state
from deploy.local.layout import Layout
from deploy.local.stack import Addresses, Limits, LocalStack
from deploy.local.state import Phase, State
from schemas.errors import StackError
from tests.deploy.waiting import until

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    return Layout(tmp_path_factory.mktemp("stack with spaces"))


@pytest.fixture(scope="module")
def stack(layout: Layout, java_parts: Path) -> Iterator[LocalStack]:
    stack = LocalStack(layout.root, java_parts=java_parts)
    try:
        yield stack
    finally:
        stack.down()


@pytest.fixture
def up(stack: LocalStack) -> Addresses:
    return stack.up()


def state_of(layout: Layout) -> State:
    found = state.load(layout.state)
    assert found is not None
    return found


def all_ended(layout: Layout, before: State) -> bool:
    pids = (before.supervisor_pid, *before.pids.values())
    return not lock.is_held(layout.lock) and not any(process.is_alive(pid) for pid in pids)


def clickhouse(up: Addresses) -> Client:
    return clickhouse_connect.get_client(
        host=up.clickhouse_host,
        port=up.clickhouse_port,
        username=up.clickhouse_user,
        password=up.clickhouse_password,
    )


def registry(up: Addresses, method: str, path: str, body: object = None) -> object:
    url = urlsplit(up.registry)
    connection = HTTPConnection(url.netloc, timeout=30)
    headers = {"Content-Type": "application/vnd.schemaregistry.v1+json"}
    content = None if body is None else json.dumps(body)
    try:
        connection.request(method, url.path + path, content, headers)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


def schema(name: str) -> dict[str, str]:
    return {"schema": json.dumps({"type": "record", "name": name, "fields": []})}


def test_two_calls_at_once_start_one_stack(stack: LocalStack, layout: Layout) -> None:
    said: list[str] = []
    with ThreadPoolExecutor() as pool:
        first, second = pool.submit(stack.up, said.append), pool.submit(stack.up)
        assert first.result() == second.result() == stack.addresses()
    before = state_of(layout)
    assert [line.split()[0] for line in said][:2] == ["Kafka", "Kafka"]
    assert {line.split()[0] for line in said} == {"Kafka", "Registry", "ClickHouse"}
    said.clear()
    assert stack.up(said.append) == stack.addresses()
    assert state_of(layout) == before
    assert not said


def test_all_three_answer(stack: LocalStack, up: Addresses, layout: Layout) -> None:
    parts = stack.status()
    assert [part.name for part in parts] == ["Kafka", "Registry", "ClickHouse"]
    assert all(part.running and part.answering and part.version for part in parts)
    assert (parts[0].address, parts[1].address) == (up.kafka, up.registry)
    assert registry(up, "GET", "/subjects") is not None
    assert clickhouse(up).command("SELECT 1") == 1
    assert oct(layout.state.stat().st_mode)[-3:] == "600"
    assert up.clickhouse_password not in repr(up)


def test_transactions_are_read_when_they_are_committed(up: Addresses) -> None:
    topic = f"transactions-{uuid4()}"
    admin = AdminClient({"bootstrap.servers": up.kafka})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(30)
    producer = Producer({"bootstrap.servers": up.kafka, "transactional.id": topic})
    producer.init_transactions(30)
    for value, committed in ((b"aborted", False), (b"first", True), (b"last", True)):
        producer.begin_transaction()
        producer.produce(topic, value)
        producer.flush()
        if committed:
            producer.commit_transaction(30)
        else:
            producer.abort_transaction(30)
    consumer = Consumer(
        {
            "bootstrap.servers": up.kafka,
            "group.id": topic,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
        }
    )
    try:
        consumer.subscribe([topic])
        messages = [consumer.poll(30), consumer.poll(30)]
    finally:
        consumer.close()
    assert [message and message.value() for message in messages] == [b"first", b"last"]


def test_the_registrys_journal_is_kept_for_ever(up: Addresses) -> None:
    journal = ConfigResource(ResourceType.TOPIC, "kafkasql-journal")
    admin = AdminClient({"bootstrap.servers": up.kafka})
    settings = admin.describe_configs([journal])[journal].result(30)
    kept = {name: settings[name].value for name in ("retention.ms", "retention.bytes")}
    assert kept == {"retention.ms": "-1", "retention.bytes": "-1"}
    assert settings["cleanup.policy"].value == "delete"


def test_data_ids_and_addresses_survive_a_restart(
    stack: LocalStack, up: Addresses, layout: Layout
) -> None:
    ids = [registry(up, "POST", f"/subjects/s{n}/versions", schema(f"r{n}")) for n in range(20)]
    database = clickhouse(up)
    database.command("CREATE TABLE kept (a Int64) ENGINE = MergeTree ORDER BY a")
    database.insert("kept", [[n] for n in range(1000)], column_names=["a"])
    before = state_of(layout)

    assert stack.down()
    assert all_ended(layout, before)
    assert stack.addresses() is None
    assert not any(part.running or part.answering for part in stack.status())
    assert not stack.down()

    assert stack.up() == up
    assert [
        registry(up, "POST", f"/subjects/s{n}/versions", schema(f"r{n}")) for n in range(20)
    ] == ids
    assert clickhouse(up).command("SELECT count() FROM kept") == 1000


def test_a_killed_supervisor_takes_its_parts_along_and_the_next_start_works(
    stack: LocalStack, up: Addresses, layout: Layout
) -> None:
    made = registry(up, "POST", "/subjects/killed/versions", schema("killed"))
    database = clickhouse(up)
    database.command("CREATE OR REPLACE TABLE killed (a Int64) ENGINE = MergeTree ORDER BY a")
    database.insert("killed", [[1]], column_names=["a"])
    before = state_of(layout)
    os.kill(before.supervisor_pid, signal.SIGKILL)
    until(lambda: all_ended(layout, before), "all processes ended")
    assert stack.addresses() is None
    again = stack.up()
    assert registry(again, "POST", "/subjects/killed/versions", schema("killed")) == made
    assert clickhouse(again).command("SELECT count() FROM killed") == 1


def test_when_one_part_dies_the_supervisor_stops_the_others_and_says_why(
    stack: LocalStack, up: Addresses, layout: Layout
) -> None:
    before = state_of(layout)
    os.kill(before.pids["ClickHouse"], signal.SIGKILL)
    until(lambda: all_ended(layout, before), "all processes ended")
    after = state_of(layout)
    assert after.phase is Phase.FAILED
    assert "ClickHouse was ended by SIGKILL." in (after.failure or "")
    assert "ClickHouse was ended by SIGKILL." in layout.log("supervisor").read_text()
    assert not stack.down()


def test_a_part_that_does_not_start_is_named_with_its_log(tmp_path: Path, java_parts: Path) -> None:
    stack = LocalStack(tmp_path, java_parts=java_parts, limits=Limits(kafka_heap_mib=1))
    with pytest.raises(StackError, match="Kafka ended with status 1") as caught:
        stack.up()
    assert str(tmp_path / "logs" / "kafka.log") in str(caught.value)
    assert "Too small maximum heap" in str(caught.value)
    assert stack.addresses() is None


def test_a_start_that_takes_too_long_is_given_up(tmp_path: Path, java_parts: Path) -> None:
    stack = LocalStack(tmp_path, java_parts=java_parts)
    with pytest.raises(StackError, match=r"did not answer within 0\.5 s"):
        stack.up(timeout_s=0.5)
    assert not lock.is_held(Layout(tmp_path).lock)


def test_an_interrupted_start_leaves_nothing_running(tmp_path: Path, java_parts: Path) -> None:
    layout = Layout(tmp_path)
    stack = LocalStack(tmp_path, java_parts=java_parts)
    seen: list[State] = []

    def interrupt(_: str) -> None:
        seen.append(state_of(layout))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stack.up(interrupt)
    assert seen[0].pids
    assert all_ended(layout, seen[0])
    assert state_of(layout).phase is Phase.STOPPED


def test_missing_jars_are_said_in_one_sentence(tmp_path: Path) -> None:
    stack = LocalStack(tmp_path / "stack", java_parts=tmp_path / "none")
    with pytest.raises(StackError, match="run make setup"):
        stack.up()
    assert not stack.down()
