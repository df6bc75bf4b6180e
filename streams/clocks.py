"""What tells a partition the campus day: the wall clock, or in a replay the marks alone.

A clock answers, from the log, which day was in progress when an event was appended (its *log
day*). Everything that depends on time is decided from it: what lies in the future, what comes too
late, and how far a partition may read ahead. So the outcome is the same however fast the log is
read.
"""

from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day
from streams.campus import CampusDays
from streams.intake import Events
from streams.marks import Marks

_HOUR_MS: Final = 3_600_000
TOLERANCE_MS: Final = 5 * 60_000  # by which clocks of sources may run ahead of the broker's
TOLERANCE_DAYS: Final = 1  # the same in a replay, whose clock knows only days


class LogClock(Protocol):
    """The clock of a generation; the same for all its partitions.

    `is_replay`: each closing is a moment of its own, with the changes it brings. Otherwise only
    the present matters: days closed late bring no changes of the past.
    """

    is_replay: bool

    def log_days(self, topic: str, partition: int, events: Events) -> NDArray[np.int64]:
        """The campus day in progress when each event was appended; it never falls."""
        ...

    def is_future(self, events: Events, log_days: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each event claims to have happened after it was appended."""
        ...

    def settled_below(self, topic: str, partition: int) -> int | None:
        """The offset below which the log day of each event is certain; None: of all it is."""
        ...

    def marked_on(self, day: Day, marked_ms: int) -> Day:
        """The campus day in progress when a mark for `day` was written."""
        ...

    def as_of(self, closed: Day, today: Day) -> Day:
        """The campus day in progress, for a partition whose last closed day is `closed`."""
        ...

    def seen(self, closed: Day, today: Day) -> Day:
        """The last day whose events the current indicator looks at."""
        ...

    def may_close(self, day: Day, today: Day) -> bool:
        """Whether the clock lets `day` be closed, marks permitting."""
        ...

    def is_overdue(self, day: Day, now_ms: int, hours: float) -> bool:
        """Whether a feed that has not marked `day` yet has let `hours` pass after the day's end."""
        ...


class WallClock:
    """Live running: the broker's append time against the wall."""

    is_replay = False

    def __init__(self, campus: CampusDays) -> None:
        self._campus = campus

    def log_days(self, topic: str, partition: int, events: Events) -> NDArray[np.int64]:
        """The campus day of the append time."""
        return self._campus.of(events.appended_ms)

    def is_future(self, events: Events, log_days: NDArray[np.int64]) -> NDArray[np.bool_]:
        """By minutes: the append time is known to the millisecond."""
        future: NDArray[np.bool_] = events.occurred_ms > events.appended_ms + TOLERANCE_MS
        return future

    def settled_below(self, topic: str, partition: int) -> int | None:
        """It stands in the batch."""
        return None

    def marked_on(self, day: Day, marked_ms: int) -> Day:
        """By the wall."""
        return self._campus.day_of(marked_ms)

    def as_of(self, closed: Day, today: Day) -> Day:
        """Today, however far closing lags behind."""
        return today

    def seen(self, closed: Day, today: Day) -> Day:
        """Today's events count as they come."""
        return today

    def may_close(self, day: Day, today: Day) -> bool:
        """A day that is over."""
        return day < today

    def is_overdue(self, day: Day, now_ms: int, hours: float) -> bool:
        """By the wall."""
        return now_ms >= self._campus.start_ms(Day(day + 1)) + hours * _HOUR_MS


class ReplayClock:
    """A replay: days pass when their marks do, so that a year can run through in minutes."""

    is_replay = True

    def __init__(self, marks: Marks) -> None:
        self._marks = marks

    def log_days(self, topic: str, partition: int, events: Events) -> NDArray[np.int64]:
        """The first day whose mark lies behind the event.

        Behind the last mark, the earliest day it can be: that after the last marked one.
        """
        return self._marks.log_days(topic, partition, events.offsets)

    def is_future(self, events: Events, log_days: NDArray[np.int64]) -> NDArray[np.bool_]:
        """By days: marks know nothing finer."""
        future: NDArray[np.bool_] = events.days > log_days + TOLERANCE_DAYS
        return future

    def settled_below(self, topic: str, partition: int) -> int | None:
        """The last mark: the next one may be for any day behind it."""
        return self._marks.end(topic, partition)

    def marked_on(self, day: Day, marked_ms: int) -> Day:
        """The day itself: it ends with its mark."""
        return day

    def as_of(self, closed: Day, today: Day) -> Day:
        """The first moment of the day after the last closed one."""
        return Day(closed + 1)

    def seen(self, closed: Day, today: Day) -> Day:
        """The day in progress is looked at when its mark has come."""
        return closed

    def may_close(self, day: Day, today: Day) -> bool:
        """The marks alone decide."""
        return True

    def is_overdue(self, day: Day, now_ms: int, hours: float) -> bool:
        """Never: time stands still while a mark is waited for, and it may be on its way."""
        return False
