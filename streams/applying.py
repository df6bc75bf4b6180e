"""Takes events that may be applied into the window, and says which students and days changed."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from broker.records import Rejected, find_records, rejection
from schemas.reasons import Reason
from scoring.items import NAMED_BY
from streams.campus import as_date
from streams.clocks import LogClock
from streams.closing import Closer
from streams.horizon import Horizon
from streams.intake import Events
from streams.meetings import Meetings
from streams.outcome import Outcome
from streams.source import Ready, Source
from streams.students import Rows, Students
from streams.window import KIND_ROW, Window


@dataclass(frozen=True, slots=True)
class Applied:
    """Whom events were about, with repeats; all but `rows` are of events that change a count.

    Or that say something new of an item.
    """

    rows: Rows
    corrected: Rows  # of events that are late or correct an earlier one
    late_rows: Rows  # of events of closed days
    late_days: NDArray[np.int64]


def is_certain(
    events: Events,
    log_days: NDArray[np.int64],
    *,
    window: Window,
    meetings: Meetings,
    horizon: Horizon,
) -> NDArray[np.bool_]:
    """Whether it is certain what becomes of events whose log day may prove later than this."""
    too_late: NDArray[np.bool_] = events.days < log_days - horizon.behind
    known = window.knows(events.days, events.ids, events.ranks)
    known &= meetings.knows(events.items, events.ids, events.days, events.ranks)
    return too_late | known


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
    """Count what is news, on time and not in the future; tally all of it."""
    events, log_days = ready.events, ready.log_days
    tally = outcome.live if ready.are_new else outcome.replayed
    too_late = events.days < np.maximum(log_days - horizon.behind, closer.window.first)
    of_the_future = clock.is_future(events, log_days)
    future = of_the_future & ~too_late
    naming = (events, log_days, of_the_future)
    if ready.are_new and future.any():
        outcome.rejected += [(source.topic, one) for one in _from_the_future(ready, future)]
    if (too_late | future).any():
        kept = ~(too_late | future)
        events, log_days = events[kept], log_days[kept]
    rows = students.rows_of(events.students)
    closer.make_room()
    effect = closer.window.add(source.kind, events.days, rows, events.ids, events.ranks)
    moved = effect.step != 0
    touched, days, steps = rows[moved], events.days[moved], effect.step[moved]
    closer.hindsight.add(KIND_ROW[source.kind], days, touched, steps, log_days[moved])
    closer.published.daily_is_due[closer.published.slots(days), touched] = True
    news = int(effect.is_news.sum())
    _count(tally.too_late, source, int(too_late.sum()))
    _count(tally.quarantined, source, int(future.sum()))
    _count(tally.applied, source, news)
    _count(tally.duplicate, source, len(rows) - news)
    corrected = (days <= closer.closed) | (events.ranks[moved] > 0)
    # Whoever is in the log is told of, also when all that was said of them is taken back.
    told, corrected_rows = rows[effect.is_news], touched[corrected]
    if source.kind in NAMED_BY:
        naming_rows, naming_days = closer.items.name(*naming)
        told = np.concatenate([told, naming_rows])
        touched, days = np.concatenate([touched, naming_rows]), np.concatenate([days, naming_days])
    late = days <= closer.closed
    corrected_rows = np.concatenate([corrected_rows, touched[late]])
    return Applied(told, corrected_rows, touched[late], days[late])


def _count(counter: Counter[str], source: Source, number: int) -> None:
    if number:
        counter[source.topic] += number


def _from_the_future(ready: Ready, future: NDArray[np.bool_]) -> Iterator[Rejected]:
    offsets, days = ready.events.offsets[future].tolist(), ready.events.days[future].tolist()
    bytes_of = find_records(ready.slice, set(offsets))
    for offset, day, log_day in zip(offsets, days, ready.log_days[future].tolist(), strict=True):
        message = (
            f"it occurred on {as_date(day)}, after it was appended on {as_date(log_day)}: set the"
            " source's clock right and publish it again"
        )
        yield rejection(bytes_of, offset, Reason.FUTURE, message)
