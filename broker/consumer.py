"""aiokafka's consumer, handing out slices instead of records."""

import types
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

import aiokafka
from aiokafka.consumer import fetcher
from aiokafka.structs import TopicPartition

from broker.fetch_request import PackedFetchRequest
from broker.gathering import Gathering
from broker.membership import Membership
from broker.slices import RawBatches, SliceRecords
from broker.versions import check_version

_TESTED_AIOKAFKA: Final = "0.14"

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


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


class SliceResult(fetcher.FetchResult):
    """What an answer held of a partition and was not handed out yet."""

    @property
    def size_bytes(self) -> int:
        """As it came: compressed."""
        return self._partition_records.size_bytes if self.has_more() else 0


class SliceFetcher(fetcher.Fetcher):
    """aiokafka's fetcher, handing out slices.

    One that is to gather at all, which is more than a byte, gathers the longer the more there is.
    It asks for nothing more while it holds as much as an answer may have, `fetch_max_bytes`:
    aiokafka's own goes on as long as there is a partition of which it holds nothing, which of a
    hundred partitions is the whole log.
    """

    _fetch = _with_globals(
        vars(fetcher.Fetcher)["_proc_fetch_request"],
        MemoryRecords=RawBatches,
        PartitionRecords=SliceRecords,
        FetchResult=SliceResult,
    )
    fetched_records = _with_globals(
        vars(fetcher.Fetcher)["fetched_records"], FetchResult=SliceResult
    )
    _actions = _with_globals(
        vars(fetcher.Fetcher)["_get_actions_per_node"], FetchRequest=PackedFetchRequest
    )

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._gathering = Gathering(self._fetch_min_bytes)

    async def _proc_fetch_request(
        self, assignment: Any, node_id: int, request: PackedFetchRequest
    ) -> bool:
        has_some: bool = await self._fetch(assignment, node_id, request)
        if self._gathering.is_wanted:
            found = len(self._records)  # by topic-partition, what was not handed out yet
            self._fetch_min_bytes, self._fetch_max_wait_ms = self._gathering.after(found)
        return has_some

    def _get_actions_per_node(self, assignment: Any) -> tuple[Any, ...]:
        requests, *others = self._actions(assignment)
        return ([] if self.held_bytes >= self._fetch_max_bytes else requests, *others)

    @property
    def held_bytes(self) -> int:
        """Of answers that wait to be handed out; whenever one is, the fetcher wakes and asks."""
        return sum(one.size_bytes for one in self._records.values() if isinstance(one, SliceResult))

    def wake(self) -> None:
        """Look for something to fetch now: it hears of a seek at its next timeout only."""
        self._notify(self._wait_consume_future)


class SliceConsumer(aiokafka.AIOKafkaConsumer):
    """aiokafka's consumer, whose `getmany` gives lists of one `Slice` a partition."""

    _fetcher: SliceFetcher
    start = _with_globals(
        vars(aiokafka.AIOKafkaConsumer)["start"],
        Fetcher=SliceFetcher,
        GroupCoordinator=Membership,
    )

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from there, at once."""
        super().seek(partition, offset)
        self._fetcher.wake()

    @property
    def held_bytes(self) -> int:
        """What has come and waits to be handed out, compressed."""
        return self._fetcher.held_bytes

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
