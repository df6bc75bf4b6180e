"""Puts a worker together from its parts; `streams.serve` runs it."""

import asyncio
import itertools
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from broker.decoder import Decoder
from broker.offsets import Offsets
from broker.transactions import KafkaTransactionalWriter, TransactionalWriter
from schemas.avro import schema_of
from schemas.topics import ACTIVITY, Topic
from schemas.types import Clock
from scoring.items import EARLY_DAYS
from streams.app import StreamApp, new_app
from streams.calendars import Calendars
from streams.campus import CampusDays
from streams.clocks import LogClock, ReplayClock, WallClock
from streams.config import WorkerConfig
from streams.gaps import Gaps
from streams.horizon import LIVE_AHEAD_DAYS, REPLAY_AHEAD_DAYS, Horizon
from streams.marks import Marks
from streams.outputs import Outputs
from streams.pace import Pace
from streams.policies import Policies
from streams.ports import Now
from streams.positions import Positions
from streams.preparation import Preparation
from streams.publication import Publication
from streams.recall import REMEMBERED
from streams.receiving import Receiving
from streams.reference import REFERENCE, Reference
from streams.surroundings import Surroundings
from streams.telling import Telling
from streams.worker import Worker
from telemetry.metrics import WorkerMetrics

_DECODING_THREADS: Final = 2
_THREADS: Final = 8  # for partitions that are taken over, and for so many transactions at a time


@dataclass(frozen=True, slots=True)
class Parts:
    """What has a life of its own within a worker."""

    app: StreamApp
    positions: Positions
    worker: Worker
    publication: Publication
    reference: Reference
    telling: Telling


def build(
    config: WorkerConfig, metrics: WorkerMetrics, *, failed: Callable[[Exception], None]
) -> Parts:
    """A worker that waits to be run; `failed` is told what it has to end with."""
    now = Now(milliseconds=lambda: int(time.time() * 1000), seconds=time.monotonic)
    campus = CampusDays(config.zone)
    around = _surroundings(config, campus)
    decoders = _decoders(config)
    telling = Telling(metrics, now)
    wake, pace = asyncio.Event(), Pace()
    app = new_app(
        bootstrap=config.client.bootstrap, group=config.group, instance_id=config.instance_id
    )
    numbers = itertools.count(1)

    def new_writer(partition: int) -> TransactionalWriter:
        return KafkaTransactionalWriter(
            config.client,
            transactional_id=f"{config.group}-{partition}",
            generation=config.generation,
            partition=partition,
            may_commit=app.holds_lease,
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
        new_writer=new_writer,
        new_ownership=lambda _: f"{config.instance_id or 'worker'}-{os.getpid()}.{next(numbers)}",
        executor=ThreadPoolExecutor(_THREADS, thread_name_prefix="publish"),
    )
    app.positions = positions = Positions(
        generation=config.generation,
        flow=app,
        preparation=preparation,
        receiving=Receiving(decoders, config.partitions, campus, telling),
        telling=telling,
        decoding=ThreadPoolExecutor(_DECODING_THREADS, thread_name_prefix="decode"),
        today=lambda: campus.day_of(now.milliseconds()),
        failed=failed,
        wake=wake,
        pace=pace,
    )
    publication = Publication(
        outputs=Outputs(config.schema_ids, config.generation),
        executor=preparation.executor,
        flow=app,
        lose=positions.lose,
        telling=telling,
        now=now,
        wake=wake,
    )
    worker = Worker(
        positions=positions,
        publication=publication,
        campus=campus,
        telling=telling,
        now=now,
        refresh_s=config.refresh_s,
        wake=wake,
        pace=pace,
    )
    reference = Reference(config.client, config.generation, decoders, around)
    return Parts(app, positions, worker, publication, reference, telling)


def _surroundings(config: WorkerConfig, campus: CampusDays) -> Surroundings:
    marks = Marks()
    clock: LogClock = ReplayClock(marks) if config.clock is Clock.REPLAY else WallClock(campus)
    ahead = REPLAY_AHEAD_DAYS if clock.is_replay else LIVE_AHEAD_DAYS
    horizon = Horizon(
        config.look_back_days, config.amendment_days, ahead, early=EARLY_DAYS[config.clock]
    )
    return Surroundings(clock, marks, Gaps(), Policies(), Calendars(), horizon)


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
