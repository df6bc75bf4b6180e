"""confluent-kafka handing out records, and nothing else: no key or value is looked at."""

import time
from typing import Final

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from bench.job import Report, Task, read_task, write_report

_PARTITION_FETCH_BYTES: Final = 4 << 20  # as our worker fetches
_AT_ONCE: Final = 1_000


def _read(task: Task) -> Report:
    consumer = Consumer(
        {
            "bootstrap.servers": task.bootstrap,
            "group.id": task.name,
            "enable.auto.commit": False,
            "max.partition.fetch.bytes": _PARTITION_FETCH_BYTES,
        }
    )
    consumer.assign(
        [
            TopicPartition(topic, partition, OFFSET_BEGINNING)
            for topic in task.topics
            for partition in range(task.partitions)
        ]
    )
    first_s, events = 0.0, 0
    while events < task.events:
        found = consumer.consume(_AT_ONCE, timeout=0.1)
        if found and not first_s:
            first_s = time.monotonic()
        events += len(found)
    done_s = time.monotonic()
    consumer.close()
    return Report(first_s, done_s, events, 0)


if __name__ == "__main__":
    task = read_task()
    write_report(task, _read(task))
