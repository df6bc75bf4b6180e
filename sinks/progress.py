"""How far a sink is: told by its event loop, asked from any thread."""

import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Final, TypeAlias

from aiokafka.structs import TopicPartition

from schemas.topics import Topic
from sinks.tenure import LogEnds, Tenure
from telemetry.metrics import SinkMetrics

ByPartition: TypeAlias = Mapping[str, Mapping[str, int]]
"""By topic, without the generation, and partition; text, because it is told as JSON."""

_LOOK_EVERY_S: Final = 1.0


class Progress:
    """Positions and lag. What is asked is replaced as a whole, never changed."""

    def __init__(self, topics: Mapping[str, Topic], metrics: SinkMetrics) -> None:
        """`topics` by their full names."""
        self.positions: ByPartition = {}
        """Everything below is loaded and committed; of the partitions that the sink has."""
        self.lag: ByPartition = {}
        """Records behind the end of the log that are not loaded; at most a second old."""
        self._topics = topics
        self._tenure: Tenure | None = None
        self._metrics = metrics
        self._looked_s = 0.0

    @property
    def held(self) -> int:
        """Records that are decoded and not loaded."""
        tenure = self._tenure
        return 0 if tenure is None else tenure.batch.records + tenure.loading_records

    def assigned(self, tenure: Tenure) -> None:
        """The sink has other partitions now."""
        self._tenure = tenure
        self._metrics.lag.clear()
        self.lag = {}
        self.committed(tenure)

    def committed(self, tenure: Tenure) -> None:
        """A batch is loaded and committed."""
        self.positions = self._by_partition(tenure.done)

    def rejected(self, counts: Mapping[Topic, int]) -> None:
        """Records were left out."""
        for topic, count in counts.items():
            if count:
                self._metrics.records_rejected.labels(topic.name).inc(count)

    def look(self, tenure: Tenure, log: LogEnds) -> None:
        """See how far the logs go on; does so now and then."""
        now_s = time.monotonic()
        if now_s - self._looked_s < _LOOK_EVERY_S:
            return
        self._looked_s = now_s
        self.positions = self._by_partition(tenure.done)
        lags: dict[TopicPartition, int] = {}
        for place, done in tenure.done.items():
            end = log.last_stable_offset(place)
            lags[place] = 0 if end is None else max(0, end - done)
        self.lag = self._by_partition(lags)
        for topic, partitions in self.lag.items():
            for partition, lag in partitions.items():
                self._metrics.lag.labels(topic, partition).set(lag)

    def _by_partition(self, values: Mapping[TopicPartition, int]) -> ByPartition:
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for place, value in sorted(values.items()):
            found[self._topics[place.topic].name][str(place.partition)] = value
        return dict(found)


def has_loaded(positions: ByPartition, ends: Mapping[str, Mapping[int, int]]) -> bool:
    """Whether everything below these offsets is loaded.

    `positions` are those of a sink's status, or of several that were put together; `ends` are by
    topic, without the generation, and partition.
    """
    return all(
        positions.get(topic, {}).get(str(partition), -1) >= end
        for topic, partitions in ends.items()
        for partition, end in partitions.items()
    )
