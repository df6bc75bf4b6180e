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
6. A slice that does not begin where the one before it ended makes the sink seek back; only what the
   broker has deleted is passed over, with a warning.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Final

import structlog
from aiokafka.abc import ConsumerRebalanceListener
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaConnectionError, KafkaError
from aiokafka.structs import TopicPartition

from broker.assignor import CopartitionAssignor
from broker.batches import CorruptBatch
from broker.clients import unreachable
from broker.decoder import Decoder
from broker.offsets import Offsets
from broker.slices import Slice, SliceConsumer
from schemas.errors import LeapError, Unreachable
from schemas.topics import Topic
from sinks.batch import Batch
from sinks.config import SinkConfig
from sinks.loader import Loader
from sinks.progress import Progress
from sinks.tenure import Tenure

log = structlog.get_logger(__name__)

_PARTITION_FETCH_BYTES: Final = 2 << 20
_FETCH_BYTES: Final = 16 << 20  # compressed, in one answer of a broker
_FETCH_WAIT_MS: Final = 100
_POLL_MS: Final = 200
_SESSION_TIMEOUT_MS: Final = 10_000
_HEARTBEAT_MS: Final = 2_000
_REBALANCE_TIMEOUT_MS: Final = 60_000
_GRACE_S: Final = 20.0  # for the loader to end what it is at; less than the rebalance timeout
_AGAIN_S: Final = 1.0
_RECORDS_AT_ONCE: Final = 50_000  # decoded before it is looked at what else there is to do


class SinkConsumer(ConsumerRebalanceListener):
    """Runs until it is cancelled. Decodes off the event loop, one slice at a time."""

    def __init__(
        self,
        config: SinkConfig,
        decoders: Mapping[Topic, Decoder],
        loader: Loader,
        progress: Progress,
    ) -> None:
        self._config = config
        self._topics = {topic.full_name(config.generation): topic for topic in decoders}
        self._decoders = decoders
        self._loader = loader
        self._progress = progress
        self._offsets = Offsets(config.client)
        self._tenure: Tenure | None = None
        self._owned: set[int] = set()
        self._rebalances = 0
        self._assigned = asyncio.Event()
        self._failure: BaseException | None = None
        self._consumer = SliceConsumer(
            bootstrap_servers=config.client.bootstrap,
            group_id=config.group,
            partition_assignment_strategy=[CopartitionAssignor(lambda: self._owned)],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
            max_partition_fetch_bytes=_PARTITION_FETCH_BYTES,
            fetch_max_bytes=_FETCH_BYTES,
            fetch_max_wait_ms=_FETCH_WAIT_MS,
            session_timeout_ms=_SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=_HEARTBEAT_MS,
            rebalance_timeout_ms=_REBALANCE_TIMEOUT_MS,
        )

    async def run(self) -> None:
        """Load until cancelled; raises what the process has to end with."""
        self._consumer.subscribe(self._topics, listener=self)
        try:
            await self._consumer.start()
            while True:
                await self._turn(self._tenure or await self._begin())
        except KafkaConnectionError as error:
            raise unreachable(self._config.client, "join the group of the sinks") from error
        finally:
            await self._let_go()
            await self._consumer.stop()

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
            before, assigned = self._rebalances, self._consumer.assignment()
            try:
                starts = await asyncio.to_thread(self._starts, assigned)
            except Unreachable as error:
                log.warning(f"{error}; trying again")
                await asyncio.sleep(_AGAIN_S)
                continue
            if self._rebalances == before:
                for place, offset in starts.items():
                    self._consumer.seek(place, offset)
                self._owned = {place.partition for place in starts}
                self._tenure = Tenure.beginning(starts)
                self._progress.begin(self._tenure)
                log.info("assigned", partitions=len(starts))
                return self._tenure

    async def _until_assigned(self) -> None:
        while not self._assigned.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._assigned.wait(), _AGAIN_S)
            self._check_group()

    def _starts(self, assigned: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        places = [(place.topic, place.partition) for place in assigned]
        kept = self._offsets.earliest(places)
        committed = self._offsets.committed(self._config.group, places) if places else {}
        return {TopicPartition(*p): max(kept[p], committed.get(p, 0)) for p in places}

    # ---- 2 and 3

    async def _turn(self, tenure: Tenure) -> None:
        is_held_up = tenure.is_full and tenure.load is not None
        self._let_flow(tenure, not is_held_up)
        if is_held_up or not tenure.waiting:
            await self._fetch(tenure, 0 if is_held_up else _POLL_MS)
        if is_held_up and tenure.load is not None:
            await asyncio.wait({tenure.load}, timeout=_AGAIN_S)
        elif tenure.waiting:
            await self._decode(tenure)
        if tenure is self._tenure:
            self._hand_over(tenure)

    def _let_flow(self, tenure: Tenure, flows: bool) -> None:
        if flows != tenure.flows:
            tenure.flows = flows
            change = self._consumer.resume if flows else self._consumer.pause
            change(*self._consumer.assignment())

    async def _fetch(self, tenure: Tenure, timeout_ms: int) -> None:
        try:
            fetched = await self._consumer.getmany(timeout_ms=timeout_ms)
        except CorruptBatch as error:
            log.error(str(error))
            await asyncio.sleep(_AGAIN_S)
            return
        except KafkaError as error:
            if not error.retriable:
                raise self._unwanted(error) from error
            log.warning(f"{unreachable(self._config.client, 'fetch')}; trying again")
            await asyncio.sleep(_AGAIN_S)
            return
        if tenure is not self._tenure:
            return
        for place, pieces in fetched.items():
            for piece in pieces:
                await self._take(tenure, place, piece)
        self._progress.polled(tenure, self._consumer, found=bool(fetched))

    async def _take(self, tenure: Tenure, place: TopicPartition, piece: Slice) -> None:
        expected = tenure.next_slice[place]
        if piece.start > expected:
            name = (place.topic, place.partition)
            kept = (await asyncio.to_thread(self._offsets.earliest, [name]))[name]
            if tenure is not self._tenure:
                return
            if kept <= expected:
                self._consumer.seek(place, expected)
                return
            log.warning(
                "records were deleted before they were loaded: retention is shorter than the time"
                " that the sink was behind",
                topic=place.topic,
                partition=place.partition,
                offsets=f"{expected} to {piece.start - 1}",
            )
        tenure.next_slice[place] = piece.next
        tenure.moved_ms[place] = int(time.time() * 1000)
        tenure.waiting.append((place, piece))

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
            tenure.load = None
        if tenure.load is None and tenure.is_due:
            batch, tenure.batch = tenure.batch, Batch()
            tenure.batch_began_s = time.monotonic()
            tenure.load = asyncio.create_task(self._load(tenure, batch))

    async def _load(self, tenure: Tenure, batch: Batch) -> None:
        loads = await self._loader.prepare(batch.loads)
        await self._loader.load(loads)
        self._progress.loaded(loads, batch.rejected)
        try:
            await self._consumer.commit(batch.ends)
        except (CommitFailedError, IllegalStateError):
            log.info("loaded, but another sink owns the partitions now, and loads it again")
            return
        except KafkaError as error:
            log.warning(
                f"{unreachable(self._config.client, 'commit offsets')}; what was loaded will be"
                " loaded again if the sink ends now",
                error=type(error).__name__,
            )
            return
        tenure.done.update(batch.ends)
        if tenure is self._tenure:
            self._progress.committed(tenure)

    # ---- 5

    async def _let_go(self) -> None:
        tenure, self._tenure = self._tenure, None
        if tenure is None or tenure.load is None:
            return
        await asyncio.wait({tenure.load}, timeout=_GRACE_S)
        tenure.load.cancel()
        (outcome,) = await asyncio.gather(tenure.load, return_exceptions=True)
        if isinstance(outcome, Exception):
            self._failure = outcome

    def _check_group(self) -> None:
        if self._failure is not None:
            raise self._failure
        try:
            self._consumer.check_group()
        except KafkaError as error:
            raise self._unwanted(error) from error

    def _unwanted(self, error: KafkaError) -> LeapError:
        return LeapError(
            f"Kafka at {self._config.client.bootstrap} does not let the group {self._config.group}"
            f" go on ({type(error).__name__}: {error}): check the rights of its user"
        )
