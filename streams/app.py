"""The Faust application: group membership, commits, one agent over slices.

Everything arrives as one message a slice (`broker.faust_transport`). The agent hands them over; no
exception leaves it, because Faust would go on with the message after it: the process ends instead,
and what was not published is found again by comparison.
"""

import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, Final, cast

import faust
from faust.tables.manager import TableManager
from faust.types import TP, StreamT
from mode import Seconds

from broker.faust_transport import Consumer
from broker.flow import SlicePositions
from broker.slices import Slice

SESSION_TIMEOUT_S: Final = 6.0
# A member learns from the answer to a heartbeat that others join or leave. Until the last one has
# learnt it, none of them reads.
_HEARTBEAT_S: Final = 0.25
_REBALANCE_TIMEOUT_S: Final = 12.0
_COMMIT_INTERVAL_S: Final = 1.0
_REQUEST_TIMEOUT_S: Final = 40.0
_FETCH_BYTES: Final = 4 << 20

LEASE_S: Final = 0.8 * SESSION_TIMEOUT_S
"""After the last heartbeat that was answered. The group gives a member's partitions to others no
earlier than a session timeout after it; the rest is for clocks, and for what is on its way."""


class NoTables(TableManager):
    """Faust waits a second for tables to register; there are none."""

    async def sleep(self, n: Seconds) -> None:
        """Do not wait."""


class StreamApp(faust.App):
    """A Faust application with an account of positions of its own.

    Also the `streams.ports.Flow` of its worker.
    """

    positions: SlicePositions

    def listen(
        self,
        topics: list[str],
        accept: Callable[[TP, Slice], Awaitable[None]],
        failed: Callable[[Exception], None],
    ) -> None:
        """Hand every slice of these topics to `accept`; what it raises goes to `failed`."""

        async def hand_over(stream: StreamT[Any]) -> None:
            async for event in stream.events():
                try:
                    await accept(event.message.tp, cast(Slice, event.value))
                except Exception as error:  # the one place that must let nothing through
                    failed(error)
                    return

        slices = self.topic(*topics, value_type=bytes, value_serializer="raw")
        self.agent(slices, concurrency=1, name="slices")(hand_over)

    async def read_from(self, offsets: Mapping[TP, int]) -> None:
        """Read each from its offset on."""
        await self._reader.read_from(offsets)

    async def hold_back(self, tps: Collection[TP]) -> None:
        """Fetch no more from these."""
        await self._reader.hold_back(tps)

    def holds_lease(self) -> bool:
        """Whether the group confirmed this member so lately that it cannot have been replaced."""
        membership = self._reader.membership
        return membership is not None and time.monotonic() - membership.confirmed_s < LEASE_S

    def rejoin(self) -> None:
        """Have the group decide anew who owns what."""
        self._reader.rejoin()

    def log_end(self, tp: TP) -> int | None:
        """The offset behind the last committed record, as far as is known."""
        return self._reader.log_end(tp)

    def group_failure(self) -> Exception | None:
        """What has ended the membership in the group."""
        membership = self._reader.membership
        return None if membership is None else membership.failure

    async def leave(self) -> None:
        """Commit, and leave the group: the others take over at once."""
        await self._reader.leave()

    @property
    def _reader(self) -> Consumer:
        return cast(Consumer, self.consumer)

    def _create_directories(self) -> None:
        """Faust keeps tables there, of which there are none: nothing is written."""


def new_app(*, bootstrap: str, group: str, instance_id: str | None) -> StreamApp:
    """An application of a consumer group; `instance_id` makes the membership static."""
    return StreamApp(
        group,
        broker=f"leap://{bootstrap}",
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        TableManager=NoTables,
        consumer_group_instance_id=instance_id,
        consumer_max_fetch_size=_FETCH_BYTES,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=SESSION_TIMEOUT_S,
        broker_heartbeat_interval=_HEARTBEAT_S,
        broker_rebalance_timeout=_REBALANCE_TIMEOUT_S,
        broker_request_timeout=_REQUEST_TIMEOUT_S,
        broker_commit_interval=_COMMIT_INTERVAL_S,
        # Faust's acknowledgements say nothing here; waiting for them costs up to a second.
        stream_wait_empty=False,
    )
