"""Both ports of the sink's consumer in memory: a log that can do anything, a table that remembers.

The records are those of the topic `student`; a record's student is its number in the world.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.structs import TopicPartition

from broker.slices import Slice
from schemas import topics
from schemas.errors import LeapError
from schemas.wire import Record
from sinks.batch import Load
from sinks.ports import Places
from tests.broker import batches
from tests.sinks.loading import written
from tests.sinks.test_batch import WHEN

Result = TypeVar("Result")

TOPIC = "leap.test.student"
PLACES = tuple(TopicPartition(TOPIC, partition) for partition in range(3))
RECORDS = 20
"""In each partition."""


def number_of(place: TopicPartition, offset: int) -> int:
    return place.partition * 1_000 + offset


def piece_of(place: TopicPartition, start: int, end: int) -> Slice:
    numbers = [number_of(place, offset) for offset in range(start, end)]
    students: list[Record] = [
        {"student": number, "recorded_at": WHEN, "periods": [], "tutor": None} for number in numbers
    ]
    records = [batches.Record(key, value) for key, value in written(topics.STUDENT, students)]
    return batches.slice_of(batches.batch(records, base=start))


class MemoryTable:
    """What was loaded, as record numbers. `open` lets loads through."""

    def __init__(self) -> None:
        self.trouble: str | None = None
        self.loaded: set[int] = set()
        self.open = asyncio.Event()
        self.open.set()

    async def prepare(self, make: Callable[[], Result]) -> Result:
        await asyncio.sleep(0)
        return make()

    async def load(self, loads: Sequence[Load]) -> None:
        await self.open.wait()
        for load in loads:
            await asyncio.sleep(0)
            self.loaded |= set(load.rows["student"].to_list())


@dataclass(frozen=True)
class Give:
    """The next records of a partition."""

    partition: int
    count: int


@dataclass(frozen=True)
class Skip:
    """A slice of a partition that begins too late."""

    partition: int


@dataclass(frozen=True)
class Fail:
    """Kafka does not answer a fetch."""


@dataclass(frozen=True)
class Rebalance:
    """From now on the member has these partitions."""

    partitions: frozenset[int]


Step = Give | Skip | Fail | Rebalance


@dataclass
class MemoryLog:
    """A group of one member. Does what `steps` say, fetch by fetch, and then gives all there is."""

    table: MemoryTable
    steps: list[Step]
    positions: dict[TopicPartition, int] = field(default_factory=dict)
    committed: dict[TopicPartition, int] = field(default_factory=dict)
    assigned: frozenset[TopicPartition] = frozenset()
    flows: bool = True
    fetched_while_paused: int = 0
    listener: ConsumerRebalanceListener | None = None

    async def join(self, topics: Iterable[str], listener: ConsumerRebalanceListener) -> None:
        self.listener = listener
        await self._assign(frozenset(PLACES))

    async def leave(self) -> None:
        self.assigned = frozenset()

    def check_group(self) -> None:
        if self.listener is None:
            raise LeapError("not joined")

    def assignment(self) -> Collection[TopicPartition]:
        return self.assigned

    async def starts(self, assigned: Collection[TopicPartition]) -> Places | None:
        await asyncio.sleep(0)
        return {place: self.committed.get(place, 0) for place in assigned}

    def seek(self, starts: Places) -> None:
        assert set(starts) == self.assigned
        self.positions = dict(starts)
        self.flows = True

    def let_flow(self, flows: bool) -> None:
        self.flows = flows

    async def fetch(self, timeout_ms: int) -> Mapping[TopicPartition, list[Slice]] | None:
        await asyncio.sleep(0)
        if not self.flows:
            return {}
        step = self.steps.pop(0) if self.steps else None
        match step:
            case Give(partition, count):
                return self._give(PLACES[partition], count)
            case Skip(partition) if PLACES[partition] in self.assigned:
                place = PLACES[partition]
                late = self.positions[place] + 2
                return {place: [piece_of(place, late, late + 2)]} if late < RECORDS else {}
            case Fail():
                return None
            case Rebalance(partitions):
                await self._assign(frozenset(PLACES[partition] for partition in partitions))
                return {}
        if self.assigned != set(PLACES):
            await self._assign(frozenset(PLACES))
            return {}
        given: dict[TopicPartition, list[Slice]] = {}
        for place in PLACES:
            given |= self._give(place, RECORDS)
        return given

    async def may_take(self, place: TopicPartition, piece: Slice, expected: int) -> bool:
        if piece.start <= expected:
            return True
        self.positions[place] = expected
        return False

    async def commit(self, ends: Places) -> bool:
        await asyncio.sleep(0)
        if not set(ends) <= self.assigned:
            return False
        for place, end in ends.items():
            assert end >= self.committed.get(place, 0), "a commit went back"
            missing = {number_of(place, n) for n in range(end)} - self.table.loaded
            assert not missing, "committed before it was loaded"
            self.committed[place] = end
        return True

    def last_stable_offset(self, partition: TopicPartition) -> int | None:
        return RECORDS

    def last_poll_timestamp(self, partition: TopicPartition) -> int | None:
        return None

    def _give(self, place: TopicPartition, count: int) -> dict[TopicPartition, list[Slice]]:
        if place not in self.assigned or self.positions[place] >= RECORDS:
            return {}
        start = self.positions[place]
        end = min(start + count, RECORDS)
        self.positions[place] = end
        return {place: [piece_of(place, start, end)]}

    async def _assign(self, places: frozenset[TopicPartition]) -> None:
        assert self.listener is not None
        await self.listener.on_partitions_revoked(self.assigned)
        self.assigned, self.positions = places, dict.fromkeys(places, 0)
        await self.listener.on_partitions_assigned(places)
