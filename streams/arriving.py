"""Slices on their way from the consumer to their partitions, those of a topic in order.

What is large is decoded on threads, while partitions go on. What is small is decoded here: a thread
would wait for the interpreter lock, up to 5 ms each time it needs it, and longer than the work
takes. All that has gathered is decoded at once, topic by topic (`broker.joint`), and a job is not
begun while the rest of an answer still comes, slice by slice. So the more there is to do, the more
is done in one go, and when there is little, nothing waits.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from broker.slices import Slice
from streams.owned import Owned
from streams.pace import Pace
from streams.received import Received
from streams.receiving import Receiving

_JOBS: Final = 2  # on threads at a time
_JOB_BYTES: Final = 1 << 20  # compressed; a job on a thread has so much, or is the rest
_SMALL_BYTES: Final = 32 << 10  # below this, not worth a thread
_MOMENT_S: Final = 0.01  # in which the other slices of a fetch come, one by one
_WAITING_BYTES: Final = 16 << 20  # beyond this, fetching waits; or beyond
_WAITING_SLICES: Final = 1_000


@dataclass(frozen=True, slots=True)
class Arriving:
    """A slice for a partition; it chains to what came before."""

    one: Owned
    topic: str
    piece: Slice


class Arrivals:
    """Lives on one event loop."""

    def __init__(self, receiving: Receiving, threads: Executor, pace: Pace) -> None:
        self._receiving = receiving
        self._pace = pace
        self._threads = threads
        self._waiting: dict[str, deque[Arriving]] = {}  # by topic
        self._bytes = 0  # of those that wait
        self._running: deque[tuple[Sequence[Arriving], asyncio.Future[Sequence[Received]]]]
        self._running = deque()
        self._has_some = asyncio.Event()

    @property
    def is_full(self) -> bool:
        """Whether there is enough to do."""
        slices = sum(map(len, self._waiting.values()))
        return self._bytes >= _WAITING_BYTES or slices >= _WAITING_SLICES

    def add(self, arriving: Arriving) -> None:
        """Take a slice in."""
        self._waiting.setdefault(arriving.topic, deque()).append(arriving)
        self._bytes += arriving.piece.size_bytes
        self._start(_JOB_BYTES)
        self._has_some.set()

    async def next(self) -> list[tuple[Arriving, Received]]:
        """The next ones, decoded; waits until there are some."""
        while not self._running and not self._waiting:
            self._has_some.clear()
            await self._has_some.wait()
        if not self._running:
            await asyncio.sleep(_MOMENT_S)
            await self._pace.is_over()
            self._start(_SMALL_BYTES)
        if self._running:
            some, future = self._running[0]
            received = await future
            self._running.popleft()
            self._start(_JOB_BYTES)
        else:
            some = self._gather()
            received = self._read(some)
        return list(zip(some, received, strict=True))

    def _start(self, least_bytes: int) -> None:
        """Give threads what waits, as long as it is so much."""
        run = asyncio.get_running_loop().run_in_executor
        while len(self._running) < _JOBS and self._waiting and self._bytes >= least_bytes:
            some = self._gather()
            self._running.append((some, run(self._threads, self._read, some)))

    def _gather(self) -> Sequence[Arriving]:
        """Topic by topic, so that there is much of each; in a topic, in the order of arrival."""
        some: list[Arriving] = []
        size = 0
        while self._waiting and size < _JOB_BYTES:
            topic, queue = next(iter(self._waiting.items()))
            some.append(queue.popleft())
            size += some[-1].piece.size_bytes
            if not queue:
                del self._waiting[topic]
        self._bytes -= size
        return some

    def _read(self, some: Sequence[Arriving]) -> Sequence[Received]:
        by_topic: dict[str, list[int]] = {}
        for place, arriving in enumerate(some):
            by_topic.setdefault(arriving.topic, []).append(place)
        found: dict[int, Received] = {}
        for topic, places in by_topic.items():
            pieces = [(some[p].one.partition.number, some[p].piece) for p in places]
            found |= zip(places, self._receiving.read(topic, pieces), strict=True)
        return [found[place] for place in range(len(some))]
