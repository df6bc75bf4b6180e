"""A process that runs for ever: signals, telemetry, and a garbage collector that keeps quiet."""

import asyncio
import gc
import signal
import sys
from collections.abc import Callable
from typing import Final, Protocol

import structlog
from prometheus_client import CollectorRegistry

from ops.settings import Settings
from telemetry.server import TelemetryServer

log = structlog.get_logger(__name__)

# Streams make and drop few objects that hold others, and no cycles worth a pause: collecting as
# often as Python does by itself took a fifth of a worker's time.
_COLLECT_AFTER_OBJECTS: Final = 100_000
_OLDER_GENERATIONS: Final = (20, 50)
# A thread that waits for the interpreter asks for it after 5 ms, and several wait for each other on
# the way of an event: with 0.5 ms a change is known a tenth earlier, and nothing gets slower (M).
_SWITCH_S: Final = 0.0005


class Process(Protocol):
    """Something that runs until it is told to stop."""

    def status(self) -> dict[str, object]:
        """What /status says; asked from another thread."""
        ...

    async def serve(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set."""
        ...


async def serve(
    settings: Settings, registry: CollectorRegistry, create: Callable[[], Process]
) -> None:
    """Run a process until SIGTERM or SIGINT, with its telemetry; raises what the process raises."""
    process = create()  # within the loop: Faust asks for it
    gc.freeze()  # what was imported stays: it need not be looked at again and again
    gc.set_threshold(_COLLECT_AFTER_OBJECTS, *_OLDER_GENERATIONS)
    sys.setswitchinterval(_SWITCH_S)
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
