"""Quix Streams: one dataframe over all topics, keyed by student, state in RocksDB with a changelog.

Its name for state over several topics is all their names in a row, which is longer than a folder's
or a topic's may be: the dataframe gets a shorter one.
"""

import functools
from pathlib import Path
from typing import Any, Final

from quixstreams import Application, State
from quixstreams.dataframe import StreamingDataFrame
from quixstreams.models import Deserializer, SerializationContext

from bench.job import Job, key_of, read_task, write_report

_COMMIT_S: Final = 5.0
# Taking over, it asks for each partition's watermarks behind a fetch that waits: with librdkafka's
# half a second the ten kinds of 24 partitions take two minutes.
_FETCH_WAIT_MS: Final = 20

task = read_task()
job = Job(task)


class EventDeserializer(Deserializer):
    """Avro in the Confluent wire format, under the schema of the topic."""

    def __call__(self, value: bytes, ctx: SerializationContext) -> Any:
        """An event as the job wants it."""
        return job.decode(ctx.topic, value)


def count(event: dict[str, Any], state: State) -> dict[str, Any] | None:
    """Count an event; the change of band that it leads to."""
    of_student: dict[str, Any] = state.get("student") or {}
    change = job.step(of_student, event)
    state.set("student", of_student)
    if job.events >= task.events:
        app.stop()
    return change


app = Application(
    broker_address=task.bootstrap,
    consumer_group=task.name,
    auto_offset_reset="earliest",
    commit_interval=_COMMIT_S,
    state_dir=Path(task.folder),
    loglevel="WARNING",
    consumer_extra_config={"fetch.wait.max.ms": _FETCH_WAIT_MS},
    producer_extra_config={"compression.type": "lz4"},
)
output = app.topic(task.output, key_serializer="bytes", value_serializer="json")
frames = [
    app.dataframe(app.topic(name, key_deserializer="bytes", value_deserializer=EventDeserializer()))
    for name in task.topics
]
merged: StreamingDataFrame = functools.reduce(StreamingDataFrame.concat, frames)
merged = merged.__dataframe_clone__(stream=merged.stream, stream_id="activity")
merged = merged.apply(count, stateful=True)
merged = merged.filter(lambda change: change is not None)
merged.to_topic(output, key=lambda change: key_of(change["student"]))

if __name__ == "__main__":
    app.run()  # returns when the last checkpoint is committed, outputs acknowledged
    write_report(task, job.report())
