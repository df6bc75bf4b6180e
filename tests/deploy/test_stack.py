"""The whole stack, started for real. Each test brings it up, which is free while it runs."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from deploy.local.layout import Layout
from deploy.local.stack import Addresses, LocalStack
from tests.deploy.talking import all_ended, clickhouse, registry, schema, state_of

pytestmark = pytest.mark.stack


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
