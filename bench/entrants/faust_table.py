"""Idiomatic Faust: an agent over single events, state in a Table with its changelog."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Final

import faust

from bench.job import Job, key_of, read_task, write_report

_COMMIT_S: Final = 5.0
_FETCH_BYTES: Final = 4 << 20
_FLUSH_S: Final = 60.0

task = read_task()
job = Job(task)
app = faust.App(
    task.name,
    broker=f"kafka://{task.bootstrap}",
    datadir=Path(task.folder),
    web_enabled=False,
    topic_partitions=task.partitions,
    topic_disable_leader=True,
    broker_commit_interval=_COMMIT_S,
    broker_max_poll_records=5_000,
    consumer_auto_offset_reset="earliest",
    consumer_max_fetch_size=_FETCH_BYTES,
    stream_buffer_maxsize=16_384,
    producer_compression_type="lz4",
    producer_linger=0.1,
)
bytes_in: dict[str, Any] = {
    "key_type": bytes,
    "value_type": bytes,
    "key_serializer": "raw",
    "value_serializer": "raw",
}
activity = app.topic(*task.topics, **bytes_in)
changes = app.topic(task.output, partitions=task.partitions, **bytes_in)
students = app.Table("students", default=dict, partitions=task.partitions, key_type=str)


@app.agent(activity, concurrency=1)
async def count(stream: faust.StreamT[bytes]) -> None:
    """Count each event; send the change of band that it leads to."""
    async for event in stream.events():
        decoded = job.decode(event.message.topic, event.message.value)
        student = str(decoded["student"])
        state = students[student]
        change = job.step(state, decoded)
        students[student] = state
        if change is not None:
            await changes.send(key=key_of(decoded["student"]), value=json.dumps(change).encode())
        if job.events >= task.events:
            await finish()


async def finish() -> None:
    """Wait until everything that was sent is acknowledged, and end."""
    await app.producer.flush()
    write_report(task, job.report())
    sys.stdout.flush()
    app.loop.call_soon(app.loop.stop)
    await asyncio.sleep(_FLUSH_S)


if __name__ == "__main__":
    sys.argv = ["faust", "worker", "-l", "warn", "--without-web"]
    app.main()
