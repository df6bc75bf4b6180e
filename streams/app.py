"""The Faust application: group membership, commits, one agent over slices.

Everything arrives as one message a slice (`broker.faust_transport`). The agent hands them over; no
exception leaves it, because Faust would go on with the message after it: the process ends instead,
and what was not published is found again by comparison.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, cast

import faust
from faust.types import TP, StreamT

from broker.faust_transport import Consumer, SlicePositions
from broker.slices import Slice

_SESSION_TIMEOUT_S: Final = 6.0
_HEARTBEAT_S: Final = 1.0
_REBALANCE_TIMEOUT_S: Final = 12.0
_COMMIT_INTERVAL_S: Final = 1.0
_REQUEST_TIMEOUT_S: Final = 120.0  # Faust gives `take_over` this long
_FETCH_BYTES: Final = 4 << 20


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
        self._streams: list[StreamT[Any]] = []

        async def hand_over(stream: StreamT[Any]) -> None:
            self._streams.append(stream)
            async for event in stream.events():
                try:
                    await accept(event.message.tp, cast(Slice, event.value))
                except Exception as error:  # the one place that must let nothing through
                    failed(error)
                    return

        slices = self.topic(*topics, value_type=bytes, value_serializer="raw")
        self.agent(slices, concurrency=1, name="slices")(hand_over)

    async def check_group(self) -> None:
        """Raise what the group coordinator has against this member."""
        await cast(Consumer, self.consumer).check_group()

    def waiting(self) -> int:
        """Slices fetched and not yet handed over."""
        return sum(cast(Any, stream.channel).queue.qsize() for stream in self._streams)

    async def seek(self, tp: TP, offset: int) -> None:
        """Read this partition from here on."""
        await self.consumer.seek(tp, offset)

    def pause(self, tp: TP) -> None:
        """Stop fetching from it."""
        self.consumer.pause_partitions({tp})

    async def resume(self, tp: TP, offset: int) -> None:
        """Fetch from it again; Faust may have dropped what was fetched meanwhile."""
        await self.consumer.seek(tp, offset)
        self.consumer.resume_partitions({tp})


def new_app(*, bootstrap: str, group: str, instance_id: str | None, folder: Path) -> StreamApp:
    """An application of a consumer group; `instance_id` makes the membership static."""
    return StreamApp(
        group,
        broker=f"leap://{bootstrap}",
        datadir=folder,
        web_enabled=False,
        topic_allow_declare=False,
        topic_disable_leader=True,
        consumer_group_instance_id=instance_id,
        consumer_max_fetch_size=_FETCH_BYTES,
        consumer_auto_offset_reset="earliest",
        broker_session_timeout=_SESSION_TIMEOUT_S,
        broker_heartbeat_interval=_HEARTBEAT_S,
        broker_rebalance_timeout=_REBALANCE_TIMEOUT_S,
        broker_request_timeout=_REQUEST_TIMEOUT_S,
        broker_commit_interval=_COMMIT_INTERVAL_S,
        stream_wait_empty=True,
    )
