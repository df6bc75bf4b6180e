"""The collector's process: the web server, and what is done beside it from time to time."""

import asyncio
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog
import uvicorn

from broker.clients import ClientConfig
from broker.deliveries import KafkaDeliveries
from broker.publisher import KafkaPublisher
from connectors.collector.app import Face, create_app
from connectors.collector.collector import Collector, Place
from connectors.collector.marks import Completeness, Marks
from connectors.collector.memory import Memory
from connectors.collector.pace import Pace
from connectors.collector.senders import Senders
from connectors.identity import SiteKey
from connectors.people import KnownPeople
from connectors.records import Destination
from connectors.zones import Zone
from schemas.errors import LeapError
from schemas.types import Day
from telemetry.metrics import CollectorMetrics

log = structlog.get_logger(__name__)

ROUND_S: Final = 60.0
"""How often people are looked up anew and days are marked: somebody erased is out after that."""
_TEND_S: Final = 5.0
"""How often the journal of what is remembered is emptied: 40 MB of it, at 2,000 statements/s."""
_ENDING_S: Final = 25  # longer than a delivery's patience, so that what is under way is answered
_MARK_PATIENCE_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class CollectorConfig:
    """What a collector has to know."""

    client: ClientConfig
    destination: Destination
    zone: ZoneInfo
    site_key: SiteKey
    senders: Senders
    people: Callable[[], KnownPeople]
    """Who is who now; called in a thread, again and again."""
    marked: Collection[tuple[str, Day]]
    memory: Path
    host: str
    port: int
    now_ms: Callable[[], int]
    now_s: Callable[[], float]
    round_s: float = ROUND_S


class _WebServer(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the process's business."""
        yield


class CollectorProcess:
    """Serves until it is told to stop; then what is under way is still answered."""

    def __init__(self, config: CollectorConfig, metrics: CollectorMetrics) -> None:
        self._config = config
        self._metrics = metrics
        self._address = ""

    def status(self) -> dict[str, object]:
        """Where it listens; empty until it does."""
        return {"address": self._address}

    async def serve(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set."""
        config = self._config
        people = await asyncio.to_thread(config.people)
        memory = Memory(config.memory, config.now_ms)
        deliveries = KafkaDeliveries(config.client, now_s=config.now_s)
        place = Place(
            config.destination, deliveries, config.site_key, Zone.of(config.zone), config.now_ms
        )
        collector = Collector(place, memory, people)
        pace = Pace(config.now_s)
        face = Face(collector, config.senders, pace, self._metrics, config.now_ms, config.now_s)
        server = _WebServer(
            uvicorn.Config(
                create_app(face),
                host=config.host,
                port=config.port,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=_ENDING_S,
            )
        )
        serving = asyncio.create_task(server.serve())
        beside = asyncio.create_task(self._beside(collector, server))
        tending = asyncio.create_task(_tend(memory))
        try:
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            server.should_exit = True
            await serving
        finally:
            beside.cancel()
            tending.cancel()
            await deliveries.settled()
            deliveries.close()
            memory.close()

    async def _beside(self, collector: Collector, server: uvicorn.Server) -> None:
        config = self._config
        while not server.started:
            await asyncio.sleep(0.01)
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        self._address = f"http://{host}:{port}"
        log.info("collecting", url=self._address, senders=[one.name for one in config.senders.all])
        marks = Marks(
            Completeness(config.zone, config.now_ms, config.marked),
            lambda: KafkaPublisher(config.client, say=log.info, patience_s=_MARK_PATIENCE_S),
            config.destination,
            config.site_key,
            config.marked,
            config.now_ms,
        )
        while True:
            await asyncio.sleep(config.round_s)
            try:
                collector.people = await asyncio.to_thread(config.people)
                count = await marks.mark(collector, config.senders.all)
                self._metrics.days_marked.inc(count)
            except LeapError as error:
                log.warning("later", problem=str(error))


async def _tend(memory: Memory) -> None:
    while True:
        await asyncio.sleep(_TEND_S)
        try:
            await asyncio.to_thread(memory.tend)
        except LeapError as error:
            log.warning("later", problem=str(error))
