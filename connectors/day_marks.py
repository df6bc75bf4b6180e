"""Marks behind complete days: where the logs of a source's feeds end once all of it is in."""

from collections.abc import Collection, Mapping, Sequence

from broker.publisher import Place, Publisher
from connectors.records import Destination, Encoder
from schemas.topics import ACTIVITY, Topic
from schemas.types import Day, Kind


class DayMarker:
    """Marks days for the feeds of a source.

    1. Flush: every event handed over before is acknowledged, and so is every earlier mark.
    2. The ends of the logs are asked for.
    3. The marks are published with them. They leave with the next flush.
    """

    def __init__(
        self,
        publisher: Publisher,
        encoder: Encoder,
        to: Destination,
        feeds: Mapping[str, Sequence[Kind]],
        marked: Collection[tuple[str, Day]],
    ) -> None:
        self._publisher = publisher
        self._encoder = encoder
        self._to = to
        self._feeds = feeds
        self._marked = set(marked)
        self._ends: dict[Place, int] = {}  # empty: events were sent since they were asked for

    def moved(self) -> None:
        """Events were handed over: the ends that are known are not the ends any more."""
        self._ends = {}

    def mark(self, days: Sequence[Day], marked_at: int) -> int:
        """Mark days where a feed has no mark yet; returns how many marks that took.

        `marked_at` in UTC milliseconds. A day that is marked keeps its first mark.
        """
        # On a quiet day too: the marks of the days before have to be safe by now.
        self._publisher.flush()
        missing = [
            (feed, day) for day in days for feed in self._feeds if (feed, day) not in self._marked
        ]
        if missing and not self._ends:
            self._ends = dict(self._publisher.log_ends(self._places()))
        for feed, day in missing:
            records = self._encoder.mark(feed, day, marked_at, self._positions(feed))
            self._publisher.publish(records.topic, records.values, records.keys, records.partitions)
            self._marked.add((feed, day))
        return len(missing)

    def _places(self) -> list[Place]:
        """Every partition of every topic that the source writes to."""
        return [
            Place(ACTIVITY[kind].full_name(self._to.generation), partition)
            for kinds in self._feeds.values()
            for kind in kinds
            for partition in range(self._to.partitions)
        ]

    def _positions(self, feed: str) -> list[tuple[Topic, int, int]]:
        return [
            (topic, partition, self._ends[Place(topic.full_name(self._to.generation), partition)])
            for topic in (ACTIVITY[kind] for kind in self._feeds[feed])
            for partition in range(self._to.partitions)
        ]
