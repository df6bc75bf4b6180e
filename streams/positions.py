"""Which partitions are owned, and how far each is read: the only truth about positions.

Steps 6 and 7 of a partition's life happen in `take_over`, which begins steps 1 to 3 for what is new
(`streams.taking`). Every slice says where it starts and what comes next; one that does not chain to
what was received leads to a seek, so that nothing is lost whatever the consumer does. What the
broker has deleted meanwhile is passed over, with a warning.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from typing import Final

import structlog
from aiokafka.structs import TopicPartition
from faust.types import TP

from broker.chaining import Chaining
from broker.slices import Slice
from schemas.types import Day
from streams.arriving import Arrivals, Arriving
from streams.owned import Owned
from streams.pace import Pace
from streams.partition import Phase
from streams.ports import Flow
from streams.preparation import Preparation
from streams.receiving import Receiving
from streams.records import PER_STUDENT
from streams.taking import Taking
from streams.telling import Telling

log = structlog.get_logger(__name__)

HELD_EVENTS: Final = 2_000_000  # of one topic-partition, waiting for marks; beyond, it is paused
_DAMAGED_S: Final = 5.0  # until a damaged log is looked at again
_PER_STUDENT: Final = frozenset(topic.name for topic in PER_STUDENT)


class Positions:
    """Implements `broker.flow.SlicePositions`."""

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
        failed: Callable[[Exception], None],
        wake: asyncio.Event,
        pace: Pace,
    ) -> None:
        """`wake` is set whenever a partition may have something to do; `decoding`: threads.

        `failed` is told what the process has to end with.
        """
        self.partitions: dict[int, Owned] = {}
        self.idle: frozenset[int] = frozenset()  # assigned, but not with all topics
        self._prefix = f"leap.{generation}."
        self._flow = flow
        self._telling = telling
        self._wake = wake
        self._chaining = Chaining(preparation.offsets)
        self.taking = Taking(preparation, flow, today=today, taken=self._taken, failed=failed)
        self._arrivals = Arrivals(receiving, decoding, pace)
        self._waiting: set[asyncio.Task[None]] = set()

    def owned(self) -> Iterable[int]:
        """The partitions whose state is held, or soon will be."""
        return [*self.partitions, *self.taking.partitions]

    @property
    def are_warming(self) -> bool:
        """Whether any partition is on its way to being live."""
        phases = (one.partition.phase for one in self.partitions.values())
        return bool(self.taking.partitions) or Phase.REPLAY in phases

    def take_over(self, assigned: Sequence[TP]) -> Mapping[TP, int]:
        """Keep what is kept, drop what is lost, begin to prepare what is new."""
        topics_of: dict[int, set[str]] = {}
        for tp in assigned:
            topics_of.setdefault(tp.partition, set()).add(self._topic(tp))
        complete = {p for p, topics in topics_of.items() if topics == _PER_STUDENT}
        self.idle = frozenset(topics_of) - complete
        for partition in sorted(self.idle):
            missing = ", ".join(sorted(_PER_STUDENT - topics_of[partition]))
            log.error("partition idle: topics not assigned", partition=partition, missing=missing)
        for partition in self.partitions.keys() - complete:
            self._drop(self.partitions[partition])
        self.taking.want(complete - self.partitions.keys())
        for one in self.partitions.values():
            one.paused.clear()
            one.is_due = True
        self._wake.set()
        kept = self.partitions.keys()
        return {tp: self._expected(tp) for tp in assigned if tp.partition in kept}

    def lose(self, one: Owned, reason: str) -> None:
        """Its producer was fenced: whoever did that owns it, or nobody; the group decides."""
        if not one.is_lost:
            log.warning("partition lost", partition=one.partition.number, reason=reason)
            self._drop(one)
            self._flow.rejoin()

    def committable(self) -> Mapping[TP, int]:
        """Offsets whose effect is published."""
        return {
            TP(self._prefix + topic, partition): offset
            for partition, one in self.partitions.items()
            for topic, offset in one.committable.items()
        }

    def lags(self) -> Iterator[tuple[str, int, int]]:
        """Topic, partition, and the records up to the end of the log that are not applied yet."""
        for partition, one in self.partitions.items():
            applied = {t: source.position for t, source in one.partition.sources.by_topic.items()}
            for topic, position in (applied | one.records_positions).items():
                end = self._flow.log_end(TP(self._prefix + topic, partition))
                if end is not None:
                    yield topic, partition, max(0, end - position)

    def is_full(self) -> bool:
        """Whether fetching should wait."""
        return self._arrivals.is_full

    async def accept(self, tp: TP, piece: Slice) -> None:
        """Take a slice in, which `receive` hands on."""
        one = self.partitions.get(tp.partition)
        if one is None:
            return
        if piece.damage is not None:
            log.error(str(piece.damage))
            await self._later(tp)
            return
        topic = self._topic(tp)
        expected = one.expected()[topic]
        if piece.next <= expected:
            return
        if not await self._chaining.may_take(TopicPartition(*tp), piece, expected):
            log.warning("slice does not chain", tp=str(tp), expected=expected, start=piece.start)
            await self._flow.read_from({tp: expected})
            return
        if one.is_lost:
            return
        self._telling.fetched()
        one.incoming[topic] = piece.next
        piece = Slice(expected, piece.next, piece.batches)
        self._arrivals.add(Arriving(one, topic, piece))

    async def receive(self) -> None:
        """Offer what was decoded to its partition, in the order in which it came; without end."""
        while True:
            for arriving, received in await self._arrivals.next():
                one, topic = arriving.one, arriving.topic
                if one.is_lost:
                    continue
                received.give(one)
                if one.incoming[topic] == arriving.piece.next:
                    del one.incoming[topic]
                one.is_due = True
                await self._hold_back(one, topic)
            self._wake.set()
            await asyncio.sleep(0)  # partitions go on between two of these

    async def resume(self, one: Owned) -> None:
        """Fetch again from topics that were paused and have been worked off."""
        for topic in sorted(one.paused):
            source = one.partition.sources.by_topic[topic]
            if source.held_events <= HELD_EVENTS // 2 and not one.is_lost:
                one.paused.discard(topic)
                tp = TP(self._prefix + topic, one.partition.number)
                await self._flow.read_from({tp: one.expected()[topic]})

    async def _taken(self, ready: Mapping[int, Owned]) -> None:
        """These are prepared: replay them."""
        self.partitions |= ready
        log.info("partitions taken over", partitions=sorted(ready))
        await self._flow.read_from(
            {
                TP(self._prefix + topic, partition): offset
                for partition, one in ready.items()
                for topic, offset in one.expected().items()
            }
        )
        self._wake.set()

    async def _later(self, tp: TP) -> None:
        """Leave a log alone that is damaged, and see in a while whether it was mended."""
        await self._flow.hold_back([tp])
        again = asyncio.create_task(self._again(tp))
        self._waiting.add(again)
        again.add_done_callback(self._waiting.discard)

    async def _again(self, tp: TP) -> None:
        await asyncio.sleep(_DAMAGED_S)
        one = self.partitions.get(tp.partition)
        if one is not None and self._topic(tp) not in one.paused:
            await self._flow.read_from({tp: self._expected(tp)})

    def _drop(self, one: Owned) -> None:
        one.is_lost = True
        number = one.partition.number
        if self.partitions.get(number) is one:
            del self.partitions[number]

    async def _hold_back(self, one: Owned, topic: str) -> None:
        source = one.partition.sources.by_topic.get(topic)
        if source is not None and source.held_events > HELD_EVENTS and topic not in one.paused:
            one.paused.add(topic)
            await self._flow.hold_back([TP(self._prefix + topic, one.partition.number)])

    def _expected(self, tp: TP) -> int:
        return self.partitions[tp.partition].expected()[self._topic(tp)]

    def _topic(self, tp: TP) -> str:
        return tp.topic.removeprefix(self._prefix)
