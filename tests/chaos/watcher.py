"""What a subscriber hears: when each committed indicator or change of a partition arrives."""

import threading
import time
from itertools import pairwise
from types import TracebackType
from typing import Self

from confluent_kafka import OFFSET_END, Consumer, TopicPartition

from schemas.topics import INDICATOR, INDICATOR_CHANGE
from tests.chaos.campus import Campus

POLL_S = 0.1
AT_ONCE = 1000


class Watcher:
    """Reads committed records in a thread of its own, from entering the context to leaving it."""

    def __init__(self, campus: Campus) -> None:
        self._partitions = range(campus.scale.partitions)
        self._heard: dict[int, list[float]] = {p: [] for p in self._partitions}  # monotonic
        self._ended = threading.Event()
        self._consumer = Consumer(
            campus.generation.client.settings(
                group_id="watcher",
                enable_auto_commit=False,
                isolation_level="read_committed",
                fetch_wait_max_ms=20,
            )
        )
        names = [topic.full_name(campus.generation.name) for topic in (INDICATOR, INDICATOR_CHANGE)]
        self._consumer.assign(
            [TopicPartition(name, p, OFFSET_END) for name in names for p in self._partitions]
        )
        self._thread = threading.Thread(target=self._listen, name="watcher", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._consumer.close()

    def silences(self, since: float, to: float) -> list[float]:
        """By partition, the longest silence that had not ended at `since`, up to `to`; seconds."""
        return [_longest(list(self._heard[p]), since, to) for p in self._partitions]

    def heard_since(self, since: float) -> bool:
        """Whether every partition has spoken since."""
        return all(times and times[-1] >= since for times in self._heard.values())

    def _listen(self) -> None:
        while not self._ended.is_set():
            messages = self._consumer.consume(AT_ONCE, POLL_S)
            now = time.monotonic()
            for message in messages:
                partition = message.partition()
                if message.error() is None and partition is not None:
                    self._heard[partition].append(now)


def _longest(times: list[float], since: float, to: float) -> float:
    before = [t for t in times if t <= since][-1:]
    moments = [*(before or [since]), *(t for t in times if since < t < to), to]
    return max(b - a for a, b in pairwise(moments))
