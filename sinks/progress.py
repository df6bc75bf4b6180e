"""How far a sink is: told by its event loop, asked from any thread."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from aiokafka import AIOKafkaConsumer
from aiokafka.structs import TopicPartition

from schemas.topics import Topic
from sinks.batch import Load
from sinks.tenure import Tenure
from telemetry.metrics import SinkMetrics

Offsets = Mapping[str, Mapping[str, int]]
"""By topic, without the generation, and partition; text, because it is told as JSON."""


class Progress:
    """Positions, lag and rows loaded. What is asked is replaced as a whole, never changed."""

    def __init__(self, topics: Mapping[str, Topic], metrics: SinkMetrics) -> None:
        """`topics` by their full names."""
        self.positions: Offsets = {}
        """Everything below is loaded, and committed; of partitions that this sink owns."""
        self.lag: Offsets = {}
        """Records behind the end of the log, as of the last fetch; those held count as behind."""
        self.rows: Mapping[str, int] = {}
        """Rows inserted since the start, by table."""
        self._topics: Final = topics
        self._metrics = metrics
        self._empty_up_to: dict[TopicPartition, int] = {}
