"""Builds a worker from its parts and runs it until it is told to stop, or has to.

1. Reference topics are read whole: nothing can be evaluated without policy and marks.
2. Faust joins the group; partitions are prepared as they are assigned.
3. Cycles, ticks and the watchdog run until `stop` is set.
4. Transactions on their way are waited for, Faust commits and leaves the group.
"""

import asyncio
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog
from aiokafka.errors import KafkaError

from broker.clients import ClientConfig
from broker.decoder import Decoder
from broker.offsets import Offsets
from broker.records import WriterSchema
from broker.transactions import KafkaTransactionalWriter, TransactionalWriter
from schemas.avro import schema_of
from schemas.errors import LeapError
from schemas.topics import ACTIVITY, STUDENT, Topic
from schemas.types import Clock
from streams.app import StreamApp, new_app
from streams.campus import CampusDays
from streams.clocks import LogClock, ReplayClock, WallClock
from streams.gaps import Gaps
from streams.horizon import LIVE_AHEAD_DAYS, REPLAY_AHEAD_DAYS, Horizon
from streams.marks import Marks
from streams.outputs import Outputs
from streams.policies import Policies
from streams.ports import Now
from streams.positions import Positions
from streams.preparation import Preparation
from streams.recall import REMEMBERED
from streams.receiving import Receiving
from streams.reference import REFERENCE, Reference
from streams.surroundings import Surroundings
from streams.telling import Telling
from streams.worker import Worker
from telemetry.metrics import WorkerMetrics

log = structlog.get_logger(__name__)

_TICK_S: Final = 1.0
_DECODING_THREADS: Final = 2
_THREADS: Final = 8  # transactions on their way at the same time


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What a worker has to know."""

    client: ClientConfig
    generation: str
    partitions: int
    clock: Clock
    zone: ZoneInfo
    schema_ids: Mapping[Topic, int]
    writer_schema: WriterSchema
    instance_id: str | None  # static membership
    folder: Path  # Faust's; nothing of value lies in it
    refresh_s: float
    look_back_days: int
    amendment_days: int

    @property
    def group(self) -> str:
        """The consumer group, and the beginning of the transactional ids."""
        return f"leap-worker-{self.generation}"


class WorkerProcess:
    """One worker: `serve` runs it, `status` may be asked from any thread."""

    def __init__(self, config: WorkerConfig, metrics: WorkerMetrics) -> None:
        now = Now(milliseconds=lambda: int(time.time() * 1000), seconds=time.monotonic)
        campus = CampusDays(config.zone)
        marks = Marks()
        clock: LogClock = ReplayClock(marks) if config.clock is Clock.REPLAY else WallClock(campus)
        ahead = REPLAY_AHEAD_DAYS if clock.is_replay else LIVE_AHEAD_DAYS
        around = Surroundings(
            clock,
            marks,
            Gaps(),
            Policies(),
            Horizon(config.look_back_days, config.amendment_days, ahead),
        )
        decoders = _decoders(config)
        telling = Telling(metrics, now)
        wake = asyncio.Event()
        self._config = config
        self._app: StreamApp = new_app(
            bootstrap=config.client.bootstrap,
            group=config.group,
            instance_id=config.instance_id,
            folder=config.folder,
        )
        preparation = Preparation(
            client=config.client,
            generation=config.generation,
            group=config.group,
            clock=config.clock,
            campus=campus,
            around=around,
            decoders=decoders,
            offsets=Offsets(config.client),
            new_writer=self._new_writer,
            new_ownership=self._new_ownership,
            executor=ThreadPoolExecutor(_THREADS, thread_name_prefix="publish"),
        )
        self._positions = Positions(
            generation=config.generation,
            flow=self._app,
            preparation=preparation,
            receiving=Receiving(decoders, config.partitions, campus, telling),
            telling=telling,
            decoding=ThreadPoolExecutor(_DECODING_THREADS, thread_name_prefix="decode"),
            today=lambda: campus.day_of(now.milliseconds()),
            wake=wake,
        )
        self._worker = Worker(
            positions=self._positions,
            preparation=preparation,
            outputs=Outputs(config.schema_ids, config.generation),
            campus=campus,
            telling=telling,
            now=now,
            refresh_s=config.refresh_s,
            wake=wake,
        )
        self._reference = Reference(config.client, config.generation, decoders, around)
        self._ownerships = 0
        self._failed: asyncio.Future[None] | None = None

    def status(self) -> dict[str, object]:
        """What /status says."""
        return self._worker.status()

    async def serve(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set; raises what the process has to end with."""
        self._failed = asyncio.get_running_loop().create_future()
        await self._reference.open()
        topics = [t.full_name(self._config.generation) for t in (*ACTIVITY.values(), STUDENT)]
        self._app.positions = self._positions
        self._app.listen(topics, self._positions.accept, self._fail)
        await self._app.start()
        log.info("worker started", group=self._config.group, pid=os.getpid())
        tasks: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(coroutine)
            for coroutine in (
                self._worker.run(),
                self._positions.receive(),
                self._reference.follow(self._worker.changed),
                self._ticks(),
                self._app.wait_until_stopped(),
                stop.wait(),
            )
        ]
        tasks.append(self._failed)
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._end(tasks)
        for future in done:
            future.result()
        if self._worker.failure is not None:
            raise self._worker.failure
        if not stop.is_set():
            raise LeapError(f"Faust stopped by itself: {self._app.crash_reason!r}")
        log.info("worker stopped")

    async def _end(self, tasks: list[asyncio.Future[Any]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._worker.drain()
        await self._app.stop()
        await self._reference.close()

    async def _ticks(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            self._worker.tick()
            try:
                await self._app.check_group()
            except KafkaError as error:
                raise LeapError(
                    f"the group {self._config.group} does not want this member any more"
                    f" ({type(error).__name__}): another process has the same instance id, or the"
                    " rights are missing"
                ) from error

    def _fail(self, error: Exception) -> None:
        if self._failed is not None and not self._failed.done():
            self._failed.set_exception(error)

    def _new_writer(self, partition: int) -> TransactionalWriter:
        return KafkaTransactionalWriter(
            self._config.client,
            transactional_id=f"{self._config.group}-{partition}",
            generation=self._config.generation,
            partition=partition,
        )

    def _new_ownership(self, partition: int) -> str:
        self._ownerships += 1
        return f"{self._config.instance_id or 'worker'}-{os.getpid()}.{self._ownerships}"


def _decoders(config: WorkerConfig) -> dict[Topic, Decoder]:
    may_delete = {topic for topic in (*REMEMBERED, *REFERENCE) if topic.compacted}
    return {
        topic: Decoder(
            schema_of(topic),
            config.schema_ids[topic],
            config.writer_schema,
            allow_tombstones=topic in may_delete,
        )
        for topic in (*ACTIVITY.values(), *REMEMBERED, *REFERENCE)
    }
