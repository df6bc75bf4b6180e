"""Publishes a source.

1. Students, expectations and rejected rows go out as they are read.
2. A day's events are encoded while the broker still takes those of the day before.
3. Flush: every event up to the day before is acknowledged, and so is every earlier mark.
4. The ends of the logs are asked for, and each feed's mark for the day before is published with
   them. A mark is thus never ahead of its events; and since nothing of the next day has been sent,
   its offsets part the one day's events from the next one's.
5. The day's events are published. On to step 2 with the next day.
6. After the last day, steps 3 and 4 once more, and a last flush.

A publication that breaks off anywhere is repeated from its beginning. What is published again has
an id that is known, and changes nothing; a day that is marked keeps its first mark. At most the
marks of one day are lost with events of the next day behind them: then these events lie before the
mark of the day before theirs, by the one day that readers of a replayed log tolerate.
"""

from collections.abc import Callable, Collection
from typing import TypeAlias

from broker.publisher import Publisher
from connectors.day_marks import DayMarker
from connectors.identity import SiteKey
from connectors.records import Destination, Encoder, Records
from connectors.report import Report, Tally
from connectors.source import ActivityDay, Expectation, FileRead, Rejected, Source, Student
from schemas.types import Day

Progress: TypeAlias = Callable[[int, int], None]
"""Told after each day: days done, events done."""


def publish(
    source: Source,
    publisher: Publisher,
    destination: Destination,
    *,
    site_key: SiteKey,
    marked: Collection[tuple[str, Day]],
    now_ms: Callable[[], int],
    progress: Progress = lambda days, events: None,
) -> Report:
    """Publish all of a source; returns once the broker has acknowledged all of it.

    `marked` holds the (feed, day) that have a mark already; `now_ms` is the wall clock in UTC
    milliseconds, for `marked_at` and `first_seen`. Errors are those of `Source` and `Publisher`;
    after any of them, publish again: nothing counts twice.
    """
    run = _Publication(source, publisher, destination, site_key, marked, now_ms, progress)
    return run.report()


class _Publication:
    def __init__(
        self,
        source: Source,
        publisher: Publisher,
        destination: Destination,
        site_key: SiteKey,
        marked: Collection[tuple[str, Day]],
        now_ms: Callable[[], int],
        progress: Progress,
    ) -> None:
        self._source = source
        self._publisher = publisher
        self._encoder = Encoder(destination, site_key)
        self._now_ms = now_ms
        self._progress = progress
        self._tally = Tally()
        self._marker = DayMarker(publisher, self._encoder, destination, source.feeds, marked)

    def report(self) -> Report:
        tally, encoder = self._tally, self._encoder
        unfinished: Day | None = None
        for item in self._source.read():
            match item:
                case ActivityDay():
                    events = [encoder.activity(batch) for batch in item.batches]
                    if unfinished is not None:
                        self._finish(unfinished)
                    for batch, records in zip(item.batches, events, strict=True):
                        self._send(records)
                        self._marker.moved()
                        tally.published[batch.kind] += len(records.values)
                    unfinished = item.day
                case Student():
                    self._send(encoder.student(item))
                    tally.students += 1
                case Expectation():
                    self._send(encoder.expectation(item))
                    tally.expectations += 1
                case Rejected():
                    self._send(encoder.rejected(item, self._now_ms()))
                    tally.quarantined[item.reason] += 1
                case FileRead():
                    tally.files.append(item)
        if unfinished is not None:
            self._finish(unfinished)
        self._publisher.flush()
        return tally.report()

    def _send(self, records: Records) -> None:
        self._publisher.publish(records.topic, records.values, records.keys, records.partitions)

    def _finish(self, day: Day) -> None:
        """Steps 3 and 4."""
        marks = self._marker.mark([day], self._now_ms())
        self._tally.days += 1
        self._tally.days_marked += marks
        self._progress(self._tally.days, self._tally.events)
