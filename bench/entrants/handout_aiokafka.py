"""aiokafka handing out records, and nothing else: no key or value is looked at."""

import asyncio
import time
from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from bench.job import Report, Task, read_task, write_report

_PARTITION_FETCH_BYTES: Final = 4 << 20  # as our worker fetches
_AT_ONCE: Final = 1_000


async def _read(task: Task) -> Report:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=task.bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=_PARTITION_FETCH_BYTES,
    )
    await consumer.start()
    try:
        places = [TopicPartition(t, p) for t in task.topics for p in range(task.partitions)]
        consumer.assign(places)
        for place, offset in (await consumer.beginning_offsets(places)).items():
            consumer.seek(place, offset)
        first_s, events = 0.0, 0
        while events < task.events:
            found = await consumer.getmany(timeout_ms=1000, max_records=_AT_ONCE)
            first_s = first_s or time.monotonic()
            events += sum(map(len, found.values()))
        return Report(first_s, time.monotonic(), events, 0)
    finally:
        await consumer.stop()


if __name__ == "__main__":
    task = read_task()
    write_report(task, asyncio.run(_read(task)))
