"""A Faust transport in which every message is a slice: URL scheme `leap://`.

Faust keeps what it is good at: group membership, rebalances, commits, agents, timers. What it
would do with single messages is replaced:

- the consumer fetches slices (`broker.slices`), one message each;
- where to read, and what to commit, is decided by the application's `SlicePositions`: Faust's own
  acknowledgements, read offsets and gaps would lose slices at an exception, a pause or a rebalance;
- fetching waits while the application has enough to do.
"""

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol, TypeAlias, cast

from aiokafka.structs import TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from broker.assignor import CopartitionAssignor
from broker.slices import Slice, SliceConsumer, check_aiokafka_version

_FETCH_WAIT_MS: Final = 100
_FULL_POLL_S: Final = 0.005

Offsets: TypeAlias = Mapping[TP, int]


class SlicePositions(Protocol):
    """What the transport asks the application; all calls on the application's event loop."""

    def owned(self) -> Iterable[int]:
        """The partitions whose state is held, for a sticky assignment. Called from any thread."""
        ...

    def revoked(self) -> None:
        """A rebalance begins."""
        ...

    async def take_over(self, assigned: Sequence[TP]) -> Offsets:
        """Make ready what was assigned; the offset from which each has to be read."""
        ...

    def committable(self) -> Offsets:
        """The offsets below which everything is accounted for."""
        ...

    def is_full(self) -> bool:
        """Whether fetching should wait."""
        ...


class SliceThread(driver.AIOKafkaConsumerThread):
    """Runs aiokafka's consumer; its own event loop, so that heartbeats go on under load."""

    _consumer: SliceConsumer | None

    def _create_worker_consumer(self, transport: driver.Transport) -> SliceConsumer:
        conf = self.app.conf
        positions = cast(Consumer, self.consumer).positions
        return SliceConsumer(
            bootstrap_servers=driver.server_list(transport.url, transport.default_port),
            client_id=conf.broker_client_id,
            group_id=conf.id,
            group_instance_id=conf.consumer_group_instance_id,
            partition_assignment_strategy=[CopartitionAssignor(positions.owned)],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=conf.consumer_max_fetch_size,
            fetch_max_wait_ms=_FETCH_WAIT_MS,
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            request_timeout_ms=int(conf.broker_request_timeout * 1000),
        )

    async def seek_all(self, offsets: Offsets) -> None:
        """Seek every partition, unless the assignment has changed meanwhile."""
        await self.call_thread(self._seek_all, offsets)

    async def _seek_all(self, offsets: Offsets) -> None:
        consumer = self._ensure_consumer()
        if consumer.assignment() == {TopicPartition(*tp) for tp in offsets}:
            for tp, offset in offsets.items():
                consumer.seek(TopicPartition(*tp), offset)

    async def check_group(self) -> None:
        """Raise what the group coordinator has against this member."""
        cast(SliceConsumer, self._ensure_consumer()).check_group()


class NothingRead(dict[TP, int | None]):
    """Faust's read offsets, always unknown: slices are checked against the positions instead."""

    def __missing__(self, key: TP) -> None:
        return None

    def __setitem__(self, key: TP, value: int | None) -> None:
        pass

    def update(self, *args: object, **kwargs: object) -> None:
        """Remember nothing."""


class Consumer(driver.Consumer):
    """Faust's consumer over slices."""

    _thread: SliceThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._read_offset = NothingRead()
        self._committed: dict[TP, int] = {}

    @property
    def positions(self) -> SlicePositions:
        """The application's account of what is applied."""
        return cast(SliceApp, self.app).positions

    async def check_group(self) -> None:
        """Raise what the group coordinator has against this member."""
        await self._thread.call_thread(self._thread.check_group)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """A rebalance begins; nothing is dropped before it is known who owns what."""
        self.positions.revoked()
        await super().on_partitions_revoked(revoked)

    async def seek_to_committed(self) -> Offsets:
        """Faust asks for this after each rebalance; "committed" is what the application says."""
        assigned = sorted(self.assignment())
        offsets = await self.positions.take_over(assigned)
        self._committed.clear()
        await self._thread.seek_all(offsets)
        return offsets

    def _new_consumer_thread(self) -> SliceThread:
        return SliceThread(self, loop=self.loop, beacon=self.beacon)

    async def _getmany(
        self, active_partitions: set[TP] | None, timeout: float
    ) -> Mapping[TP, list[Any]]:
        while self.flow_active and self.positions.is_full():
            await asyncio.sleep(_FULL_POLL_S)
        return await super()._getmany(active_partitions, timeout)

    def _to_message(self, tp: TP, record: Slice) -> ConsumerMessage:
        return ConsumerMessage(
            tp.topic,
            tp.partition,
            record.next - 1,
            time.time(),
            0,
            [],
            None,
            cast(Any, record),  # a slice, not bytes: no codec of Faust's touches it
            None,
            0,
            0,
            tp,
            generation_id=self.app.consumer_generation_id,
        )

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Slices have no gaps."""

    def _filter_tps_with_pending_acks(self, topics: object = None) -> Iterator[TP]:
        return iter(())

    def _filter_committable_offsets(self, tps: Iterable[TP]) -> dict[TP, int]:
        for acknowledged in (self._acked, self._acked_index):
            for of_partition in acknowledged.values():
                of_partition.clear()
        assigned = self.assignment()
        return {
            tp: offset
            for tp, offset in self.positions.committable().items()
            if tp in assigned and self._committed.get(tp) != offset
        }

    async def _commit_offsets(
        self, offsets: Mapping[TP, int], start_new_transaction: bool = True
    ) -> bool:
        committed = await super()._commit_offsets(
            offsets, start_new_transaction=start_new_transaction
        )
        if committed:
            self._committed.update(offsets)
        return committed


class Transport(driver.Transport):
    """What the URL scheme `leap` names."""

    Consumer = Consumer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        check_aiokafka_version()
        super().__init__(*args, **kwargs)


class SliceApp(Protocol):
    """A Faust application that can use this transport."""

    @property
    def positions(self) -> SlicePositions:
        """Its account of what is applied."""
        ...
