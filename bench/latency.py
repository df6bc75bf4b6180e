"""How long it takes from an event to the change it leads to, as a reader of committed records sees.

Every event is the first of a student, so that each leads to a change; it counts from the moment it
is handed to the producer until the change is in the reader's hands.
"""

import threading
import time
from dataclasses import dataclass
from typing import Final

import numpy as np
from confluent_kafka import Consumer, TopicPartition
from numpy.typing import NDArray

from bench.stream import Records, events_of_now, send_at
from broker.offsets import Offsets
from ops.generation import Generation
from schemas.topics import INDICATOR_CHANGE
from schemas.types import Kind

_MOVING: Final = (Kind.TAP_IN, Kind.MOODLE_COURSE)  # one event of these moves a band
_FETCH_WAIT_MS: Final = 20
_AT_ONCE: Final = 1_000
_POLL_S: Final = 0.05
_PATIENCE_S: Final = 20.0  # for the last change to arrive


@dataclass(frozen=True, slots=True)
class Latency:
    """From produce to a committed change."""

    rate: int
    """Events a second."""
    sent: int
    milliseconds: NDArray[np.float64]
    """Of each change that arrived."""

    def as_record(self) -> dict[str, object]:
        """For machines."""
        some = self.milliseconds if len(self.milliseconds) else np.array([np.nan])
        return {
            "rate": self.rate,
            "sent": self.sent,
            "arrived": len(self.milliseconds),
            **{f"p{p}": round(float(np.percentile(some, p)), 1) for p in (50, 95, 99)},
            "max": round(float(some.max()), 1),
        }


def measure_latency(
    generation: Generation, students: NDArray[np.int64], rate: int, seed: int
) -> Latency:
    """Send one event of each of these students, `rate` a second."""
    kinds = [_MOVING[i % len(_MOVING)] for i in range(len(students))]
    records = events_of_now(generation, students, kinds, seed)
    with _Reader(generation, records) as reader:
        sent = send_at(rate, records, generation)
        reader.wait()
    has_arrived = reader.arrived > 0
    return Latency(rate, len(records), (reader.arrived - sent)[has_arrived] * 1_000)


class _Reader:
    """Notes when the change of each student arrives, on a thread of its own."""

    def __init__(self, generation: Generation, records: Records) -> None:
        self.arrived = np.zeros(len(records))
        self._place = {key: number for number, key in enumerate(records.keys)}
        self._missing = len(records)
        self._ended = threading.Event()
        self._complete = threading.Event()
        name = INDICATOR_CHANGE.full_name(generation.name)
        places = [(name, partition) for partition in range(generation.partitions)]
        self._consumer = Consumer(
            generation.client.settings(
                group_id=f"{name}.reader",
                enable_auto_commit=False,
                isolation_level="read_committed",
                fetch_wait_max_ms=_FETCH_WAIT_MS,
            )
        )
        ends = Offsets(generation.client).latest(places)
        self._consumer.assign([TopicPartition(*place, end) for place, end in ends.items()])
        self._thread = threading.Thread(target=self._run, name="changes", daemon=True)

    def __enter__(self) -> "_Reader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._consumer.close()

    def wait(self) -> None:
        """Until every change is here, or patience has run out."""
        self._complete.wait(_PATIENCE_S)

    def _run(self) -> None:
        while not self._ended.is_set():
            for message in self._consumer.consume(_AT_ONCE, timeout=_POLL_S):
                place = self._place.get(message.key() or b"")
                if place is not None and not self.arrived[place]:
                    self.arrived[place] = time.monotonic()
                    self._missing -= 1
            if not self._missing:
                self._complete.set()
