"""What a worker tells operations: metrics, and its status."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from streams.outcome import Outcome, Tally
from streams.owned import Owned
from streams.partition import Phase
from streams.ports import Now
from telemetry.metrics import WorkerMetrics

_PHASES: Final = tuple(phase.value for phase in Phase)


@dataclass(slots=True)
class Telling:
    """Counts for the metrics, and the same as totals for /status."""

    metrics: WorkerMetrics
    now: Now
    totals: dict[str, Counter[str]] = field(
        default_factory=lambda: {"live": Counter(), "replay": Counter()}
    )
    published: Counter[str] = field(default_factory=Counter)
    first_fetch_s: float | None = None  # monotonic
    last_publish_s: float | None = None
    transactions: int = 0
    _told: set[int] = field(default_factory=set)  # partitions in the metrics

    def fetched(self) -> None:
        """A slice arrived."""
        if self.first_fetch_s is None:
            self.first_fetch_s = self.now.seconds()

    def decoded(self, topic: str, fast: int, slow: int) -> None:
        """A slice was decoded."""
        self.metrics.records_fast.labels(topic).inc(fast)
        if slow:
            self.metrics.records_slow.labels(topic).inc(slow)

    def counted(self, outcome: Outcome) -> None:
        """A partition advanced."""
        self._tally(outcome.live, "live")
        self._tally(outcome.replayed, "replay")

    def committed(self, outcome: Outcome, records: Mapping[str, int]) -> None:
        """A transaction is through."""
        self.last_publish_s = self.now.seconds()
        self.transactions += 1
        for topic, count in records.items():
            self.published[topic] += count
            self.metrics.records_published.labels(topic).inc(count)
        for changes in outcome.changes:
            self.metrics.changes_published.labels(changes.cause.value).inc(len(changes))

    def states(
        self, owned: Mapping[int, Owned], idle: Collection[int], taking: Collection[int]
    ) -> None:
        """Where every partition of this process is in its life."""
        phases = _phases(owned, idle, taking)
        for partition in self._told - phases.keys():
            self._forget(partition)
        self._told = set(phases)
        for partition, phase in phases.items():
            for name in _PHASES:
                self.metrics.partition_state.labels(partition, name).set(name == phase)
        for number, one in owned.items():
            remaining = one.partition.replay_remaining
            self.metrics.replay_remaining.labels(number).set(remaining)
            if one.partition.closed is not None:
                self.metrics.closed_day.labels(number).set(one.partition.closed)

    def lags(self, lags: Iterable[tuple[str, int, int]]) -> None:
        """How far behind the log each topic-partition is, in records."""
        for topic, partition, records in lags:
            self.metrics.lag.labels(topic, partition).set(records)

    def status(
        self, owned: Mapping[int, Owned], idle: Collection[int], taking: Collection[int]
    ) -> dict[str, object]:
        """The same, for people and programs that wait for a worker."""
        return {
            "partitions": {str(number): {"phase": Phase.MEMORY.value} for number in taking}
            | {
                str(number): {
                    "phase": one.phase.value,
                    "closed": one.partition.closed,
                    "replay_remaining": one.partition.replay_remaining,
                    "committable": dict(one.committable),
                    "is_publishing": one.is_publishing,
                }
                for number, one in owned.items()
            },
            "idle_partitions": sorted(idle),
            "events": {phase: dict(counts) for phase, counts in self.totals.items()},
            "published": dict(self.published),
            "transactions": self.transactions,
            "first_fetch_s": self.first_fetch_s,
            "last_publish_s": self.last_publish_s,
        }

    def _forget(self, partition: int) -> None:
        """Somebody else tells of it now."""
        metrics = self.metrics
        for gauge in (metrics.partition_state, metrics.replay_remaining, metrics.closed_day):
            gauge.remove_by_labels({"partition": str(partition)})
        metrics.lag.remove_by_labels({"partition": str(partition)})

    def _tally(self, tally: Tally, phase: str) -> None:
        metrics = self.metrics
        for counts, metric, name in (
            (tally.applied, metrics.events_applied, "applied"),
            (tally.duplicate, metrics.events_duplicate, "duplicate"),
            (tally.too_late, metrics.events_too_late, "too_late"),
            (tally.quarantined, metrics.events_quarantined, "quarantined"),
        ):
            for topic, count in counts.items():
                metric.labels(topic, phase).inc(count)
                metrics.events_read.labels(topic, phase).inc(count)
                self.totals[phase][name] += count
                self.totals[phase]["read"] += count


def _phases(
    owned: Mapping[int, Owned], idle: Collection[int], taking: Collection[int]
) -> dict[int, str]:
    return (
        {partition: one.phase.value for partition, one in owned.items()}
        | dict.fromkeys(idle, Phase.IDLE.value)
        | dict.fromkeys(taking, Phase.MEMORY.value)
    )
