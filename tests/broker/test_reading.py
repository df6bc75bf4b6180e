"""Slices from a real broker: transactions and every codec; the rest is in `transport`."""

import asyncio
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from aiokafka.structs import TopicPartition
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from broker.clients import ClientConfig
from broker.consumer import SliceConsumer
from broker.slices import Slice
from broker.transactions import KafkaTransactionalWriter, Messages
from schemas.errors import Fenced
from schemas.topics import DAY_CLOSED
from tests.broker.transport.topic import Topic, are_chained, numbers, value

pytestmark = pytest.mark.stack


@pytest.fixture
def generation(client: ClientConfig) -> Iterator[str]:
    """A generation with one topic of one partition."""
    name = "g" + uuid.uuid4().hex[:8]
    Topic.create(client, DAY_CLOSED.full_name(name))
    yield name
    AdminClient(client.settings()).delete_topics([DAY_CLOSED.full_name(name)])


def read(client: ClientConfig, name: str) -> tuple[list[Slice], int]:
    return Topic(client, name).read()


class LatePolls(SliceConsumer):
    """Its polls end empty just after the broker's answer came, as happens on a busy machine."""

    polls = 0

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> dict[TopicPartition, list[Any]]:
        self.polls += 1
        if timeout_ms and self.polls < 4:
            while any(self.last_poll_timestamp(place) is None for place in self.assignment()):
                await asyncio.sleep(0)
            return {}
        return await super().getmany(*partitions, timeout_ms=timeout_ms, max_records=max_records)


def test_an_answer_that_comes_when_the_time_of_a_poll_is_over_is_not_passed_over(
    client: ClientConfig, generation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = DAY_CLOSED.full_name(generation)
    producer = Producer(client.settings())
    for number in range(100):
        producer.produce(name, value(number), b"k", 0)
    producer.flush(30)
    monkeypatch.setattr("broker.reader.SliceConsumer", LatePolls)
    slices, end = read(client, name)
    assert numbers(slices) == list(range(100))
    assert slices[-1].next == end


@pytest.mark.parametrize("codec", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_records_of_every_codec_arrive_once_and_in_order(
    client: ClientConfig, generation: str, codec: str
) -> None:
    name = DAY_CLOSED.full_name(generation)
    producer = Producer(client.settings(compression_type=codec, linger_ms=20))
    for number in range(2000):
        producer.produce(name, value(number), b"k", 0)
    producer.flush(30)
    slices, end = read(client, name)
    assert numbers(slices) == list(range(2000))
    assert are_chained(slices)
    assert slices[-1].next == end


def test_what_was_aborted_is_never_seen_and_the_slices_still_chain(
    client: ClientConfig, generation: str
) -> None:
    name = DAY_CLOSED.full_name(generation)
    producer = Producer(client.settings(transactional_id=f"t-{generation}"))
    producer.init_transactions(30)
    for number in range(6):
        producer.begin_transaction()
        for i in range(10):
            producer.produce(name, value(number * 10 + i), b"k", 0)
        producer.flush(30)
        (producer.commit_transaction if number % 2 else producer.abort_transaction)(30)
    slices, end = read(client, name)
    assert numbers(slices) == [*range(10, 20), *range(30, 40), *range(50, 60)]
    assert are_chained(slices)
    assert slices[-1].next == end


def test_a_transaction_is_seen_whole_or_not_at_all(client: ClientConfig, generation: str) -> None:
    writer = writer_of(client, generation)
    writer.fence()
    assert writer.write([messages(range(500)), messages(range(500, 700))]) == 700
    assert numbers(read(client, DAY_CLOSED.full_name(generation))[0]) == list(range(700))


def test_a_former_owner_is_fenced_and_leaves_no_trace(
    client: ClientConfig, generation: str
) -> None:
    former, present = writer_of(client, generation), writer_of(client, generation)
    former.fence()
    former.write([messages(range(3))])
    present.fence()
    with pytest.raises(Fenced, match="taken over"):
        former.write([messages(range(100, 103))])
    present.write([messages(range(3, 5))])
    assert numbers(read(client, DAY_CLOSED.full_name(generation))[0]) == [0, 1, 2, 3, 4]


def test_an_owner_that_died_within_a_transaction_leaves_no_trace(
    client: ClientConfig, generation: str
) -> None:
    """Its transaction is open until the next owner fences it; then reading goes on behind it."""
    name = DAY_CLOSED.full_name(generation)
    dead = Producer(client.settings(transactional_id=f"leap-{generation}-0"))
    dead.init_transactions(30)
    dead.begin_transaction()
    dead.produce(name, value(666), b"k", 0)
    dead.flush(30)
    present = writer_of(client, generation)
    present.fence()
    present.write([messages([1])])
    assert numbers(read(client, name)[0]) == [1]


def writer_of(client: ClientConfig, generation: str) -> KafkaTransactionalWriter:
    return KafkaTransactionalWriter(
        client, transactional_id=f"leap-{generation}-0", generation=generation, partition=0
    )


def messages(wanted: Sequence[int]) -> Messages:
    return Messages(DAY_CLOSED, [b"k"] * len(wanted), [value(number) for number in wanted])
