"""What sources tell of themselves while `leap connect --follow` runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from prometheus_client import CollectorRegistry

from connectors.account import Account
from connectors.configuration import SourceConfiguration
from ops.clocks import now_ms
from ops.console import ERR
from ops.settings import Settings
from telemetry.metrics import ConnectorMetrics
from telemetry.server import TelemetryServer

_MS_PER_S: Final = 1000


class Teller:
    """Counts what became of each look at a source."""

    def __init__(self) -> None:
        self.metrics = ConnectorMetrics(CollectorRegistry())
        self._failing: dict[str, str] = {}

    def read(self, source: SourceConfiguration, account: Account) -> None:
        """A source was read to its end."""
        metrics, name = self.metrics, source.name
        feed = str(source.options.get("feed") or name)
        metrics.rows.labels(name).inc(account.read)
        for kind, count in account.published.items():
            metrics.events_published.labels(name, kind).inc(count)
        for rule, count in account.skipped.items():
            metrics.skipped.labels(name, rule).inc(count)
        for reason, count in account.quarantined.items():
            metrics.quarantined.labels(feed, reason).inc(count)
        metrics.last_read.labels(name).set(now_ms() / _MS_PER_S)
        self._failing.pop(name, None)

    def failed(self, source: SourceConfiguration, problem: str) -> None:
        """A look at a source ended with an error."""
        self.metrics.failures.labels(source.name).inc()
        self._failing[source.name] = problem

    @property
    def is_well(self) -> bool:
        """Whether the last look at every source was one to its end."""
        return not self._failing

    def status(self) -> dict[str, object]:
        """What is wrong with whom."""
        return {"failing": dict(self._failing)}


@contextmanager
def told(settings: Settings, *, is_following: bool) -> Iterator[Teller]:
    """Somebody to tell; /metrics, /health and /status are served while sources are followed."""
    teller = Teller()
    if not is_following:
        yield teller
        return
    server = TelemetryServer(
        settings.telemetry_host,
        settings.telemetry_port,
        registry=teller.metrics.registry,
        is_healthy=lambda: teller.is_well,
        status=teller.status,
    )
    ERR.print(f"telemetry: http://{settings.telemetry_host}:{server.port}/metrics")
    try:
        yield teller
    finally:
        server.close()
