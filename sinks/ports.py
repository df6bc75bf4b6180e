"""What the sink's consumer needs from the world. Tests have both in memory."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias, TypeVar

from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.structs import TopicPartition

from broker.slices import Slice
from sinks.batch import Load
from sinks.tenure import LogEnds

Result = TypeVar("Result")

Places: TypeAlias = Mapping[TopicPartition, int]
"""An offset of each partition."""


class Log(LogEnds, Protocol):
    """Kafka's log, of which this member of a group has some partitions.

    `join` comes first and `leave` last. In between, `listener` is told of every rebalance: what
    was fetched before is void then, and reading begins again with `starts` and `seek`. Calls that
    Kafka does not answer say so in the log and pause before they return.
    """

    async def join(self, topics: Iterable[str], listener: ConsumerRebalanceListener) -> None:
        """Join the group; returns when partitions are assigned. Raises Unreachable."""
        ...

    async def leave(self) -> None:
        """Leave the group; its partitions go to the others."""
        ...

    def check_group(self) -> None:
        """Raise LeapError when the group does not want this member any more."""
        ...

    def assignment(self) -> Collection[TopicPartition]:
        """The partitions that this member has."""
        ...

    async def starts(self, assigned: Collection[TopicPartition]) -> Places | None:
        """Where each has to be read on: committed, or else kept. None: Kafka did not say."""
        ...

    def seek(self, starts: Places) -> None:
        """Read assigned partitions on from here, all of them flowing."""
        ...

    def let_flow(self, flows: bool) -> None:
        """Go on fetching, or do not."""
        ...

    async def fetch(self, timeout_ms: int) -> Mapping[TopicPartition, list[Slice]] | None:
        """What has arrived; waits that long for the first of it. None: Kafka has failed.

        With a timeout of 0, nothing is buffered any more when this gives nothing.
        """
        ...

    async def may_take(self, place: TopicPartition, piece: Slice, expected: int) -> bool:
        """Whether the slice chains; if not, the partition is fetched again from `expected`."""
        ...

    async def commit(self, ends: Places) -> bool:
        """Commit these offsets; whether that worked. What is not committed is read again."""
        ...


class RowLoader(Protocol):
    """Where rows go. One call at a time; loading the same again changes nothing."""

    @property
    def trouble(self) -> str | None:
        """What keeps it from loading, as a sentence; None while all is well."""
        ...

    async def prepare(self, make: Callable[[], Result]) -> Result:
        """Do something long off the event loop."""
        ...

    async def load(self, loads: Sequence[Load]) -> None:
        """Return when everything is there, however long that takes; may be cancelled."""
        ...
