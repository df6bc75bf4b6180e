"""Publishes a workload as connectors do: students, events in order of time, marks behind days.

1. Students, each enrolled since long before the first day.
2. Events, chunk by chunk; their offsets are counted here, because nobody else writes.
3. When the broker has acknowledged all of them, the marks: one a feed and marked day.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.bulk import BulkProducer
from bench.encoding import EventEncoder, feed_of
from bench.workload import Chunk, Workload
from broker.publisher import KafkaPublisher, Publisher
from ops.clocks import now, now_ms
from ops.generation import Generation
from schemas.avro import schema_of
from schemas.columns import Column, ColumnEncoder, Items
from schemas.keys import feed_day_key, partitions_of, student_keys
from schemas.topics import ACTIVITY, FEED_MARK, STUDENT
from schemas.types import KINDS, Day
from schemas.wire import encode
from streams.campus import DAY_MS, as_date

_ENROLLED_DAYS_BEFORE: Final = 366
_STUDENTS_AT_ONCE: Final = 100_000

Progress = Callable[[int], None]
"""Told how many events have been handed over."""
Send = Callable[[str, Sequence[bytes], Sequence[bytes], Sequence[int]], None]
"""Hands over records: topic, values, keys, partitions."""


def publish_students(generation: Generation, students: NDArray[np.int64], first: Day) -> None:
    """A record for each student, enrolled since a year before `first`."""
    publisher = _publisher(generation)
    encoder = ColumnEncoder(schema_of(STUDENT), generation.schema_ids[STUDENT])
    for start in range(0, len(students), _STUDENTS_AT_ONCE):
        part = students[start : start + _STUDENTS_AT_ONCE]
        since = np.full((len(part), 1), first - _ENROLLED_DAYS_BEFORE, np.int64)
        texts = dict.fromkeys(("level", "mode", "programme", "status"), "benchmark")
        columns: dict[str, Column] = {
            "student": part,
            "recorded_at": now_ms(),
            "periods": Items({"from": since, "to": None, **texts}, 1),
            "tutor": None,
        }
        publisher.publish(
            STUDENT.full_name(generation.name),
            encoder.encode(columns, len(part)),
            student_keys(part),
            partitions_of(part, generation.partitions).tolist(),
        )
    publisher.flush()


def publish_events(
    generation: Generation,
    workload: Workload,
    *,
    marked: Collection[Day],
    with_headers: bool = False,
    progress: Progress = lambda events: None,
) -> None:
    """All events, then the marks of the days `marked`.

    `with_headers`: each record carries one, so that every batch is read by the slow path.
    """
    sender = BulkProducer(generation.client, with_headers=with_headers)
    encoder = EventEncoder(workload, generation.schema_ids)
    counts = np.zeros((workload.days, len(workload.kinds), generation.partitions), np.int64)
    done = 0
    for chunk in workload.chunks():
        partitions = partitions_of(chunk.students, generation.partitions)
        _send(generation, workload, encoder, chunk, partitions, sender.publish)
        days = chunk.occurred_at // DAY_MS - workload.first
        cells = np.ravel_multi_index((days, chunk.kinds, partitions), counts.shape)
        counts += np.bincount(cells, minlength=counts.size).reshape(counts.shape)
        done += len(days)
        progress(done)
    sender.flush()
    behind = np.cumsum(counts, axis=0)
    publisher = _publisher(generation)
    for day in sorted(marked):
        publish_mark(generation, publisher, workload, day, behind[day - workload.first])
    publisher.flush()


def publish_mark(
    generation: Generation,
    publisher: Publisher,
    workload: Workload,
    day: Day,
    behind: NDArray[np.int64],
) -> None:
    """A mark of each kind's feed; also of those that do not occur, or no day could be closed.

    `behind`: the offsets below which all events up to the day lie, [kind of workload, partition].
    Not acknowledged before the publisher is flushed.
    """
    nothing = dict.fromkeys(KINDS, [0] * generation.partitions)
    found = dict(zip(workload.kinds, behind.tolist(), strict=True))
    for kind, offsets in (nothing | found).items():
        feed = feed_of(kind)
        record = {
            "feed": feed,
            "day": as_date(day),
            "marked_at": now(),
            "positions": [
                {"topic": ACTIVITY[kind].name, "partition": partition, "offset": offset}
                for partition, offset in enumerate(offsets)
            ],
        }
        value = encode(FEED_MARK, generation.schema_ids[FEED_MARK], record)
        publisher.publish(
            FEED_MARK.full_name(generation.name), [value], [feed_day_key(feed, day)], [0]
        )


def _send(
    generation: Generation,
    workload: Workload,
    encoder: EventEncoder,
    chunk: Chunk,
    partitions: NDArray[np.int64],
    send: Send,
) -> None:
    for place, kind in enumerate(workload.kinds):
        which = np.flatnonzero(chunk.kinds == place)
        send(
            ACTIVITY[kind].full_name(generation.name),
            encoder.encode(kind, chunk, which),
            student_keys(chunk.students[which]),
            partitions[which].tolist(),
        )


def _publisher(generation: Generation) -> KafkaPublisher:
    return KafkaPublisher(generation.client, say=lambda sentence: None)
