"""Events as they come: encoded beforehand, sent one by one at an even rate."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from confluent_kafka import Producer
from numpy.typing import NDArray

from bench.encoding import EventEncoder
from bench.workload import SHARES, Chunk, Workload
from ops.clocks import now_ms
from ops.generation import Generation
from schemas.keys import partitions_of, student_keys
from schemas.topics import ACTIVITY
from schemas.types import Day, Kind

_PACE_S: Final = 0.001
_FLUSH_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Records:
    """Records in the order in which they are sent."""

    topics: Sequence[str]
    values: Sequence[bytes]
    keys: Sequence[bytes]
    partitions: Sequence[int]

    def __len__(self) -> int:
        return len(self.values)


def events_of_now(
    generation: Generation, students: NDArray[np.int64], kinds: Sequence[Kind], seed: int
) -> Records:
    """One event of each student given, of its kind; all of them happen now."""
    count = len(students)
    workload = Workload(count, count, Day(0), 1, SHARES)
    place = {kind: number for number, kind in enumerate(workload.kinds)}
    chunk = Chunk(
        days=range(1),
        occurred_at=np.full(count, now_ms(), np.int64),
        students=students,
        kinds=np.array([place[kind] for kind in kinds], np.int64),
        ids=np.random.default_rng(seed).integers(0, 256, (count, 16), np.uint8),
    )
    encoder = EventEncoder(workload, generation.schema_ids)
    values = [b""] * count
    for kind, number in place.items():
        which = np.flatnonzero(chunk.kinds == number)
        for at, value in zip(which.tolist(), encoder.encode(kind, chunk, which), strict=True):
            values[at] = value
    return Records(
        topics=[ACTIVITY[kind].full_name(generation.name) for kind in kinds],
        values=values,
        keys=student_keys(students),
        partitions=partitions_of(students, generation.partitions).tolist(),
    )


def send_at(rate: int, records: Records, generation: Generation) -> NDArray[np.float64]:
    """Send them at `rate` a second; gives the moment of each, by `time.monotonic`."""
    producer = Producer(
        generation.client.settings(enable_idempotence=True, linger_ms=0, compression_type="lz4")
    )
    sent = np.zeros(len(records))
    start = time.monotonic()
    at = 0
    while at < len(records):
        due = min(len(records), int((time.monotonic() - start) * rate) + 1)
        for number in range(at, due):
            sent[number] = time.monotonic()
            producer.produce(
                records.topics[number],
                records.values[number],
                records.keys[number],
                records.partitions[number],
            )
        at = due
        producer.poll(0)
        time.sleep(_PACE_S)
    producer.flush(_FLUSH_S)
    return sent
