"""Kafka as the sink sees it: slices that chain, and offsets to commit."""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final

import structlog
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaConnectionError, KafkaError
from aiokafka.structs import TopicPartition

from broker.assignor import CopartitionAssignor
from broker.chaining import Chaining
from broker.clients import ClientConfig, unreachable
from broker.consumer import SliceConsumer
from broker.offsets import Offsets
from broker.slices import Slice
from schemas.errors import LeapError, Unreachable
from sinks.ports import Places

log = structlog.get_logger(__name__)

_AGAIN_S: Final = 1.0
_PARTITION_FETCH_BYTES: Final = 2 << 20
_FETCH_BYTES: Final = 16 << 20  # compressed, in one answer of a broker
_FETCH_WAIT_MS: Final = 100
_SESSION_TIMEOUT_MS: Final = 10_000
_HEARTBEAT_MS: Final = 1_000
_REBALANCE_TIMEOUT_MS: Final = 60_000


class Fetching:
    """The sink's `Log` on a Kafka broker; to be made and used on one event loop."""

    def __init__(
        self,
        client: ClientConfig,
        group: str,
        *,
        offsets: Offsets,
        owned: Callable[[], Iterable[int]],
    ) -> None:
        """`owned`: the partitions that this member holds, when it joins again."""
        self._client = client
        self._group = group
        self._offsets = offsets
        self._chaining = Chaining(offsets)
        self._flows = True
        self._consumer = SliceConsumer(
            bootstrap_servers=client.bootstrap,
            group_id=group,
            partition_assignment_strategy=[CopartitionAssignor(owned)],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=_PARTITION_FETCH_BYTES,
            fetch_max_bytes=_FETCH_BYTES,
            fetch_max_wait_ms=_FETCH_WAIT_MS,
            session_timeout_ms=_SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=_HEARTBEAT_MS,
            rebalance_timeout_ms=_REBALANCE_TIMEOUT_MS,
        )

    async def join(self, topics: Iterable[str], listener: ConsumerRebalanceListener) -> None:
        """Join the group; returns when partitions are assigned. Raises Unreachable."""
        self._consumer.subscribe(list(topics), listener=listener)
        try:
            await self._consumer.start()
        except KafkaConnectionError as error:
            raise unreachable(self._client, "join the group of the sinks") from error
        except KafkaError as error:
            raise self._unwanted(error) from error

    async def leave(self) -> None:
        """Leave the group; its partitions go to the others."""
        await self._consumer.stop()

    def check_group(self) -> None:
        """Raise LeapError when the group does not want this member any more."""
        try:
            self._consumer.check_group()
        except KafkaError as error:
            raise self._unwanted(error) from error

    def assignment(self) -> Collection[TopicPartition]:
        """The partitions that this member has."""
        return self._consumer.assignment()

    def last_stable_offset(self, partition: TopicPartition) -> int | None:
        """The offset behind the last committed record, as of the last answer."""
        return self._consumer.last_stable_offset(partition)

    def last_poll_timestamp(self, partition: TopicPartition) -> int | None:
        """When that answer came, in milliseconds."""
        return self._consumer.last_poll_timestamp(partition)

    async def starts(self, assigned: Collection[TopicPartition]) -> Places | None:
        """Where each has to be read on: committed, or else kept."""
        names = [(place.topic, place.partition) for place in assigned]
        if not names:
            return {}
        try:
            kept = await asyncio.to_thread(self._offsets.earliest, names)
            committed = await asyncio.to_thread(self._offsets.committed, self._group, names)
        except Unreachable as error:
            log.warning(f"{error}; trying again")
            await asyncio.sleep(_AGAIN_S)
            return None
        return {TopicPartition(*name): max(kept[name], committed[name]) for name in names}

    def seek(self, starts: Places) -> None:
        """Read assigned partitions on from here."""
        self._flows = True  # a new assignment is not paused
        for place, offset in starts.items():
            self._consumer.seek(place, offset)

    def let_flow(self, flows: bool) -> None:
        """Go on fetching, or do not."""
        if flows != self._flows:
            self._flows = flows
            change = self._consumer.resume if flows else self._consumer.pause
            change(*self._consumer.assignment())

    async def fetch(self, timeout_ms: int) -> Mapping[TopicPartition, list[Slice]] | None:
        """What has arrived; waits that long for the first of it."""
        try:
            fetched = await self._consumer.getmany(timeout_ms=timeout_ms)
        except KafkaError as error:
            if not error.retriable:
                raise self._unwanted(error) from error
            log.warning(f"{unreachable(self._client, 'fetch')}; trying again")
            await asyncio.sleep(_AGAIN_S)
            return None
        damaged = [tp for tp, pieces in fetched.items() if pieces and pieces[0].damage is not None]
        for place in damaged:
            log.error(str(fetched[place][0].damage))
        if damaged:  # the others go on, at a pace at which this may be said again and again
            await asyncio.sleep(_AGAIN_S)
        return {tp: pieces for tp, pieces in fetched.items() if tp not in damaged}

    async def may_take(self, place: TopicPartition, piece: Slice, expected: int) -> bool:
        """Whether the slice chains; if not, the partition is fetched again from `expected`."""
        if await self._chaining.may_take(place, piece, expected):
            return True
        if place in self._consumer.assignment():
            self._consumer.seek(place, expected)
        return False

    async def commit(self, ends: Places) -> bool:
        """Commit these offsets; whether that worked."""
        try:
            await self._consumer.commit(ends)
        except (CommitFailedError, IllegalStateError):
            log.info("another sink owns the partitions now, and will load the same again")
        except KafkaError as error:
            log.warning(
                f"{unreachable(self._client, 'commit offsets')}", error=type(error).__name__
            )
        else:
            return True
        return False

    def _unwanted(self, error: KafkaError) -> LeapError:
        return LeapError(
            f"Kafka at {self._client.bootstrap} does not let the group {self._group} go on"
            f" ({type(error).__name__}: {error}): check the rights of its user"
        )
