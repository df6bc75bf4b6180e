"""Slices from a real broker: transactions, seeks, compaction, every codec."""

import asyncio
import uuid
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import pytest
from aiokafka.structs import TopicPartition
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from broker.clients import ClientConfig
from broker.decoder import Decoder
from broker.reader import SliceReader
from broker.slices import Slice, SliceConsumer
from broker.transactions import KafkaTransactionalWriter, Messages
from schemas import wire
from schemas.avro import schema_of
from schemas.errors import Fenced
from schemas.topics import DAY_CLOSED

pytestmark = pytest.mark.stack

SCHEMA_ID = 5


def value(number: int) -> bytes:
    record: dict[str, object] = {
        "partition": number,
        "day": 1,
        "students": number,
        "closed_at": 0,
        "writer": "w" * 50,
    }
    return wire.encode(DAY_CLOSED, SCHEMA_ID, record)


@pytest.fixture
def generation(client: ClientConfig) -> Iterator[str]:
    """A generation with one topic of one partition."""
    name = "g" + uuid.uuid4().hex[:8]
    create(client, DAY_CLOSED.full_name(name))
    yield name
    AdminClient(client.settings()).delete_topics([DAY_CLOSED.full_name(name)])


def create(client: ClientConfig, name: str, **config: str) -> None:
    admin = AdminClient(client.settings())
    settings = {key.replace("_", "."): text for key, text in config.items()}
    admin.create_topics([NewTopic(name, 1, 1, config=settings)])[name].result(30)


def read(client: ClientConfig, name: str, start: int | None = None) -> tuple[list[Slice], int]:
    async def all_of_it() -> tuple[list[Slice], int]:
        partition = TopicPartition(name, 0)
        async with SliceReader(client) as reader:
            ends = await reader.assign_from_start([partition])
            return [piece async for _, piece in reader.read_to(ends)], ends[partition]

    return asyncio.run(asyncio.wait_for(all_of_it(), 60))


def numbers(slices: Sequence[Slice]) -> list[int]:
    decoder = Decoder(schema_of(DAY_CLOSED), SCHEMA_ID, lambda _: None, allow_tombstones=True)
    found: list[int] = []
    for piece in slices:
        found += decoder.decode(piece).rows.values["partition"].to_list()
    return found


def chained(slices: Sequence[Slice]) -> bool:
    return all(a.next == b.start for a, b in pairwise(slices))


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
    assert chained(slices)
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
    assert chained(slices)
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


def test_an_empty_topic_is_read_to_its_end_at_once(client: ClientConfig, generation: str) -> None:
    assert read(client, DAY_CLOSED.full_name(generation)) == ([], 0)


def writer_of(client: ClientConfig, generation: str) -> KafkaTransactionalWriter:
    return KafkaTransactionalWriter(
        client, transactional_id=f"leap-{generation}-0", generation=generation, partition=0
    )


def messages(wanted: Sequence[int]) -> Messages:
    return Messages(DAY_CLOSED, [b"k"] * len(wanted), [value(number) for number in wanted])
