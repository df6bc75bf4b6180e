"""aiokafka's consumer on the event loop of a thread, so that heartbeats go on under load.

What is asked of it from the application's loop goes there in the order in which it was asked.
"""

import asyncio
from collections.abc import Collection, Coroutine
from contextlib import suppress
from typing import Any, Final, TypeVar, cast

from aiokafka.structs import TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from broker.assignor import CopartitionAssignor
from broker.consumer import SliceConsumer
from broker.flow import Offsets, SliceApp
from broker.membership import Membership

_FETCH_BYTES: Final = 256 << 10
"""The broker answers when it has this much, or when it has gathered for long enough."""
_FIRST_WAIT_MS: Final = 50
_ANSWER_BYTES: Final = 8 << 20
"""An answer has so much at most, and no more is asked for while so much waits to be handed out."""

Result = TypeVar("Result")


class SliceThread(driver.AIOKafkaConsumerThread):
    """Runs aiokafka's consumer; its own event loop, so that heartbeats go on under load."""

    _consumer: SliceConsumer | None
    _assigned: Collection[TopicPartition] = ()
    _assigned_tps: frozenset[TP] = frozenset()

    def _create_worker_consumer(self, transport: driver.Transport) -> SliceConsumer:
        conf = self.app.conf
        positions = cast(SliceApp, self.app).positions
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
            fetch_max_wait_ms=_FIRST_WAIT_MS,
            fetch_min_bytes=_FETCH_BYTES,
            fetch_max_bytes=_ANSWER_BYTES,
            session_timeout_ms=int(conf.broker_session_timeout * 1000),
            heartbeat_interval_ms=int(conf.broker_heartbeat_interval * 1000),
            rebalance_timeout_ms=int(conf.broker_rebalance_timeout * 1000),
            request_timeout_ms=int(conf.broker_request_timeout * 1000),
        )

    def assignment(self) -> set[TP]:
        """What is assigned. Faust asks once for each of the offsets that it commits."""
        assigned = self._ensure_consumer().assignment()
        if assigned is not self._assigned:
            self._assigned, self._assigned_tps = assigned, frozenset(TP(*tp) for tp in assigned)
        return set(self._assigned_tps)

    async def place(self, offsets: Offsets, held_back: Collection[TP]) -> None:
        """Read each from its offset on, and do not fetch what is held back; while assigned."""
        await self._on_thread(self._place(offsets, held_back))

    async def leave(self) -> None:
        """Leave the group for good."""
        if self.membership is not None:
            await self._on_thread(self.membership.close())

    def rejoin(self) -> None:
        """Join the group again, which then decides anew who owns what."""
        if self.membership is not None:
            self.thread_loop.call_soon_threadsafe(self.membership.request_rejoin)

    @property
    def membership(self) -> Membership | None:
        """To be looked at from any thread; None before the start."""
        return None if self._consumer is None else self._consumer.membership

    def log_end(self, tp: TP) -> int | None:
        """The offset behind the last committed record, as of the last answer to a fetch."""
        if self._consumer is not None:
            with suppress(AssertionError):  # aiokafka's, when it is not assigned any more
                return self._consumer.last_stable_offset(TopicPartition(*tp))
        return None

    async def _on_thread(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        future = asyncio.run_coroutine_threadsafe(coroutine, self.thread_loop)
        return await asyncio.wrap_future(future)

    async def _place(self, offsets: Offsets, held_back: Collection[TP]) -> None:
        consumer = cast(SliceConsumer, self._ensure_consumer())
        assigned = consumer.assignment()
        for tp in assigned & {TopicPartition(*tp) for tp in held_back}:
            consumer.pause(tp)
        for place, offset in offsets.items():
            tp = TopicPartition(*place)
            if tp in assigned:
                consumer.seek(tp, offset)
                consumer.resume(tp)
