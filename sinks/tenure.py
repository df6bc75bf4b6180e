"""What a sink holds between two rebalances; at the next one it is dropped as a whole.

Whatever was not committed by then is read again, by this sink or by another.
"""

import asyncio
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from aiokafka.structs import TopicPartition

from broker.slices import Slice
from sinks.batch import Batch

ENOUGH_RECORDS: Final = 100_000
"""From here on a batch is loaded as soon as the one before it is."""
ENOUGH_SECONDS: Final = 1.0
"""And however small it is, when it has waited this long."""
FULL_RECORDS: Final = 400_000
FULL_BYTES: Final = 256 << 20
"""Decoded. A full batch takes nothing more, and nothing more is fetched until it is handed over."""


@dataclass(slots=True, eq=False)
class Tenure:
    """`next_slice`: where the next slice of each partition has to start; `done`: everything below
    is loaded and committed; `moved_ms`: when the last slice was taken, in the clock of fetches."""

    next_slice: dict[TopicPartition, int]
    done: dict[TopicPartition, int]
    moved_ms: dict[TopicPartition, int]
    waiting: deque[tuple[TopicPartition, Slice]] = field(default_factory=deque)
    batch: Batch = field(default_factory=Batch)
    batch_began_s: float = 0.0  # monotonic
    load: "asyncio.Task[None] | None" = None
    flows: bool = True

    @classmethod
    def beginning(cls, starts: Mapping[TopicPartition, int]) -> "Tenure":
        """Of partitions whose next slices start here."""
        now_ms = int(time.time() * 1000)
        return cls(dict(starts), dict(starts), dict.fromkeys(starts, now_ms))

    @property
    def is_full(self) -> bool:
        """Whether the batch takes nothing more."""
        return self.batch.records >= FULL_RECORDS or self.batch.size_bytes >= FULL_BYTES

    @property
    def is_due(self) -> bool:
        """Whether the batch should be loaded."""
        if not self.batch:
            return False
        waited_s = time.monotonic() - self.batch_began_s
        return self.batch.records >= ENOUGH_RECORDS or self.is_full or waited_s >= ENOUGH_SECONDS

    @property
    def is_idle(self) -> bool:
        """Whether nothing is held."""
        return not (self.waiting or self.batch or self.load)
