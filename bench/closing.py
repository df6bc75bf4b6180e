"""How long a partition's state takes to close a day: computed and compared, before publishing."""

import time
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.generations import POLICY
from schemas.types import Cause, Day
from scoring.policy import parse_policy
from streams.calendars import Calendars
from streams.closing import Closer
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


@dataclass(frozen=True, slots=True)
class Closing:
    """Seconds over all partitions, one after the other on one core."""

    students: int
    close_s: float
    """The day's closings of all students, and which of them are news."""
    current_s: float
    """The indicators and changes of the day in progress, which follow a closing."""

    def as_record(self) -> dict[str, object]:
        """For machines."""
        return {
            "students": self.students,
            "close_seconds_per_million_students": round(self._per_million(self.close_s), 3),
            "current_seconds_per_million_students": round(self._per_million(self.current_s), 3),
        }

    def _per_million(self, seconds: float) -> float:
        return seconds * 1_000_000 / self.students


def close_a_day(students: int, partitions: int) -> Closing:
    """Close yesterday for `students` students with a full window, all of whom are enrolled."""
    count = -(-students // partitions)
    policies = Policies()
    policies.add(parse_policy(POLICY.read_text(), origin="bench/policy.yaml"))
    enrolled = _enrolled(count)
    # The counts of one partition stand for all; nothing of them is changed.
    counts = _counts(enrolled)
    close_s = current_s = 0.0
    for _ in range(partitions):
        excuses = Excuses(enrolled, _HORIZON.amendment)
        items = Items(enrolled, excuses, _HORIZON)
        sponsorships = Sponsorships(enrolled)
        closer = Closer(
            enrolled, items, excuses, sponsorships, policies, Calendars(), _HORIZON, _TODAY
        )
        closer.make_room()
        closer.window.counts = counts
        outcome = Outcome()
        start = time.perf_counter()
        closer.close(_TODAY, outcome, tell_changes=False)
        closed = time.perf_counter()
        closer.current(
            closer.everyone,
            as_of=Day(_TODAY + 1),
            seen=Day(_TODAY + 1),
            cause=Cause.DAY_CLOSED,
            also_moved=True,
            outcome=outcome,
        )
        current_s += time.perf_counter() - closed
        close_s += closed - start
        if outcome.closings_size != count:
            raise AssertionError(f"{outcome.closings_size} closings of {count} students")
    return Closing(count * partitions, close_s, current_s)


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
