"""A publisher that keeps to a rate, for load runs."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from broker.publisher import Place, Publisher

_PIECES_PER_S: Final = 20  # so that a second's records do not leave all at its beginning


class Paced:
    """A `Publisher` that hands on at most `per_second` records a second, evenly.

    What it is behind, because whoever publishes was slow, is not caught up with: a load run shall
    never show a higher rate than was asked for.
    """

    def __init__(
        self,
        publisher: Publisher,
        per_second: float,
        *,
        now_s: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._publisher = publisher
        self._per_second = per_second
        self._piece = max(1, round(per_second / _PIECES_PER_S))
        self._now_s = now_s
        self._wait = wait
        self._due_s = now_s()

    def publish(
        self,
        topic: str,
        values: Sequence[bytes],
        keys: Sequence[bytes],
        partitions: Sequence[int],
    ) -> None:
        """Hand over the records piece by piece, each when it is due."""
        for start in range(0, len(values), self._piece):
            piece = slice(start, start + self._piece)
            now = self._now_s()
            if now < self._due_s:
                self._wait(self._due_s - now)
            self._publisher.publish(topic, values[piece], keys[piece], partitions[piece])
            self._due_s = max(self._due_s, now) + len(values[piece]) / self._per_second

    def flush(self) -> None:
        """As of the publisher."""
        self._publisher.flush()

    def log_ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        """As of the publisher."""
        return self._publisher.log_ends(places)
