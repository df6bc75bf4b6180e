"""Runs a worker until it is told to stop, or has to.

1. Reference topics are read whole: nothing can be evaluated without policy and marks.
2. Faust joins the group; partitions are prepared as they are assigned.
3. Cycles, ticks and the watchdog run until `stop` is set.
4. Transactions on their way are waited for; offsets are committed; the group is left, from where on
   others have the partitions.
5. Faust stops.
Neither 4 nor 5 may hold up the end for ever: the group notices by itself, and the next owner
compares.
"""

import asyncio
import os
import time
from collections.abc import Coroutine
from typing import Any, Final

import structlog

from schemas.errors import LeapError
from streams import heap
from streams.config import WorkerConfig
from streams.owned import Owned
from streams.parts import build
from streams.records import PER_STUDENT
from streams.watchdog import Watchdog
from telemetry.metrics import WorkerMetrics

__all__ = ["WorkerConfig", "WorkerProcess"]

log = structlog.get_logger(__name__)

_TICK_S: Final = 1.0
_GIVE_BACK_S: Final = 60.0  # it holds up allocations for some 10 ms (M)
_LEAVING_S: Final = 5.0
_STOPPING_S: Final = 5.0


class WorkerProcess:
    """One worker: `serve` runs it, `status` may be asked from any thread."""

    def __init__(self, config: WorkerConfig, metrics: WorkerMetrics) -> None:
        self._config = config
        self._parts = build(config, metrics, failed=self._fail)
        self._watchdog = Watchdog(config.group, config.patience_s)
        self._failed: asyncio.Future[None] | None = None

    def status(self) -> dict[str, object]:
        """What /status says."""
        return self._parts.telling.status(*self._where())

    async def serve(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set; raises what the process has to end with."""
        self._failed = asyncio.get_running_loop().create_future()
        parts, config = self._parts, self._config
        await parts.reference.open()
        topics = [topic.full_name(config.generation) for topic in PER_STUDENT]
        parts.app.listen(topics, parts.positions.accept, self._fail)
        await parts.app.start()
        log.info("worker started", group=config.group, pid=os.getpid())
        tasks: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(coroutine)
            for coroutine in (
                parts.worker.run(),
                parts.positions.receive(),
                parts.reference.follow(parts.worker.changed),
                self._ticks(),
                self._watch(),
                parts.app.wait_until_stopped(),
                stop.wait(),
            )
        ]
        tasks.append(self._failed)
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await self._end(tasks)
        for failure in (parts.app.group_failure(), parts.publication.failure):
            if failure is not None:
                raise failure
        for future in done:
            future.result()
        if not stop.is_set():
            raise LeapError(f"Faust stopped by itself: {parts.app.crash_reason!r}")
        log.info("worker stopped")

    async def _end(self, tasks: list[asyncio.Future[Any]]) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._parts.positions.taking.close()
        await _within(_LEAVING_S, self._leave(), "leaving the group")
        await _within(_STOPPING_S, self._parts.app.stop(), "Faust's end")
        await _within(_STOPPING_S, self._parts.reference.close(), "closing the reference topics")

    async def _leave(self) -> None:
        await self._parts.publication.drain()
        await self._parts.app.leave()
        log.info("group left", group=self._config.group)

    async def _ticks(self) -> None:
        while True:
            await asyncio.sleep(min(_TICK_S, self._config.refresh_s))
            self._parts.worker.tick()

    async def _watch(self) -> None:
        app, positions, telling = self._parts.app, self._parts.positions, self._parts.telling
        given_back_s = time.monotonic()
        while True:
            await asyncio.sleep(_TICK_S)
            telling.states(*self._where())
            telling.lags(positions.lags())
            if positions.are_warming or time.monotonic() - given_back_s > _GIVE_BACK_S:
                heap.give_back()
                given_back_s = time.monotonic()
            under_way: dict[str, object] = {}
            if app.rebalancing:
                under_way["the rebalance"] = app.rebalancing_count
            if taking := positions.taking.partitions:
                names = ", ".join(map(str, sorted(taking)))
                under_way[f"the take-over of partitions {names}"] = positions.taking.progress
            self._watchdog.look(time.monotonic(), failure=app.group_failure(), under_way=under_way)

    def _where(self) -> tuple[dict[int, Owned], frozenset[int], list[int]]:
        """Partitions owned, idle and being taken; copies, since other threads ask too."""
        positions = self._parts.positions
        return dict(positions.partitions), positions.idle, list(positions.taking.partitions)

    def _fail(self, error: Exception) -> None:
        if self._failed is not None and not self._failed.done():
            self._failed.set_exception(error)


async def _within(seconds: float, coroutine: Coroutine[Any, Any, object], what: str) -> None:
    """Wait for it, but not for ever, not even for it to take note of being cancelled."""
    task = asyncio.ensure_future(coroutine)
    done, _ = await asyncio.wait([task], timeout=seconds)
    if not done:
        task.cancel()
        log.warning(f"{what} took longer than {seconds:g} s and is not waited for")
    elif not task.cancelled() and (error := task.exception()) is not None:
        log.warning(f"{what} failed", error=repr(error))
