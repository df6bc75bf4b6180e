"""What a sink holds between two rebalances; at the next one it is dropped as a whole.

Whatever was not committed by then is read again, by this sink or by another.
"""

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from aiokafka.structs import TopicPartition

from broker.slices import Slice
from sinks.batch import Batch


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a batch becomes.

    One of `enough_records`, or as old as `enough_s`, is loaded as soon as the one before it is. One
    of `full_records`, or of `full_bytes` decoded, takes nothing more, and nothing more is fetched
    until it is handed over: so a sink holds two such batches and the answer of a fetch at most.
    """

    enough_records: int = 100_000
    enough_s: float = 1.0
    full_records: int = 200_000
    full_bytes: int = 64 << 20


_QUIET_MS: Final = 1_000  # longer than any answer that was on its way when the last slice was taken


class LogEnds(Protocol):
    """What a consumer knows of the ends of its partitions' logs."""

    def last_stable_offset(self, partition: TopicPartition) -> int | None:
        """The offset behind the last committed record, as of the last answer."""
        ...

    def last_poll_timestamp(self, partition: TopicPartition) -> int | None:
        """When that answer came, in milliseconds."""
        ...


@dataclass(slots=True, eq=False)
class Tenure:
    """The partitions of a sink, and what was read of them.

    `next_slice`: where the next slice of each has to start. `done`: everything below is loaded
    and committed. `waiting`: fetched slices that are not decoded. `load`: the batch before.
    """

    limits: Limits
    next_slice: dict[TopicPartition, int]
    done: dict[TopicPartition, int]
    waiting: deque[tuple[TopicPartition, Slice]] = field(default_factory=deque)
    batch: Batch = field(default_factory=Batch)
    batch_began_s: float = 0.0  # monotonic
    load: "asyncio.Task[None] | None" = None
    loading_records: int = 0
    moved_ms: int = field(default_factory=lambda: _now_ms())  # any of them, in the clock of fetches

    @classmethod
    def beginning(cls, starts: Mapping[TopicPartition, int], limits: Limits) -> "Tenure":
        """Of partitions whose next slices start here."""
        return cls(limits, next_slice=dict(starts), done=dict(starts))

    @property
    def is_full(self) -> bool:
        """Whether the batch takes nothing more."""
        limits, batch = self.limits, self.batch
        return batch.records >= limits.full_records or batch.size_bytes >= limits.full_bytes

    @property
    def is_due(self) -> bool:
        """Whether the batch should be loaded."""
        if not self.batch:
            return False
        waited_s = time.monotonic() - self.batch_began_s
        is_enough = self.batch.records >= self.limits.enough_records
        return is_enough or self.is_full or waited_s >= self.limits.enough_s

    @property
    def is_idle(self) -> bool:
        """Whether nothing is held."""
        return not (self.waiting or self.batch or self.load)

    def take(self, place: TopicPartition, piece: Slice) -> None:
        """A slice was fetched that chains."""
        self.next_slice[place] = piece.next
        self.moved_ms = _now_ms()
        self.waiting.append((place, piece))

    def leave_out(self) -> None:
        """A slice was fetched that does not chain; it is fetched again."""
        self.moved_ms = _now_ms()

    def skip_empty_tails(self, log: LogEnds) -> None:
        """Compaction may have left nothing between the last batch and the end of the log.

        To be called when nothing is held and nothing is buffered in the consumer. An answer that
        gave nothing for a partition proves little: it may have been full of others' records. So
        nothing is there only if the partition was answered when no partition had moved for long.
        """
        quiet_ms = self.moved_ms + _QUIET_MS
        for place, position in self.next_slice.items():
            end = log.last_stable_offset(place)
            answered_ms = log.last_poll_timestamp(place)
            if end is None or answered_ms is None:
                continue
            if end > position and answered_ms > quiet_ms:
                self.done[place] = max(self.done[place], end)


def _now_ms() -> int:
    return int(time.time() * 1000)  # the clock aiokafka stamps answers with
