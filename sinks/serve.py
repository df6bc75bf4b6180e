"""Builds a sink from its parts and runs it until it is told to stop, or has to.

1. ClickHouse is opened; the database is made and brought to the form of this version.
2. The sink joins its group; partitions are loaded from where the group has committed.
3. It loads until `stop` is set.
4. What is on its way to ClickHouse may end, and is committed; the sink leaves the group.
"""

import asyncio
import os
from collections.abc import Mapping
from typing import Final

import structlog
from clickhouse_connect.driver.client import Client

from broker.consumer import check_aiokafka_version
from broker.decoder import Decoder
from broker.offsets import Offsets
from schemas.avro import schema_of
from schemas.errors import LeapError
from schemas.topics import Topic
from sinks.clickhouse import connect
from sinks.config import SinkConfig
from sinks.consume import SinkConsumer
from sinks.fetching import Fetching
from sinks.loader import Loader, Pauses
from sinks.migrate import migrate
from sinks.progress import Progress
from sinks.tables import ROUTES
from sinks.tenure import Limits
from telemetry.metrics import SinkMetrics

__all__ = ["SinkConfig", "SinkProcess"]

_USUAL_PAUSES: Final = Pauses()
_USUAL_LIMITS: Final = Limits()

log = structlog.get_logger(__name__)


class SinkProcess:
    """One sink: `serve` runs it, once; `status` may be asked from any thread."""

    def __init__(
        self,
        config: SinkConfig,
        metrics: SinkMetrics,
        *,
        pauses: Pauses = _USUAL_PAUSES,
        limits: Limits = _USUAL_LIMITS,
    ) -> None:
        """`pauses`: between attempts to load; `limits`: of what is loaded at a time."""
        check_aiokafka_version()
        self._config = config
        self._metrics = metrics
        self._pauses = pauses
        self._limits = limits
        self._topics = {topic.full_name(config.generation): topic for topic in ROUTES}
        self._progress = Progress(self._topics, metrics)
        self._loader: Loader | None = None

    def status(self) -> dict[str, object]:
        """What /status says.

        `positions`: by topic (without the generation) and partition, the offset below which
        everything is loaded and committed. `lag`: records behind the end of the log, of them
        `held` decoded and on their way. `rows`: inserted since the start, by table. `trouble`: what
        keeps it from loading, or null.
        """
        loader = self._loader
        return {
            "positions": self._progress.positions,
            "lag": self._progress.lag,
            "held": self._progress.held,
            "rows": {} if loader is None else loader.rows,
            "trouble": None if loader is None else loader.trouble,
        }

    async def serve(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set; raises what the process has to end with.

        Unreachable: ClickHouse or Kafka does not answer at the start. MigrationError: the database
        is not one that this version can bring up to date.
        """
        config = self._config
        client = await asyncio.to_thread(self._open)
        loader = Loader(client, config.clickhouse, self._metrics, pauses=self._pauses)
        self._loader = loader
        try:
            fetching = Fetching(
                config.client, config.group, offsets=Offsets(config.client), owned=self._owned
            )
            consumer = SinkConsumer(
                fetching,
                self._topics,
                _decoders(config),
                loader,
                self._progress,
                self._limits,
            )
            log.info("sink started", group=config.group, pid=os.getpid())
            running = asyncio.create_task(consumer.run())
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            running.cancel()
            (outcome,) = await asyncio.gather(running, return_exceptions=True)
            if isinstance(outcome, Exception):
                raise outcome
        finally:
            loader.close()
        log.info("sink stopped")

    def _open(self) -> Client:
        address = self._config.clickhouse
        client = connect(address)
        try:
            applied = migrate(client, address)
        except LeapError:
            client.close()
            raise
        for name in applied:
            log.info("applied a migration", migration=name, database=address.database)
        return client

    def _owned(self) -> set[int]:
        """What this member holds when it joins its group again."""
        return {
            int(partition)
            for partitions in self._progress.positions.values()
            for partition in partitions
        }


def _decoders(config: SinkConfig) -> Mapping[Topic, Decoder]:
    return {
        topic: Decoder(
            schema_of(topic),
            config.schema_ids[topic],
            config.writer_schema,
            allow_tombstones=route.table.key is not None,
        )
        for topic, route in ROUTES.items()
    }
