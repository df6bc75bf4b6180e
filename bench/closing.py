"""How long a partition's state takes to close a day: computed and compared, before publishing."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from bench.busy_campus import (
    busy_calendars,
    busy_counts,
    busy_excuses,
    busy_items,
    busy_lacks,
    busy_policy,
    busy_students,
)
from bench.generations import POLICY
from schemas.types import Cause, Day
from scoring.policy import parse_policy
from streams.calendars import Calendars
from streams.closing import Closer
from streams.evaluation import evaluate_together
from streams.excuses import Excuses
from streams.horizon import LIVE_AHEAD_DAYS, Horizon
from streams.items import Items
from streams.outcome import Outcome
from streams.policies import Policies
from streams.sponsorships import Sponsorships
from streams.students import Period, Students
from streams.window import Window

_TODAY: Final = Day(20_000)
_HORIZON: Final = Horizon(look_back=70, amendment=14, ahead=LIVE_AHEAD_DAYS)  # as in policy.yaml
_MEAN_EVENTS: Final = 0.2  # a student, day and kind
_DAYS_BEFORE: Final = 14
"""Closed before the day that is measured: alert rules look back at them."""

Partition = Callable[[], Closer]
"""Makes the state of one partition, in which everything up to yesterday is closed."""


@dataclass(slots=True)
class Spent:
    """Seconds of the wall and of this process, added up."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    _since: tuple[float, float] = field(default=(0.0, 0.0), repr=False)

    def __enter__(self) -> Self:
        self._since = (time.perf_counter(), time.process_time())
        return self

    def __exit__(self, *error: object) -> None:
        self.wall_s += time.perf_counter() - self._since[0]
        self.cpu_s += time.process_time() - self._since[1]


@dataclass(frozen=True, slots=True)
class Closing:
    """Over all partitions, one after the other on one core."""

    students: int
    close: Spent
    """The day's closings of all students, and which of them are news."""
    current: Spent
    """The indicators and changes of the day in progress, which follow a closing."""
    load: float
    """Of the machine, over the last minute."""

    def as_record(self) -> dict[str, object]:
        """For machines."""
        return {
            "students": self.students,
            "close_seconds_per_million_students": self._per_million(self.close.wall_s),
            "close_cpu_seconds_per_million_students": self._per_million(self.close.cpu_s),
            "current_seconds_per_million_students": self._per_million(self.current.wall_s),
            "current_cpu_seconds_per_million_students": self._per_million(self.current.cpu_s),
            "load_of_the_last_minute": round(self.load, 1),
        }

    def _per_million(self, seconds: float) -> float:
        return round(seconds * 1_000_000 / self.students, 3)


@dataclass(frozen=True, slots=True)
class Closings:
    """The same day of two campuses."""

    plain: Closing
    busy: Closing

    def as_record(self) -> dict[str, object]:
        """For machines."""
        return {"closing": self.plain.as_record(), "busy_closing": self.busy.as_record()}


def close_days(students: int, partitions: int) -> Closings:
    """Measure both, one after the other."""
    return Closings(close_a_day(students, partitions), close_a_busy_day(students, partitions))


def close_a_day(students: int, partitions: int) -> Closing:
    """Close yesterday for `students` students with a full window, all of whom are enrolled."""
    count = -(-students // partitions)
    return _measured(_plain_partition(count), count, partitions)


def close_a_busy_day(students: int, partitions: int) -> Closing:
    """The same on a campus where calendar, circumstances, gaps, overrides and alerts are in use."""
    count = -(-students // partitions)
    return _measured(_busy_partition(count), count, partitions)


def _measured(partition: Partition, count: int, partitions: int) -> Closing:
    close, current = Spent(), Spent()
    for _ in range(partitions):
        closer, outcome, tomorrow = partition(), Outcome(), Day(_TODAY + 1)
        with close:
            closer.close(_TODAY, outcome, tell_changes=False)
        if outcome.closings_size > count or not outcome.closings_size > 0.9 * count:
            raise AssertionError(f"{outcome.closings_size} closings of {count} students")
        with current:
            asked = closer.ask_current(closer.everyone, as_of=tomorrow, seen=tomorrow)
            if asked is None:
                raise AssertionError("there is no policy for the day in progress")
            (evaluated,) = evaluate_together([asked])
            closer.tell_current(evaluated, tomorrow, Cause.DAY_CLOSED, outcome, also_moved=True)
    return Closing(count * partitions, close, current, os.getloadavg()[0])


def _plain_partition(count: int) -> Partition:
    policies = Policies()
    policies.add(parse_policy(POLICY.read_text(), origin="bench/policy.yaml"))
    enrolled = _enrolled(count)
    # The counts of one partition stand for all; nothing of them is changed.
    counts = _counts(enrolled)

    def partition() -> Closer:
        excuses = Excuses(enrolled, _HORIZON.amendment)
        items = Items(enrolled, excuses, _HORIZON)
        sponsorships = Sponsorships(enrolled)
        closer = Closer(
            enrolled, items, excuses, sponsorships, policies, Calendars(), _HORIZON, _TODAY
        )
        closer.make_room()
        closer.window.counts = counts
        return closer

    return partition


def _busy_partition(count: int) -> Partition:
    random = np.random.default_rng(1)
    policies = Policies()
    policies.add(busy_policy())
    students = busy_students(count, _TODAY, random)
    excuses = busy_excuses(students, _HORIZON, _TODAY)
    calendars, lacks = busy_calendars(_TODAY), busy_lacks(_TODAY)
    shape = Window(_TODAY, _HORIZON.ring, students.capacity).counts.shape
    counts = busy_counts(shape, count, random)

    def partition() -> Closer:
        items = busy_items(students, excuses, _HORIZON, _TODAY)
        first = Day(_TODAY - _DAYS_BEFORE)
        closer = Closer(
            students,
            items,
            excuses,
            Sponsorships(students),
            policies,
            calendars,
            _HORIZON,
            first,
        )
        closer.make_room()
        closer.window.counts = counts
        closer.lacks = lacks
        closer.close(Day(_TODAY - 1), Outcome(), tell_changes=False)
        return closer

    return partition


def _enrolled(count: int) -> Students:
    students = Students()
    rows = students.rows_of(np.arange(count, dtype=np.int64))
    students.set_periods(rows, [[Period(Day(_TODAY - 1_000), None)]] * count)
    return students


def _counts(students: Students) -> NDArray[np.uint32]:
    random = np.random.default_rng(1)
    counts = Window(_TODAY, _HORIZON.ring, students.capacity).counts
    for of_kind in counts:
        of_kind[:, : students.count] = random.poisson(_MEAN_EVENTS, (len(of_kind), students.count))
    return counts
