"""leap sink: the process that loads what is published into ClickHouse, for ever."""

import asyncio

from prometheus_client import CollectorRegistry

from ops.commands.options import context_of_settings
from ops.generation import open_generation
from ops.serving import serve
from sinks.config import SinkConfig
from sinks.serve import SinkProcess
from telemetry.logs import configure_logs
from telemetry.metrics import SinkMetrics


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
    asyncio.run(serve(context.settings, registry, lambda: SinkProcess(config, metrics)))
