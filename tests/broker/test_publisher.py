"""What every `Publisher` promises, on the one in memory and on a real broker."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from broker.clients import ClientConfig
from broker.publisher import KafkaPublisher, Place, Publisher
from schemas.errors import TopicError, Unreachable
from tests.connectors.memory_publisher import MemoryPublisher

PARTITIONS = 3
DEADLINE_S = 30.0


@dataclass(frozen=True, slots=True)
class World:
    """A publisher, a topic of its own, and a way to read (key, value) of a partition."""

    publisher: Publisher
    topic: str
    read: Callable[[int], list[tuple[bytes, bytes]]]

    @property
    def places(self) -> list[Place]:
        return [Place(self.topic, partition) for partition in range(PARTITIONS)]


def in_memory() -> World:
    publisher = MemoryPublisher(PARTITIONS)

    def read(partition: int) -> list[tuple[bytes, bytes]]:
        place = Place("t", partition)
        return [(kept.key, kept.value) for kept in publisher.log if kept.place == place]

    return World(publisher, "t", read)


def on_kafka(address: str) -> World:
    topic = f"c-publisher-{uuid.uuid4().hex[:12]}"
    admin = AdminClient({"bootstrap.servers": address})
    for future in admin.create_topics([NewTopic(topic, PARTITIONS, 1)]).values():
        future.result(timeout=DEADLINE_S)
    publisher = KafkaPublisher(ClientConfig(address), say=print)

    def read(partition: int) -> list[tuple[bytes, bytes]]:
        wanted = publisher.log_ends([Place(topic, partition)])[Place(topic, partition)]
        consumer = Consumer({"bootstrap.servers": address, "group.id": topic})
        consumer.assign([TopicPartition(topic, partition, 0)])
        messages = consumer.consume(wanted, DEADLINE_S) if wanted else []
        consumer.close()
        return [(message.key() or b"", message.value() or b"") for message in messages]

    return World(publisher, topic, read)


@pytest.fixture(params=["memory", pytest.param("kafka", marks=pytest.mark.stack)])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "memory":
        return in_memory()
    return on_kafka(request.getfixturevalue("kafka"))


def test_each_record_lies_in_the_partition_its_writer_chose_in_the_order_it_was_given(
    world: World,
) -> None:
    values = [b"%d" % n for n in range(1000)]
    keys = [b"key %d" % n for n in range(1000)]
    partitions = [n % 7 % PARTITIONS for n in range(1000)]
    for part in (slice(0, 600), slice(600, None)):
        world.publisher.publish(world.topic, values[part], keys[part], partitions[part])
    world.publisher.flush()
    for partition in range(PARTITIONS):
        assert world.read(partition) == [
            (key, value)
            for key, value, chosen in zip(keys, values, partitions, strict=True)
            if chosen == partition
        ]


def test_after_a_flush_everything_published_lies_below_the_log_ends(world: World) -> None:
    assert world.publisher.log_ends(world.places) == dict.fromkeys(world.places, 0)
    world.publisher.publish(world.topic, [b"a", b"b", b"c"], [b"k"] * 3, [0, 0, 2])
    world.publisher.flush()
    assert list(world.publisher.log_ends(world.places).values()) == [2, 0, 1]


def test_a_flush_with_nothing_to_wait_for_returns(world: World) -> None:
    world.publisher.flush()
    world.publisher.flush()
    assert set(world.publisher.log_ends(world.places).values()) == {0}


def test_a_record_without_a_key_or_a_partition_of_its_own_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="shorter"):
        world.publisher.publish(world.topic, [b"a", b"b"], [b"k"], [0, 0])


def test_a_partition_that_does_not_exist_is_an_error_that_names_the_topic(world: World) -> None:
    with pytest.raises(TopicError, match=world.topic):
        world.publisher.log_ends([Place(world.topic, PARTITIONS)])
    with pytest.raises(TopicError, match=world.topic):
        publish_and_flush(world, PARTITIONS)


def publish_and_flush(world: World, partition: int) -> None:
    world.publisher.publish(world.topic, [b"a"], [b"k"], [partition])
    world.publisher.flush()


@pytest.mark.stack
def test_with_a_full_queue_the_writer_waits_and_nothing_is_lost(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broker.publisher._QUEUE_RECORDS", 100)
    world = on_kafka(kafka)
    values = [b"%d" % n for n in range(5000)]
    world.publisher.publish(world.topic, values, values, [0] * len(values))
    world.publisher.flush()
    assert [value for _, value in world.read(0)] == values


def test_a_broker_that_is_away_is_an_error_that_says_what_is_lost_and_what_to_do() -> None:
    nobody = "127.0.0.1:1"
    said: list[str] = []
    publisher = KafkaPublisher(ClientConfig(nobody), say=said.append, patience_s=2)
    publisher.publish("t", [b"a", b"b"], [b"k", b"k"], [0, 0])
    with pytest.raises(Unreachable) as caught:
        publisher.flush()
    sentence = str(caught.value)
    for part in (nobody, "2 records", "Connection refused", "publish again"):
        assert part in sentence


def test_what_was_lost_is_not_forgotten_by_later_calls() -> None:
    publisher = KafkaPublisher(ClientConfig("127.0.0.1:1"), say=lambda text: None, patience_s=1)
    publisher.publish("t", [b"a"], [b"k"], [0])
    with pytest.raises(Unreachable):
        publisher.flush()
    with pytest.raises(Unreachable):
        publisher.flush()
    with pytest.raises(Unreachable):
        publisher.publish("t", [b"b"], [b"k"], [0])


def test_while_the_broker_keeps_it_waiting_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("broker.publisher._SAY_EVERY_S", 0.2)
    said: list[str] = []
    publisher = KafkaPublisher(ClientConfig("127.0.0.1:1"), say=said.append, patience_s=1)
    publisher.publish("t", [b"a"], [b"k"], [0])
    with pytest.raises(Unreachable):
        publisher.flush()
    assert said
    assert "127.0.0.1:1 keeps" in said[-1]
    assert "records waiting" in said[-1]
