"""Several workers on one machine, one process a core: a parent that starts them and ends with them.

1. Each child is `leap worker` with a name and a telemetry port of its own: NAME-0, NAME-1 ... and
   LEAP_TELEMETRY_PORT, the next one and so on. Without a name they have none; without a port each
   takes a free one and says which.
2. SIGTERM and SIGINT go on to all of them.
3. When one ends by itself, the parent says so, stops the others, and ends with its status. It
   starts none again: whatever runs the parent decides that, and sees it happen.

Were the parent killed, the children would go on; started again under the same names, new ones take
over from them (`broker.membership`).
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Final

import structlog

from ops.settings import PREFIX, Settings

log = structlog.get_logger(__name__)

STOP_S: Final = 40.0  # longer than a worker gives itself
_COMMAND: Final = (sys.executable, "-P", "-m", "ops", "worker")
_BY_SIGNAL: Final = 128  # and the signal's number, as shells say it


def run_workers(settings: Settings, count: int) -> int:
    """Run `count` workers until they end; returns the exit status of the parent."""
    return run_children(_COMMAND, [_settings_of(settings, number) for number in range(count)])


def run_children(command: Sequence[str], changes: Sequence[Mapping[str, str]]) -> int:
    """Run `command` once for each of `changes` to the environment; steps 2 and 3."""
    return asyncio.run(_run(command, changes))


def _settings_of(settings: Settings, number: int) -> dict[str, str]:
    """The settings of one child that differ from the parent's."""
    port = settings.telemetry_port
    changes = {f"{PREFIX}TELEMETRY_PORT": str(port + number if port else 0)}
    if settings.worker_name is not None:
        changes[f"{PREFIX}WORKER_NAME"] = f"{settings.worker_name}-{number}"
    return changes


async def _run(command: Sequence[str], changes: Sequence[Mapping[str, str]]) -> int:
    received: asyncio.Queue[signal.Signals] = asyncio.Queue()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, received.put_nowait, number)
    children = [
        await asyncio.create_subprocess_exec(*command, env={**os.environ, **change})
        for change in changes
    ]
    log.info("workers started", pids=[child.pid for child in children])
    ends = [asyncio.ensure_future(child.wait()) for child in children]
    asked = asyncio.ensure_future(received.get())
    await asyncio.wait([*ends, asked], return_when=asyncio.FIRST_COMPLETED)
    if asked.done():
        await _stop(children, asked.result())
        return max(_status(child) for child in children)
    asked.cancel()
    first = next(child for child in children if child.returncode is not None)
    status = _status(first)
    log.error("worker ended, stopping the others", pid=first.pid, status=status)
    await _stop(children, signal.SIGTERM)
    return status


async def _stop(children: Sequence[asyncio.subprocess.Process], number: signal.Signals) -> None:
    """Pass the signal on, wait, and kill what does not end."""
    running = [child for child in children if child.returncode is None]
    for child in running:
        child.send_signal(number)
    try:
        async with asyncio.timeout(STOP_S):
            await asyncio.gather(*(child.wait() for child in running))
    except TimeoutError:
        for child in running:
            if child.returncode is None:
                log.error("worker does not stop, killed", pid=child.pid)
                child.kill()
        await asyncio.gather(*(child.wait() for child in running))


def _status(child: asyncio.subprocess.Process) -> int:
    status = child.returncode or 0
    return status if status >= 0 else _BY_SIGNAL - status
