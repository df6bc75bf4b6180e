"""Takes events that may be applied into the window, and says which students and days changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

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
from streams.source import Ready
from streams.students import Rows, Students
from streams.window import KIND_ROW, Window

Integers = NDArray[np.int64]
Bits = NDArray[np.bool_]

_MAY_NAME: Final = np.array([kind in NAMED_BY for kind in KIND_ROW])  # an item, by row of a kind


@dataclass(frozen=True, slots=True)
class Applied:
    """Whom events were about, with repeats; all but `rows` are of events that change a count.

    Or that say something new of an item.
    """

    rows: Rows
    corrected: Rows  # of events that are late or correct an earlier one
    late_rows: Rows  # of events of closed days
    late_days: Integers


def is_certain(
    events: Events,
    log_days: Integers,
    *,
    window: Window,
    meetings: Meetings,
    horizon: Horizon,
) -> Bits:
    """Whether it is certain what becomes of events whose log day may prove later than this."""
    too_late: Bits = events.days < log_days - horizon.behind
    known = window.knows(events.days, events.ids, events.ranks)
    known &= meetings.knows(events.items, events.ids, events.days, events.ranks)
    return too_late | known


def apply(
    ready: Sequence[Ready],
    *,
    students: Students,
    closer: Closer,
    clock: LogClock,
    horizon: Horizon,
    outcome: Outcome,
) -> Applied:
    """Count what is news, on time and not in the future; tally all of it.

    Events of several topics are counted in one go, since each step costs about as much for ten of
    them as for a thousand. Those of a topic stay in order of offset.
    """
    every = _Together.of_ready(ready)
    days, log_days = every.events.days, every.log_days
    too_late = days < np.maximum(log_days - horizon.behind, closer.window.first)
    of_the_future = clock.is_future(every.events, log_days)
    future = of_the_future & ~too_late
    if future.any():
        _reject(ready, every, future, outcome)
    on_time = ~(too_late | future)
    counted = every if on_time.all() else every[on_time]
    events = counted.events
    rows = students.rows_of(events.students)
    closer.make_room()
    effect = closer.window.add(counted.kinds, events.days, rows, events.ids, events.ranks)
    _tally(ready, every, too_late, future, counted.sources[effect.is_news], outcome)
    moved = effect.step != 0
    touched, days, steps = rows[moved], events.days[moved], effect.step[moved]
    closer.hindsight.add(counted.kinds[moved], days, touched, steps, counted.log_days[moved])
    closer.published.daily_is_due[closer.published.slots(days), touched] = True
    corrected = touched[(days <= closer.closed) | (events.ranks[moved] > 0)]
    # Whoever is in the log is told of, also when all that was said of them is taken back.
    told = rows[effect.is_news]
    naming = _MAY_NAME[every.kinds]
    if naming.any():
        named_rows, named_days = closer.items.name(
            every.events[naming], log_days[naming], of_the_future[naming]
        )
        told = np.concatenate([told, named_rows])
        touched, days = np.concatenate([touched, named_rows]), np.concatenate([days, named_days])
    late = days <= closer.closed
    corrected = np.concatenate([corrected, touched[late]])
    return Applied(told, corrected, touched[late], days[late])


@dataclass(frozen=True, slots=True)
class _Together:
    """Events of several topics, [n] each."""

    events: Events
    log_days: Integers
    kinds: Integers  # rows of counts
    sources: Integers  # places in what was ready

    @classmethod
    def of_ready(cls, ready: Sequence[Ready]) -> "_Together":
        first, *others = (one.events for one in ready)
        sources = np.repeat(np.arange(len(ready)), [len(one.events) for one in ready])
        return cls(
            first.joined(*others),
            np.concatenate([one.log_days for one in ready]),
            np.array([KIND_ROW[one.kind] for one in ready])[sources],
            sources,
        )

    def __getitem__(self, chosen: Bits) -> "_Together":
        return _Together(
            self.events[chosen], self.log_days[chosen], self.kinds[chosen], self.sources[chosen]
        )


def _tally(
    ready: Sequence[Ready],
    every: _Together,
    too_late: Bits,
    future: Bits,
    news: Integers,
    outcome: Outcome,
) -> None:
    """`news`: the sources of the events that were news, one an event."""
    numbers = [
        np.bincount(sources, minlength=len(ready)).tolist()
        for sources in (every.sources, every.sources[too_late], every.sources[future], news)
    ]
    for one, read, late, quarantined, applied in zip(ready, *numbers, strict=True):
        tally = outcome.live if one.are_new else outcome.replayed
        tally.add(
            one.topic,
            applied=applied,
            duplicate=read - late - quarantined - applied,
            too_late=late,
            quarantined=quarantined,
        )


def _reject(ready: Sequence[Ready], every: _Together, future: Bits, outcome: Outcome) -> None:
    """What lies in the future goes to quarantine, unless it went there before."""
    for place, one in enumerate(ready):
        those = future[every.sources == place]
        if one.are_new and those.any():
            outcome.rejected += [(one.topic, found) for found in _from_the_future(one, those)]


def _from_the_future(ready: Ready, future: Bits) -> Iterator[Rejected]:
    offsets, days = ready.events.offsets[future].tolist(), ready.events.days[future].tolist()
    bytes_of = find_records(ready.slice, set(offsets))
    for offset, day, log_day in zip(offsets, days, ready.log_days[future].tolist(), strict=True):
        message = (
            f"it occurred on {as_date(day)}, after it was appended on {as_date(log_day)}: set the"
            " source's clock right and publish it again"
        )
        yield rejection(bytes_of, offset, Reason.FUTURE, message)
