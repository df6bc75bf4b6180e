"""aiokafka's consumer, handing out slices instead of records."""

import types
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

import aiokafka
from aiokafka.consumer import fetcher

from broker.fetch_request import PackedFetchRequest
from broker.membership import Membership
from broker.slices import RawBatches, SliceRecords
from broker.versions import check_version

FETCHER_WAKES_MS: Final = 20
"""How long aiokafka's fetcher sleeps when it believes that nothing has changed. It does not hear of
every seek: with its default, 200 ms, that is how late a reader begins."""

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


class SliceFetcher(fetcher.Fetcher):
    """aiokafka's fetcher, handing out slices."""

    _proc_fetch_request = _with_globals(
        vars(fetcher.Fetcher)["_proc_fetch_request"],
        MemoryRecords=RawBatches,
        PartitionRecords=SliceRecords,
    )
    _get_actions_per_node = _with_globals(
        vars(fetcher.Fetcher)["_get_actions_per_node"], FetchRequest=PackedFetchRequest
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
