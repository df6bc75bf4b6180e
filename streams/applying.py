"""Counts events that may be applied, and says which students and days they touched."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from broker.records import Rejected, cut, find_record
from schemas.reasons import Reason
from schemas.types import Day
from streams.clocks import LogClock
from streams.closing import Closer
from streams.horizon import Horizon
from streams.outcome import Outcome
from streams.source import Ready, Source
from streams.students import Rows, Students


@dataclass(frozen=True, slots=True)
class Applied:
    """Students whose counts grew, and of closed days the first a student that did."""

    rows: Rows
    late_rows: Rows
    late_days: NDArray[np.int64]


def apply(
    ready: Ready,
    source: Source,
    *,
    students: Students,
    closer: Closer,
    clock: LogClock,
    horizon: Horizon,
    outcome: Outcome,
) -> Applied:
    """Count what is new, on time and not in the future; tally all of it."""
    events, log_days = ready.events, ready.log_days
    tally = outcome.live if ready.are_new else outcome.replayed
    too_late = events.days < np.maximum(log_days - horizon.behind, closer.window.first)
    future = clock.is_future(events, log_days) & ~too_late
    if ready.are_new and future.any():
        outcome.rejected += [
            (source.topic, _rejected(ready, at)) for at in np.flatnonzero(future).tolist()
        ]
    events = events[~(too_late | future)] if (too_late | future).any() else events
    rows = students.rows_of(events.students)
    closer.make_room()
    new = closer.window.add(source.kind, events.days, rows, events.ids)
    applied, days = rows[new], events.days[new]
    closer.published.daily_is_due[closer.window.slots(days), applied] = True
    _count(tally.too_late, source, int(too_late.sum()))
    _count(tally.quarantined, source, int(future.sum()))
    _count(tally.applied, source, len(applied))
    _count(tally.duplicate, source, len(rows) - len(applied))
    late = days <= closer.closed
    return Applied(np.unique(applied), applied[late], days[late])


def _count(counter: Counter[str], source: Source, number: int) -> None:
    if number:
        counter[source.topic] += number


def _rejected(ready: Ready, at: int) -> Rejected:
    offset = int(ready.events.offsets[at])
    key, value = find_record(ready.slice, offset)
    message = (
        f"it occurred on campus day {Day(int(ready.events.days[at]))}, after it was appended on day"
        f" {int(ready.log_days[at])}: set the source's clock right and publish it again"
    )
    return Rejected(offset, Reason.FUTURE, message, key, None if value is None else cut(value))
