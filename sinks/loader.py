"""Puts rows into ClickHouse, however long that takes.

1. Rows become Arrow; columns of few different texts become dictionaries.
2. Deletions first, then the rows in one INSERT a table. Both are harmless when repeated.
3. What ClickHouse does not take, because it is away, full, or was cut off in the middle, is tried
   again after a pause that grows. Nothing is committed meanwhile, so nothing is lost either.

Every failure says host, table and what to do, in one line of the log.
"""

import asyncio
import functools
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

import polars as pl
import structlog
from clickhouse_connect.driver.client import Client

from sinks.batch import Load
from sinks.clickhouse import FAILURES, ClickHouseAddress, unreachable
from sinks.tables import Table
from telemetry.metrics import SinkMetrics

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

_SETTINGS: Final[Mapping[str, int]] = {
    "async_insert": 0,  # the answer has to mean that the rows are there
    "insert_deduplicate": 0,  # a block that was deleted since has to come back
    "optimize_on_insert": 0,  # merges replace rows anyway: half of the CPU of an insert
    "max_partitions_per_insert_block": 0,  # a backfill spans as many months as it spans
}


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long to wait before trying again: twice as long each time, from first to last."""

    first_s: float = 0.2
    last_s: float = 10.0

    def after(self, failures: int) -> float:
        """The pause after so many failures in a row."""
        doubled: float = self.first_s * 2 ** min(failures - 1, 30)
        return min(self.last_s, doubled)


_USUAL_PAUSES: Final = Pauses()


class Loader:
    """Loads what it is given, in order. To be used from one event loop; `close` ends it."""

    def __init__(
        self,
        client: Client,
        address: ClickHouseAddress,
        metrics: SinkMetrics,
        *,
        pauses: Pauses = _USUAL_PAUSES,
    ) -> None:
        self.trouble: str | None = None
        """What keeps it from loading, as a sentence; None while all is well."""
        self.rows: Mapping[str, int] = {}
        """Rows inserted so far, by table; replaced as a whole, so any thread may ask."""
        self._client = client
        self._address = address
        self._metrics = metrics
        self._pauses = pauses
        # One thread: a statement that was given up on ends before the next one begins.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="clickhouse")

    async def prepare(self, make: Callable[[], Result]) -> Result:
        """Do something long on the loader's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, make)

    async def load(self, loads: Sequence[Load]) -> None:
        """Return when everything is in ClickHouse; to be cancelled when it may not wait longer."""
        for load in loads:
            if load.deleted:
                await self._patiently(load.table, functools.partial(self._delete, load))
            if load.rows.height:
                await self._patiently(load.table, functools.partial(self._insert, load))
                name = load.table.name
                self.rows = {**self.rows, name: self.rows.get(name, 0) + load.rows.height}

    def close(self) -> None:
        """End after the statement that is on its way."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    async def _patiently(self, table: Table, call: Callable[[], None]) -> None:
        failures, began = 0, time.monotonic()
        while True:
            try:
                await self.prepare(call)
                break
            except FAILURES as error:
                failures += 1
                pause_s = self._pauses.after(failures)
                self._metrics.insert_retries.inc()
                self.trouble = str(unreachable(self._address, f"load {table.name}", error))
                log.warning(f"{self.trouble}. Nothing is committed; trying again", pause_s=pause_s)
                await asyncio.sleep(pause_s)
        if failures:
            self.trouble = None
            paused_s = round(time.monotonic() - began, 1)
            log.info("ClickHouse takes rows again", table=table.name, paused_s=paused_s)

    def _delete(self, load: Load) -> None:
        if load.table.key is None:
            return
        for deleted in load.deleted:
            for parameters in load.table.key.parameters(deleted):
                named = {"table": load.table.name, **parameters}
                self._client.command(load.table.key.deletion, parameters=named)

    def _insert(self, load: Load) -> None:
        name = load.table.name
        texts = [
            c
            for c in load.rows.columns
            if c in load.table.coded and load.rows[c].dtype == pl.String
        ]
        coded = load.rows.with_columns(pl.col(texts).cast(pl.Categorical(pl.Categories.random())))
        # One dictionary a column: Arrow's file format takes no second one for a later chunk.
        arrow = coded.rechunk().to_arrow(compat_level=pl.CompatLevel.oldest()).unify_dictionaries()
        with self._metrics.insert_seconds.labels(name).time():
            self._client.insert_arrow(name, arrow, settings=dict(_SETTINGS))
        self._metrics.rows_loaded.labels(name).inc(load.rows.height)
