"""Which partitions are owned, and how far each is read: the only truth about positions.

Steps 1 to 3, 6 and 7 of a partition's life happen in `take_over`. Every slice says where it starts
and what comes next; one that does not chain to what was received leads to a seek, so that nothing
is lost whatever the consumer does.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Final

import structlog
from faust.types import TP

from broker.slices import Slice
from schemas.topics import ACTIVITY, STUDENT
from schemas.types import Day
from streams.owned import Owned
from streams.ports import Flow
from streams.preparation import Preparation
from streams.receiving import Receiving
from streams.telling import Telling

log = structlog.get_logger(__name__)

WAITING_SLICES: Final = 48  # beyond this, fetching waits
HELD_EVENTS: Final = 2_000_000  # of one topic-partition, waiting for marks; beyond, it is paused
_PER_STUDENT: Final = frozenset(topic.name for topic in (*ACTIVITY.values(), STUDENT))


class Positions:
    """Implements `broker.faust_transport.SlicePositions`."""

    def __init__(
        self,
        *,
        generation: str,
        flow: Flow,
        preparation: Preparation,
        receiving: Receiving,
        telling: Telling,
        decoding: Executor,
        today: Callable[[], Day],
        wake: asyncio.Event,
    ) -> None:
        """`wake` is set whenever a partition may have something to do; `decoding` is a thread."""
        self.partitions: dict[int, Owned] = {}
        self.idle: frozenset[int] = frozenset()  # assigned, but not with all topics
        self._prefix = f"leap.{generation}."
        self._flow = flow
        self._preparation = preparation
        self._receiving = receiving
        self._telling = telling
        self._decoding = decoding
        self._today = today
        self._wake = wake

    def owned(self) -> Iterable[int]:
        """The partitions whose state is held."""
        return list(self.partitions)

    def revoked(self) -> None:
        """A rebalance begins: states stay until it is known who owns what."""

    async def take_over(self, assigned: Sequence[TP]) -> Mapping[TP, int]:
        """Prepare what is new, keep what is kept, drop what is lost; where to read each from."""
        topics_of: dict[int, set[str]] = {}
        for tp in assigned:
            topics_of.setdefault(tp.partition, set()).add(self._topic(tp))
        complete = {p for p, topics in topics_of.items() if topics == _PER_STUDENT}
        self.idle = frozenset(topics_of) - complete
        for partition in sorted(self.idle):
            missing = ", ".join(sorted(_PER_STUDENT - topics_of[partition]))
            log.error("partition idle: topics not assigned", partition=partition, missing=missing)
        for partition in set(self.partitions) - complete:
            self.drop(self.partitions[partition])
        new = sorted(complete - set(self.partitions))
        if new:
            self.partitions |= await self._preparation.prepare(new, self._today())
            log.info("partitions taken over", partitions=new)
        for one in self.partitions.values():
            one.paused.clear()
            one.is_due = True
        self._wake.set()
        return {tp: self._expected(tp) for tp in assigned}

    def drop(self, one: Owned) -> None:
        """The partition is somebody else's."""
        one.is_lost = True
        number = one.partition.number
        if self.partitions.get(number) is one:
            del self.partitions[number]

    def committable(self) -> Mapping[TP, int]:
        """Offsets whose effect is published."""
        return {
            TP(self._prefix + topic, partition): offset
            for partition, one in self.partitions.items()
            for topic, offset in one.committable.items()
        }

    def is_full(self) -> bool:
        """Whether fetching should wait."""
        return self._flow.waiting() >= WAITING_SLICES

    async def accept(self, tp: TP, piece: Slice) -> None:
        """Take a slice in: one at a time, decoded on a thread while partitions go on here."""
        one = self.partitions.get(tp.partition)
        if one is None:
            return
        topic = self._topic(tp)
        expected = one.expected()[topic]
        if piece.next <= expected:
            return
        if piece.start > expected:
            log.warning("slice does not chain", tp=str(tp), expected=expected, start=piece.start)
            await self._flow.seek(tp, expected)
            return
        piece = Slice(expected, piece.next, piece.batches)
        self._telling.fetched()
        received = await asyncio.get_running_loop().run_in_executor(
            self._decoding, self._receiving.read, topic, tp.partition, piece
        )
        if one.is_lost or one.expected()[topic] != expected:
            return  # a rebalance came between
        self._receiving.offer(one, received)
        one.is_due = True
        self._hold_back(one, topic)
        self._wake.set()

    async def resume(self, one: Owned) -> None:
        """Fetch again from topics that were paused and have been worked off."""
        for topic in sorted(one.paused):
            source = one.partition.sources[topic]
            if source.held_events <= HELD_EVENTS // 2 and not one.is_lost:
                one.paused.discard(topic)
                tp = TP(self._prefix + topic, one.partition.number)
                await self._flow.resume(tp, source.expected)

    def _hold_back(self, one: Owned, topic: str) -> None:
        source = one.partition.sources.get(topic)
        if source is not None and source.held_events > HELD_EVENTS and topic not in one.paused:
            one.paused.add(topic)
            self._flow.pause(TP(self._prefix + topic, one.partition.number))

    def _expected(self, tp: TP) -> int:
        one = self.partitions.get(tp.partition)
        return 0 if one is None else one.expected()[self._topic(tp)]

    def _topic(self, tp: TP) -> str:
        return tp.topic.removeprefix(self._prefix)
