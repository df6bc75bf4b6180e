"""A consumer asks for no more than it can hand out: memory does not grow with the log."""

import asyncio

import pytest
from aiokafka.structs import TopicPartition

from broker.consumer import SliceConsumer
from broker.slices import Slice
from tests.broker.transport.conftest import NewTopic
from tests.broker.transport.topic import PATIENCE_S, numbers, value

pytestmark = pytest.mark.stack

TOPICS = 6
ANSWER_BYTES = 100_000
RECORDS = 100
RECORD_BYTES = 1_000  # so each topic fills an answer


def test_a_consumer_that_nobody_asks_holds_one_answer_and_all_of_it_arrives(
    new_topic: NewTopic,
) -> None:
    topics = [new_topic() for _ in range(TOPICS)]
    for topic in topics:
        topic.publish((value(n, RECORD_BYTES) for n in range(RECORDS)), batch_size=20_000)

    async def read() -> tuple[int, dict[str, list[Slice]]]:
        consumer = SliceConsumer(
            bootstrap_servers=topics[0].client.bootstrap,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            fetch_max_bytes=ANSWER_BYTES,
            max_partition_fetch_bytes=ANSWER_BYTES,
        )
        places = [TopicPartition(topic.name, 0) for topic in topics]
        found: dict[str, list[Slice]] = {topic.name: [] for topic in topics}
        await consumer.start()
        try:
            consumer.assign(places)
            held = await _most_held(consumer)
            while any(not some or some[-1].next < RECORDS for some in found.values()):
                for place, slices in (await consumer.getmany(timeout_ms=1_000)).items():
                    found[place.topic] += slices
        finally:
            await consumer.stop()
        return held, found

    held, found = asyncio.run(asyncio.wait_for(read(), PATIENCE_S))
    assert ANSWER_BYTES / 2 < held < 2 * ANSWER_BYTES
    for slices in found.values():
        assert numbers(slices) == list(range(RECORDS))


async def _most_held(consumer: SliceConsumer) -> int:
    """Within a time in which aiokafka would have asked for all topics, one after the other."""
    most = 0
    for _ in range(50):
        await asyncio.sleep(0.02)
        most = max(most, consumer.held_bytes)
    return most
