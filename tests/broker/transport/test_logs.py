"""What transactions, compaction and retention leave of a log: nothing more, nothing less."""

import time

import pytest
from confluent_kafka import Producer

from tests.broker.transport.conftest import NewTopic
from tests.broker.transport.topic import Topic, are_chained, numbers, value

pytestmark = pytest.mark.stack

COMPACTION_S = 90.0
_LAST_SAID = {40, 41, 42, 43, 50}


def test_committed_aborted_and_plain_records_side_by_side(topic: Topic) -> None:
    """Two transactions are open at a time, and records without one lie between theirs."""
    one, other = _transactional(topic, "one"), _transactional(topic, "other")
    wanted: list[int] = []
    for turn in range(4):
        base = turn * 100
        for producer, first in ((one, base), (other, base + 20)):
            producer.begin_transaction()
            for number in range(first, first + 10):
                producer.produce(topic.name, value(number), b"k", 0)
            producer.flush(30)
        topic.publish(value(number) for number in range(base + 40, base + 50))
        if turn % 2:
            one.commit_transaction(30)
            other.abort_transaction(30)
            wanted += range(base, base + 10)
        else:
            other.commit_transaction(30)
            one.abort_transaction(30)
            wanted += range(base + 20, base + 30)
        wanted += range(base + 40, base + 50)
    slices, end = topic.read()
    assert numbers(slices) == wanted
    assert are_chained(slices)
    assert slices[-1].next == end


def test_control_batches_alone_are_passed_over_to_the_end(topic: Topic) -> None:
    producer = _transactional(topic, "nothing")
    for _ in range(3):
        producer.begin_transaction()
        producer.produce(topic.name, value(1), b"k", 0)
        producer.flush(30)
        producer.abort_transaction(30)
    slices, end = topic.read()
    assert numbers(slices) == []
    assert slices[-1].next == end == 6


def test_a_compacted_log_is_read_over_its_gaps_to_its_end(
    new_topic: NewTopic,
) -> None:
    topic = new_topic(
        cleanup_policy="compact",
        min_cleanable_dirty_ratio="0.01",
        segment_ms="50",
        max_compaction_lag_ms="100",
    )
    for round_ in range(5):
        for key in range(4):
            topic.publish([value(round_ * 10 + key)], key=bytes([key]))
    end = time.monotonic() + COMPACTION_S
    while not _LAST_SAID.issuperset(numbers((found := topic.read())[0])):
        assert time.monotonic() < end, "the broker has not compacted the log"
        topic.publish([value(50)], key=b"end")  # begins a segment, so that those before may go
    slices, log_end = found
    assert set(numbers(slices)) == _LAST_SAID
    assert are_chained(slices)
    assert slices[0].start == 0
    assert slices[-1].next == log_end


def test_reading_goes_on_where_retention_has_left_off(topic: Topic) -> None:
    topic.publish(value(number) for number in range(1000))
    topic.delete_before(700)
    for start in (None, 0, 300):
        slices, end = topic.read(start)
        assert numbers(slices) == list(range(700, 1000))
        assert slices[0].start == 700
        assert slices[-1].next == end


def _transactional(topic: Topic, name: str) -> Producer:
    producer = Producer(topic.client.settings(transactional_id=f"{topic.name}-{name}"))
    producer.init_transactions(30)
    return producer
