"""The sink's consumer: from Kafka's log into the loader, and back to Kafka as committed offsets.

1. Assigned: each partition is read on from where its group has committed, or from the first offset
   that is kept.
2. Slices are fetched and decoded into a batch. Records that cannot be decoded are counted and left
   out: they stay on their topic, and the worker puts them into quarantine.
3. A batch that is large or old enough goes to the loader; the next one grows meanwhile. When that
   is full too, fetching is paused.
4. Loaded: the batch's offsets are committed, not a moment earlier.
5. Revoked: the loader gets some seconds to end what it is at, and to commit. The rest is dropped;
   whoever reads it again loads it again, which changes nothing.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

import structlog
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.structs import TopicPartition

from broker.decoder import Decoder
from schemas.errors import Unreachable
from schemas.topics import Topic
from sinks.batch import Batch
from sinks.ports import Log, RowLoader
from sinks.progress import Progress
from sinks.tenure import Limits, Tenure

log = structlog.get_logger(__name__)

_AGAIN_S: Final = 1.0
_LONGEST_POLL_S: Final = 0.2
_GRACE_S: Final = 20.0  # for the loader to end what it is at; less than the rebalance timeout
_RECORDS_AT_ONCE: Final = 50_000  # decoded before it is looked at what else there is to do


class SinkConsumer(ConsumerRebalanceListener):
    """Runs until it is cancelled; `decoders` by the topics' full names.

    Slices are decoded off the event loop.
    """

    def __init__(
        self,
        kafka: Log,
        topics: Mapping[str, Topic],
        decoders: Mapping[Topic, Decoder],
        loader: RowLoader,
        progress: Progress,
        limits: Limits,
    ) -> None:
        self._kafka = kafka
        self._topics = topics
        self._decoders = decoders
        self._loader = loader
        self._progress = progress
        self._limits = limits
        self._poll_ms = round(1000 * min(_LONGEST_POLL_S, limits.enough_s))
        self._tenure: Tenure | None = None
        self._rebalances = 0
        self._assigned = asyncio.Event()
        self._failure: Exception | None = None

    async def run(self) -> None:
        """Load until cancelled; raises what the process has to end with."""
        try:
            await self._kafka.join(self._topics, self)
            while True:
                await self._turn(self._tenure or await self._begin())
        finally:
            await self._let_go()
            await self._kafka.leave()

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """A rebalance begins."""
        self._assigned.clear()
        self._rebalances += 1
        await self._let_go()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """A rebalance has ended."""
        self._assigned.set()

    # ---- 1

    async def _begin(self) -> Tenure:
        while True:
            await self._until_assigned()
            before = self._rebalances
            starts = await self._kafka.starts(self._kafka.assignment())
            if starts is not None and self._rebalances == before:
                self._kafka.seek(starts)
                self._tenure = Tenure.beginning(starts, self._limits)
                self._progress.assigned(self._tenure)
                log.info("partitions are assigned", count=len(starts))
                return self._tenure

    async def _until_assigned(self) -> None:
        while not self._assigned.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._assigned.wait(), _AGAIN_S)
            if self._failure is not None:
                raise self._failure
            self._kafka.check_group()

    # ---- 2

    async def _turn(self, tenure: Tenure) -> None:
        if tenure.is_full and tenure.load is not None:
            self._kafka.let_flow(False)
            await self._kafka.fetch(0)  # gives nothing, but the group sees that we are alive
            await asyncio.wait({tenure.load}, timeout=_AGAIN_S)
        else:
            self._kafka.let_flow(True)
            if not tenure.waiting:
                await self._fetch(tenure)
            if tenure.waiting:
                await self._decode(tenure)
        if tenure is self._tenure:
            self._hand_over(tenure)
            self._progress.look(tenure, self._kafka)

    async def _fetch(self, tenure: Tenure) -> None:
        fetched = await self._kafka.fetch(self._poll_ms) or await self._kafka.fetch(0)
        for place, pieces in (fetched or {}).items():
            for piece in pieces:
                if place not in tenure.next_slice:
                    continue  # of the next assignment; it will be fetched again
                if await self._kafka.may_take(place, piece, tenure.next_slice[place]):
                    tenure.take(place, piece)
                else:
                    tenure.leave_out()
        if fetched == {} and tenure is self._tenure and tenure.is_idle:
            tenure.skip_empty_tails(self._kafka)

    async def _decode(self, tenure: Tenure) -> None:
        if not tenure.batch:
            tenure.batch_began_s = time.monotonic()
        try:
            await asyncio.to_thread(self._decode_some, tenure)
        except Unreachable as error:  # the registry, asked about a schema that is new here
            log.warning(f"{error}; trying again")
            await asyncio.sleep(_AGAIN_S)

    def _decode_some(self, tenure: Tenure) -> None:
        enough = tenure.batch.records + _RECORDS_AT_ONCE
        while tenure.waiting and tenure.batch.records < enough and not tenure.is_full:
            place, piece = tenure.waiting[0]
            topic = self._topics[place.topic]
            tenure.batch.add(topic, place, piece, self._decoders[topic].decode(piece))
            tenure.waiting.popleft()

    # ---- 3 and 4

    def _hand_over(self, tenure: Tenure) -> None:
        if tenure.load is not None and tenure.load.done():
            tenure.load.result()
            tenure.load, tenure.loading_records = None, 0
        if tenure.load is None and tenure.is_due:
            batch, tenure.batch = tenure.batch, Batch()
            tenure.loading_records = batch.records
            tenure.load = asyncio.create_task(self._load(tenure, batch))

    async def _load(self, tenure: Tenure, batch: Batch) -> None:
        loads = await self._loader.prepare(batch.loads)
        await self._loader.load(loads)
        self._progress.rejected(batch.rejected)
        while not await self._kafka.commit(batch.ends):
            if tenure is not self._tenure:
                return
            await asyncio.sleep(_AGAIN_S)
        tenure.done.update(batch.ends)
        if tenure is self._tenure:
            self._progress.committed(tenure)

    # ---- 5

    async def _let_go(self) -> None:
        tenure, self._tenure = self._tenure, None
        if tenure is None or tenure.load is None:
            return
        if self._loader.trouble is None:
            await asyncio.wait({tenure.load}, timeout=_GRACE_S)
        tenure.load.cancel()
        (outcome,) = await asyncio.gather(tenure.load, return_exceptions=True)
        if isinstance(outcome, Exception):
            self._failure = outcome
