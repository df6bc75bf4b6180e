"""leap worker: the process that keeps the windows and publishes, for ever; one or several."""

import sys
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry

from ops.commands.options import context_of_settings
from ops.context import Context
from ops.ending import run_and_exit
from ops.generation import Generation, open_generation
from ops.processes import run_workers
from ops.serving import serve
from schemas import topics
from schemas.errors import PolicyError
from streams import heap
from streams.serve import WorkerConfig, WorkerProcess
from telemetry.logs import configure_logs
from telemetry.metrics import WorkerMetrics


def worker(
    processes: Annotated[
        int, typer.Option(min=1, help="How many processes share the work: one a core.")
    ] = 1,
) -> None:
    """Keep the windows of every student and publish indicators, until SIGTERM or Ctrl-C.

    Serves /metrics, /health and /status; each process on a port of its own.
    """
    heap.share_one()
    context = context_of_settings()
    configure_logs(level=context.settings.log_level)
    if processes > 1:
        sys.exit(run_workers(context.settings, processes))
    generation = open_generation(context)
    if generation.read(topics.POLICY).is_empty():
        raise PolicyError(
            f"generation {generation.name} has no policy, so nothing could be scored: publish one"
            " with `leap policy publish FILE`"
        )
    registry = CollectorRegistry()
    config = worker_config(context, generation)
    metrics = WorkerMetrics(registry)
    run_and_exit(serve(context.settings, registry, lambda: WorkerProcess(config, metrics)))


def worker_config(context: Context, generation: Generation) -> WorkerConfig:
    """What a worker has to know, from the settings and the generation."""
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
        refresh_s=settings.publish_interval_s,
        look_back_days=settings.look_back_days,
        amendment_days=settings.amendment_days,
    )
