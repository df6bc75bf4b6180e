"""A sink that runs beside the test, in a thread with an event loop of its own."""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from prometheus_client import CollectorRegistry

from broker.clients import ClientConfig
from broker.offsets import Offsets
from schemas.errors import Unreachable
from schemas.topics import REFERENCE_PARTITIONS, Topic
from sinks.config import SinkConfig
from sinks.loader import Pauses
from sinks.progress import has_loaded
from sinks.serve import SinkProcess
from sinks.tables import ROUTES
from sinks.tenure import Limits
from telemetry.metrics import SinkMetrics

DEADLINE_S = 30.0
QUICK = Pauses(first_s=0.05, last_s=0.2)
AT_ONCE = Limits(enough_s=0.05)

Ends = Mapping[str, Mapping[int, int]]


def until(condition: Callable[[], bool], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Return when `condition` holds; fail, saying `what` did not happen, after the deadline."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"within {deadline_s:g} s it did not happen that {what}")
        time.sleep(0.01)


def ends_of(client: ClientConfig, generation: str, partitions: int) -> Ends:
    """The end offsets of everything that a sink loads."""
    names = {topic.full_name(generation): topic for topic in ROUTES}
    places = [
        (name, partition)
        for name, topic in names.items()
        for partition in range(partitions if topic.per_student else REFERENCE_PARTITIONS)
    ]
    offsets = Offsets(client)
    found: dict[str, dict[int, int]] = {topic.name: {} for topic in ROUTES}

    def answered() -> bool:
        try:
            latest = offsets.latest(places)
        except Unreachable:
            return False  # a topic that was just made has no leader for a moment
        for (name, partition), offset in latest.items():
            found[names[name].name][partition] = offset
        return True

    until(answered, "Kafka told the ends")
    return found


class RunningSink:
    """A sink; leaving the context stops it, and raises what it ended with."""

    def __init__(self, config: SinkConfig, limits: Limits = AT_ONCE) -> None:
        self.registry = CollectorRegistry()
        self.process = SinkProcess(config, SinkMetrics(self.registry), pauses=QUICK, limits=limits)
        self.failure: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="sink", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        if error is None and self.failure is not None:
            raise self.failure

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive(), "the sink did not stop"

    @property
    def positions(self) -> Mapping[str, Mapping[str, int]]:
        return self.process.status()["positions"]  # type: ignore[return-value]

    @property
    def trouble(self) -> object:
        return self.process.status()["trouble"]

    def wait_until_loaded(self, ends: Ends, deadline_s: float = DEADLINE_S) -> None:
        until(
            lambda: self.failure is not None or has_loaded(self.positions, ends),
            f"everything was loaded; the sink says {self.trouble}",
            deadline_s,
        )
        if self.failure is not None:
            raise self.failure

    def rejected(self, topic: Topic) -> float:
        found = self.registry.get_sample_value(
            "leap_sink_records_rejected_total", {"topic": topic.name}
        )
        return found or 0.0

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self.process.serve(self._stop))
        except BaseException as error:  # told to the test, which waits in another thread
            self.failure = error
        finally:
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
            self._loop.close()
