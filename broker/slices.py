"""What a fetch of one partition gives: a slice that says where it starts and what comes next.

Contract of a `Slice`: it holds every committed record of its partition with
`start <= offset < next`, and nothing that was aborted. Batches may begin before `start`; whoever
decodes them drops those rows. Control batches and gaps left by compaction are part of the span,
so that the next slice of the partition begins at `next`, always.

A batch that is damaged ends a slice before it. A slice that would begin with it is empty and says
what is wrong: the partition stays where it is, and the others of the same fetch go on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from aiokafka.consumer import fetcher

from broker.batches import Batch, CorruptBatch, read_batches

_READ_COMMITTED: Final = fetcher.READ_COMMITTED


@dataclass(frozen=True, slots=True)
class Slice:
    """The span `start <= offset < next` of one partition."""

    start: int
    next: int
    batches: Sequence[Batch]
    damage: CorruptBatch | None = None  # of what lies at `next`, which is `start` then

    @property
    def size_bytes(self) -> int:
        """Compressed bytes held."""
        return sum(len(batch.payload) for batch in self.batches)


class RawBatches:
    """Stands in for aiokafka's MemoryRecords: keeps the bytes of a fetch as they came."""

    def __init__(self, data: bytes) -> None:
        self.data = memoryview(data or b"")

    def size_in_bytes(self) -> int:
        """Bytes in the response, whole batches or not."""
        return len(self.data)

    def has_next(self) -> bool:
        """Whether there is anything: a broker sends no part of a batch unless whole ones precede.

        To aiokafka, bytes without a batch are a record too large for a fetch, to be skipped.
        """
        return len(self.data) > 0


class SliceRecords(fetcher.PartitionRecords):
    """Stands in for aiokafka's PartitionRecords: one `Slice` instead of an iterator of records."""

    @property
    def size_bytes(self) -> int:
        """Bytes in the response."""
        size: int = self._records.size_in_bytes()
        return size

    def _unpack_records(self) -> Iterator[Slice]:
        start = end = self.next_fetch_offset
        origin = f"{self._tp.topic}[{self._tp.partition}]"
        batches: list[Batch] = []
        damage: CorruptBatch | None = None
        try:
            for batch in read_batches(self._records.data, origin=origin):
                end = batch.next_offset
                if self._isolation_level == _READ_COMMITTED and self._is_aborted(batch):
                    continue
                if not batch.is_control and batch.records > 0 and end > start:
                    batches.append(batch)
        except CorruptBatch as error:  # raised here, it would take slices of others with it
            damage = error
        self.next_fetch_offset = max(start, end)
        if end > start:
            yield Slice(start, end, batches)
        elif damage is not None:
            yield Slice(start, start, (), damage)

    def _is_aborted(self, batch: Batch) -> bool:
        """Whether the batch belongs to an aborted transaction; as in aiokafka's own iterator."""
        self._consume_aborted_up_to(batch.base_offset)
        if batch.is_abort_marker:
            self._aborted_producers.discard(batch.producer_id)
        return batch.is_transactional and batch.producer_id in self._aborted_producers
