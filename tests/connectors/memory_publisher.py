"""A `Publisher` that keeps its records in memory. It can be told when to fail."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from broker.publisher import Place
from schemas.errors import TopicError, Unreachable


@dataclass(frozen=True, slots=True)
class Kept:
    """A record in a log; `number` counts acknowledgements over all logs."""

    place: Place
    offset: int
    key: bytes
    value: bytes
    number: int


@dataclass(slots=True)
class MemoryPublisher:
    """Topics spring up when written to, with `partitions` partitions each.

    Nothing is in a log before it is flushed. At the flushes (counted from 0) in `failing_flushes`
    the broker takes only every other of the waiting records, and is gone.
    """

    partitions: int = 24
    failing_flushes: Collection[int] = ()
    log: list[Kept] = field(default_factory=list)
    _waiting: list[tuple[Place, bytes, bytes]] = field(default_factory=list)
    _ends: dict[Place, int] = field(default_factory=dict)
    _flushes: int = 0
    _is_lost: bool = False

    def publish(
        self,
        topic: str,
        values: Sequence[bytes],
        keys: Sequence[bytes],
        partitions: Sequence[int],
    ) -> None:
        self._check(topic, partitions)
        for value, key, partition in zip(values, keys, partitions, strict=True):
            self._waiting.append((Place(topic, partition), key, value))

    def flush(self) -> None:
        self._check("", ())
        is_failing = self._flushes in self.failing_flushes
        self._flushes += 1
        for place, key, value in self._waiting[:: 2 if is_failing else 1]:
            offset = self._ends.get(place, 0)
            self._ends[place] = offset + 1
            self.log.append(Kept(place, offset, key, value, len(self.log)))
        self._waiting.clear()
        if is_failing:
            self._is_lost = True
            self._check("", ())

    def log_ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        for place in places:
            self._check(place.topic, [place.partition])
        return {place: self._ends.get(place, 0) for place in places}

    def come_back(self) -> None:
        """The broker is there again, for a new run."""
        self._is_lost = False
        self._waiting.clear()

    def records(self, topic: str) -> list[Kept]:
        """The log of a topic, in order of acknowledgement."""
        return [kept for kept in self.log if kept.place.topic == topic]

    def _check(self, topic: str, partitions: Iterable[int]) -> None:
        if self._is_lost:
            raise Unreachable("Kafka in memory was told to fail: publish again")
        for partition in partitions:
            if not 0 <= partition < self.partitions:
                raise TopicError(f"{topic} has no partition {partition}")
