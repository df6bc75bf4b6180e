"""A Faust transport in which every message is a slice: URL scheme `leap://`.

Faust keeps what it is good at: group membership, rebalances, commits, agents, timers. What it
would do with single messages is replaced:

- the consumer fetches slices (`broker.slices`), one message each;
- where to read, and what to commit, is decided by the application's `SlicePositions`: Faust's own
  acknowledgements, read offsets and gaps would lose slices at an exception, a pause or a rebalance;
- what is not to be read is held back in aiokafka, which then does not fetch it: Faust's own pause
  lets it be fetched, and a consumer all of whose partitions are paused wakes up a second late;
- fetching waits while the application has enough to do;
- members leave the group when they stop, static ones too (`broker.membership`).
"""

import asyncio
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final, cast

import faust
from faust.transport.drivers import aiokafka as driver
from faust.types import TP, ConsumerMessage

from broker.consumer import check_aiokafka_version
from broker.faust_thread import SliceThread
from broker.flow import Offsets, SliceApp, SlicePositions
from broker.membership import Membership
from broker.slices import Slice
from broker.versions import check_version

_TESTED_FAUST: Final = "0.15"
_FULL_POLL_S: Final = 0.005
_LAST_COMMIT_S: Final = 2.0  # before a rebalance: a convenience, for which nobody should wait long


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

    @property
    def membership(self) -> Membership | None:
        """To be looked at from any thread; None before the start."""
        return self._thread.membership

    def log_end(self, tp: TP) -> int | None:
        """The offset behind the last committed record, as of the last answer to a fetch."""
        return self._thread.log_end(tp)

    async def read_from(self, offsets: Offsets) -> None:
        """Read each from its offset on, also what was held back; nothing happens to others."""
        await self._thread.place(offsets, ())

    async def hold_back(self, tps: Collection[TP]) -> None:
        """Fetch no more from these, until `read_from` or a rebalance."""
        await self._thread.place({}, tps)

    def rejoin(self) -> None:
        """Join the group again, which then decides anew who owns what."""
        self._thread.rejoin()

    async def leave(self) -> None:
        """Commit, and leave the group: the others take over at once."""
        await self.force_commit()
        await self._thread.leave()

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """A rebalance begins; nothing is dropped before it is known who owns what.

        Without a commit now, the next owner would count the last second as new again.
        """
        with suppress(TimeoutError):
            await asyncio.wait_for(self.force_commit(), _LAST_COMMIT_S)
        await super().on_partitions_revoked(revoked)

    async def seek_to_committed(self) -> Offsets:
        """Faust asks for this after each rebalance; "committed" is what the application says."""
        assigned = sorted(self.assignment())
        offsets = self.positions.take_over(assigned)
        self._committed.clear()
        await self._thread.place(offsets, [tp for tp in assigned if tp not in offsets])
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

    async def verify_all_partitions_active(self) -> None:
        """Faust's look at each partition's acknowledgements, which are not used here."""

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


def check_faust_version(installed: str = faust.__version__) -> None:
    """Refuse a Faust whose consumer this was not tested with; it replaces parts of its inside."""
    check_version("faust-streaming", installed, _TESTED_FAUST)


class Transport(driver.Transport):
    """What the URL scheme `leap` names."""

    Consumer = Consumer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        check_aiokafka_version()
        check_faust_version()
        super().__init__(*args, **kwargs)
