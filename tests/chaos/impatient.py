"""`leap worker` with a watchdog that has hardly any patience: python -m tests.chaos.impatient."""

from dataclasses import replace

from prometheus_client import CollectorRegistry

from ops.commands.options import context_of_settings
from ops.commands.worker import worker_config
from ops.ending import run_and_exit
from ops.generation import open_generation
from ops.serving import serve
from streams.serve import WorkerProcess
from telemetry.metrics import WorkerMetrics

PATIENCE_S = 2.0

if __name__ == "__main__":
    context = context_of_settings()
    registry = CollectorRegistry()
    config = replace(worker_config(context, open_generation(context)), patience_s=PATIENCE_S)
    metrics = WorkerMetrics(registry)
    run_and_exit(serve(context.settings, registry, lambda: WorkerProcess(config, metrics)))
