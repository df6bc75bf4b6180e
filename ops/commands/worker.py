"""leap worker, leap sink: the processes that run for ever."""

import asyncio
import gc
import signal
from collections.abc import Callable
from typing import Final, Protocol

import structlog
from prometheus_client import CollectorRegistry

from ops.commands.options import context_of_settings
from ops.context import Context
from ops.generation import Generation, open_generation
from ops.settings import Settings
from schemas import topics
from schemas.errors import PolicyError
from sinks.config import SinkConfig
from sinks.serve import SinkProcess
from streams.serve import WorkerConfig, WorkerProcess
from telemetry.logs import configure_logs
from telemetry.metrics import SinkMetrics, WorkerMetrics
from telemetry.server import TelemetryServer

log = structlog.get_logger(__name__)

# Streams make and drop few objects that hold others, and no cycles worth a pause: collecting as
# often as Python does by itself took a fifth of a worker's time.
_COLLECT_AFTER_OBJECTS: Final = 100_000
_OLDER_GENERATIONS: Final = (20, 50)


class Process(Protocol):
    """Something that runs until it is told to stop."""

    def status(self) -> dict[str, object]:
        """What /status says; asked from another thread."""
        ...

    async def serve(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set."""
        ...


def worker() -> None:
    """Keep the windows of every student and publish indicators, until SIGTERM or Ctrl-C.

    Serves /metrics, /health and /status.
    """
    context = context_of_settings()
    configure_logs(level=context.settings.log_level)
    generation = open_generation(context)
    if generation.read(topics.POLICY).is_empty():
        raise PolicyError(
            f"generation {generation.name} has no policy, so nothing could be scored: publish one"
            " with `leap policy publish FILE`"
        )
    registry = CollectorRegistry()
    config = _worker_config(context, generation)
    metrics = WorkerMetrics(registry)
    asyncio.run(_serve(context.settings, registry, lambda: WorkerProcess(config, metrics)))


def sink() -> None:
    """Load everything that is published into ClickHouse, until SIGTERM or Ctrl-C.

    Serves /metrics, /health and /status.
    """
    context = context_of_settings()
    configure_logs(level=context.settings.log_level)
    generation = open_generation(context)
    registry = CollectorRegistry()
    config = SinkConfig(
        client=generation.client,
        generation=generation.name,
        schema_ids=generation.schema_ids,
        writer_schema=generation.registry.writer_schema,
        clickhouse=context.clickhouse,
    )
    metrics = SinkMetrics(registry)
    asyncio.run(_serve(context.settings, registry, lambda: SinkProcess(config, metrics)))


def _worker_config(context: Context, generation: Generation) -> WorkerConfig:
    settings = context.settings
    return WorkerConfig(
        client=generation.client,
        generation=generation.name,
        partitions=generation.partitions,
        clock=generation.clock,
        zone=generation.zone,
        schema_ids=generation.schema_ids,
        writer_schema=generation.registry.writer_schema,
        instance_id=settings.worker_name,
        folder=settings.folder / "faust",
        refresh_s=settings.publish_interval_s,
        look_back_days=settings.look_back_days,
        amendment_days=settings.amendment_days,
    )


async def _serve(
    settings: Settings, registry: CollectorRegistry, create: Callable[[], Process]
) -> None:
    process = create()  # within the loop: Faust asks for it
    gc.freeze()  # what was imported stays: it need not be looked at again and again
    gc.set_threshold(_COLLECT_AFTER_OBJECTS, *_OLDER_GENERATIONS)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = TelemetryServer(
        settings.telemetry_host,
        settings.telemetry_port,
        registry=registry,
        is_healthy=lambda: not stop.is_set(),
        status=process.status,
    )
    log.info("telemetry", url=f"http://{settings.telemetry_host}:{server.port}/metrics")
    try:
        await process.serve(stop)
    finally:
        server.close()
