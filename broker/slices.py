"""What a fetch of one partition gives: a slice that says where it starts and what comes next.

Contract of a `Slice`: it holds every committed record of its partition with
`start <= offset < next`, and nothing that was aborted. Batches may begin before `start`; whoever
decodes them drops those rows. Control batches and gaps left by compaction are part of the span,
so that the next slice of the partition begins at `next`, always.
"""

import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, ParamSpec, TypeVar

import aiokafka
from aiokafka.consumer import fetcher

from broker.batches import Batch, has_batch, read_batches
from broker.membership import Membership
from broker.versions import check_version

FETCHER_WAKES_MS: Final = 20
"""How long aiokafka's fetcher sleeps when it believes that nothing has changed. It does not hear of
every seek: with its default, 200 ms, that is how late a reader begins."""

_TESTED_AIOKAFKA: Final = "0.14"
_READ_COMMITTED: Final = fetcher.READ_COMMITTED

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Slice:
    """The span `start <= offset < next` of one partition."""

    start: int
    next: int
    batches: Sequence[Batch]

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
        """Whether at least one whole batch lies in it."""
        return has_batch(self.data)


class SliceRecords(fetcher.PartitionRecords):
    """Stands in for aiokafka's PartitionRecords: one `Slice` instead of an iterator of records."""

    def _unpack_records(self) -> Iterator[Slice]:
        start = end = self.next_fetch_offset
        origin = f"{self._tp.topic}[{self._tp.partition}]"
        batches: list[Batch] = []
        for batch in read_batches(self._records.data, origin=origin):
            if self._isolation_level == _READ_COMMITTED and self._is_aborted(batch):
                end = batch.next_offset
                continue
            end = batch.next_offset
            if not batch.is_control and batch.count > 0 and end > start:
                batches.append(batch)
        self.next_fetch_offset = max(start, end)
        if end > start:
            yield Slice(start, end, batches)

    def _is_aborted(self, batch: Batch) -> bool:
        """Whether the batch belongs to an aborted transaction; as in aiokafka's own iterator."""
        self._consume_aborted_up_to(batch.base_offset)
        if batch.is_abort_marker:
            self._aborted_producers.discard(batch.producer_id)
        return batch.is_transactional and batch.producer_id in self._aborted_producers


def _with_globals(
    function: Callable[Parameters, Result], **replaced: object
) -> Callable[Parameters, Result]:
    """The same function with other globals.

    aiokafka has no way to pass in these classes; its module stays as it is for everyone else.
    """
    if not isinstance(function, types.FunctionType):
        raise TypeError(f"{function} is not a plain function")
    copy = types.FunctionType(
        function.__code__,
        function.__globals__ | replaced,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


class SliceFetcher(fetcher.Fetcher):
    """aiokafka's fetcher, handing out slices."""

    _proc_fetch_request = _with_globals(
        vars(fetcher.Fetcher)["_proc_fetch_request"],
        MemoryRecords=RawBatches,
        PartitionRecords=SliceRecords,
    )


class SliceConsumer(aiokafka.AIOKafkaConsumer):
    """aiokafka's consumer, whose `getmany` gives lists of one `Slice` a partition."""

    start = _with_globals(
        vars(aiokafka.AIOKafkaConsumer)["start"],
        Fetcher=SliceFetcher,
        GroupCoordinator=Membership,
    )

    @property
    def membership(self) -> Membership | None:
        """The membership in the consumer group; None before the start, and without a group."""
        return self._coordinator if isinstance(self._coordinator, Membership) else None

    def check_group(self) -> None:
        """Raise what the group coordinator has against this member; from any thread."""
        if self.membership is not None and self.membership.failure is not None:
            raise self.membership.failure


def check_aiokafka_version(installed: str = aiokafka.__version__) -> None:
    """Refuse an aiokafka whose fetcher this was not tested with; it reaches into its inside."""
    check_version("aiokafka", installed, _TESTED_AIOKAFKA)
