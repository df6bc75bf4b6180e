"""Marks days of the senders' feeds.

Nobody can know what a sender still holds. A campus day of a feed that is pushed is complete when

- it has been over for `GRACE_MS`, by the clocks of the campus; and
- the sender has told of something that occurred after it: its queue has moved past the day. One
  for which nothing happens says so by an empty request, now and then.

So a sender that is silent has no marks, and the worker records a gap at the policy's deadline. What
is late after all is counted on its day, as everywhere.

How a day is marked:

1. Whatever was begun before is acknowledged (`Deliveries.settled`).
2. The ends of the feed's logs are asked for, and the mark is published with them (`DayMarker`).
"""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from broker.publisher import Publisher
from connectors.campus_day import moment
from connectors.collector.collector import Collector
from connectors.collector.senders import Sender
from connectors.day_marks import DayMarker
from connectors.identity import SiteKey
from connectors.records import Destination, Encoder
from connectors.zones import Zone
from schemas.types import Day

GRACE_MS: Final = 2 * 60 * 60_000
"""What people's own machines send arrives a little late."""
LONGEST_DAYS: Final = 98
"""How far back days are marked: with the default settings, nothing older can be closed."""


class Completeness:
    """Which days of a feed are complete and have no mark yet."""

    def __init__(
        self, zone: ZoneInfo, now_ms: Callable[[], int], marked: Collection[tuple[str, Day]]
    ) -> None:
        self._zone = zone
        self._days = Zone.of(zone)
        self._now_ms = now_ms
        self._last: dict[str, Day] = {}
        for feed, day in marked:
            self._last[feed] = max(day, self._last.get(feed, day))

    def due(self, feed: str, reached_ms: int) -> Sequence[Day]:
        """The days to mark, ascending, when the feed has told of that moment, UTC milliseconds.

        A feed that has no mark at all begins with the last of its complete days.
        """
        now = self._now_ms()
        found = self._days.days(np.array([reached_ms, now], np.int64)).tolist()
        end = min(found)  # the first day that is not complete
        if moment(Day(end), 0, self._zone) + GRACE_MS > now:
            end -= 1
        first = self._last[feed] + 1 if feed in self._last else end - 1
        return [Day(day) for day in range(max(first, end - LONGEST_DAYS), end)]

    def marked(self, feed: str, days: Sequence[Day]) -> None:
        """These have a mark now."""
        self._last[feed] = days[-1]


class Marks:
    """Marks what is due, feed by feed."""

    def __init__(
        self,
        completeness: Completeness,
        publisher: Callable[[], Publisher],
        destination: Destination,
        site_key: SiteKey,
        marked: Collection[tuple[str, Day]],
        now_ms: Callable[[], int],
    ) -> None:
        self._completeness = completeness
        self._publisher = publisher
        self._to = destination
        self._encoder = Encoder(destination, site_key)
        self._marked = marked
        self._now_ms = now_ms

    async def mark(self, collector: Collector, senders: Sequence[Sender]) -> int:
        """Mark the days that are due; how many marks that took. The errors of `Publisher`."""
        count = 0
        for sender in senders:
            reached = collector.reached.get(sender.feed)
            days = [] if reached is None else self._completeness.due(sender.feed, reached)
            if days:
                await collector.deliveries.settled()
                await asyncio.to_thread(self._publish, sender, days)
                self._completeness.marked(sender.feed, days)
                count += len(days)
        return count

    def _publish(self, sender: Sender, days: Sequence[Day]) -> None:
        publisher = self._publisher()  # a new one: after an error it is of no further use
        feeds = {sender.feed: sender.kinds}
        marker = DayMarker(publisher, self._encoder, self._to, feeds, self._marked)
        marker.mark(days, self._now_ms())
        publisher.flush()
