"""Whatever writes a batch and however large it is: its records arrive once and in order."""

import shutil
import subprocess
from pathlib import Path

import pytest
from confluent_kafka import Producer

from tests.broker.transport.conftest import NewTopic
from tests.broker.transport.topic import Topic, are_chained, numbers, value
from tests.conftest import ROOT

pytestmark = pytest.mark.stack

CODECS = ("none", "gzip", "snappy", "lz4", "zstd")
JAVA_PRODUCER = Path(__file__).parent / "JavaProducer.java"
_FETCH_LIMIT_BYTES = 4 << 20  # of `SliceReader`


def test_batches_of_the_java_client_arrive_under_every_codec(new_topic: NewTopic) -> None:
    """Its snappy is framed in a way of its own."""
    java = shutil.which("java")
    assert java is not None
    topics = {codec: new_topic() for codec in CODECS}
    client = next(iter(topics.values())).client
    subprocess.run(
        [
            java,
            "-cp",
            str(ROOT / ".java" / "kafka" / "*"),
            str(JAVA_PRODUCER),
            client.bootstrap,
            *(f"{codec}={topic.name}" for codec, topic in topics.items()),
        ],
        input="\n".join(value(number).hex() for number in range(3000)),
        text=True,
        check=True,
        capture_output=True,
        timeout=120,
    )
    for codec, topic in topics.items():
        slices, end = topic.read()
        assert numbers(slices) == list(range(3000)), codec
        assert are_chained(slices)
        assert slices[-1].next == end == 3000


def test_a_batch_larger_than_the_fetch_limit_arrives(new_topic: NewTopic) -> None:
    topic = new_topic(max_message_bytes=str(16 << 20))
    values = [value(number, size=10_000) for number in range(700)]
    producer = Producer(
        topic.client.settings(
            linger_ms=1000,
            batch_size=16 << 20,
            message_max_bytes=16 << 20,
            batch_num_messages=10_000,
        )
    )
    for one in values:
        producer.produce(topic.name, one, b"k", 0)
    assert producer.flush(60) == 0
    slices, _ = topic.read()
    assert max(piece.size_bytes for piece in slices) > _FETCH_LIMIT_BYTES
    assert numbers(slices) == list(range(700))
    assert are_chained(slices)


@pytest.mark.parametrize("start", [0, 1, 499, 500, 999])
def test_a_seek_into_the_middle_of_a_batch_begins_there(topic: Topic, start: int) -> None:
    topic.publish(value(number) for number in range(1000))
    slices, _ = topic.read(start)
    assert slices[0].start == start
    assert numbers(slices) == list(range(start, 1000))


def test_an_empty_partition_is_read_to_its_end_at_once(topic: Topic) -> None:
    assert topic.read() == ([], 0)
