"""A partition of a campus on which everything is in use: its students and what holds for them.

The shipped default policy with its alerts and shares, and more overrides (`overrides.yaml`); a
calendar with a vacation, a reading week and weekends; one student in twenty excused for a while,
some of them from some kinds only, some with more time for coursework; two feeds that lack a day
each; students who are not scored, who came late, who have left, and who changed to part time.
"""

from collections.abc import Iterator
from importlib.resources import files
from typing import Final

import numpy as np
import polars as pl
import yaml
from numpy.typing import NDArray

from backtest.policy_text import changed
from ops.commands.backtest import read_policy
from schemas.types import KINDS, CircumstanceSort, Day, Kind, Mode, StudentId
from scoring.calendar import Calendar, Entry, Sort, Weights
from scoring.circumstance import Circumstance
from scoring.policy import Policy
from scoring.profile import Profile
from scoring.selection import Override
from streams.calendars import Calendars, CalendarVersion
from streams.excuses import Excuses
from streams.expected import Expectations
from streams.gaps import Lacks
from streams.horizon import Horizon
from streams.items import Items
from streams.students import Period, Students

_OVERRIDES: Final = files("bench") / "overrides.yaml"
_FULL, _PART = Mode.FULL_TIME, Mode.PART_TIME
_PROFILES: Final = (
    (0.62, Profile("undergraduate", _FULL, "History", "enrolled")),
    (0.12, Profile("undergraduate", _FULL, "Physics", "enrolled")),
    (0.06, Profile("postgraduate", _FULL, "Physics", "enrolled")),
    (0.05, Profile("postgraduate", _FULL, "History", "enrolled")),
    (0.08, Profile("undergraduate", _PART, "History", "enrolled")),
    (0.03, Profile("postgraduate", _PART, "Physics", "enrolled")),
    (0.02, Profile("research", _FULL, "History", "enrolled")),
    (0.02, Profile("undergraduate", _FULL, "History", "interrupted")),
)
"""Shares of students, and how they study."""
_CAME_LATE, _HAS_LEFT, _CHANGED_MODE = 0.03, 0.02, 0.03  # shares of students
_EXCUSED: Final = 0.05
_EXCUSED_DAYS: Final = 15  # at most
_SOME_KINDS: Final = (Kind.TAP_IN, Kind.FASER_UPLOAD)
_EXTENDED_DAYS: Final = 7
_LACKING: Final = (("attendance", 3), ("moodle", 12))  # feeds, days before today
_DUE_EVERY_DAYS: Final = 12
_HANDED_IN, _LATE = 0.85, 0.1  # of items due; of those handed in
_LONG_AGO_DAYS: Final = 400


def busy_policy() -> Policy:
    """The default policy, with overrides of which several may hold for a student."""
    default = read_policy(None)
    added = [Override.model_validate(one) for one in yaml.safe_load(_OVERRIDES.read_text())]
    return changed(default, {"overrides": (*default.overrides, *added)})


def busy_calendars(today: Day) -> Calendars:
    """One calendar: within the look-back lie a vacation and a reading week."""
    entries = [
        Entry(Sort.VACATION, Day(today - 44), Day(today - 31), 0, "vacation"),
        Entry(Sort.READING_WEEK, Day(today - 20), Day(today - 14), 50, "reading week"),
    ]
    days = np.arange(today - _LONG_AGO_DAYS, today + _LONG_AGO_DAYS)
    calendar = Calendar.of(entries, Weights(), (100, 100, 100, 100, 100, 50, 0))
    start = Day(int(days[0]))
    calendars = Calendars()
    calendars.add(CalendarVersion(1, start, start, calendar.weights(days), calendar))
    return calendars


def busy_lacks(today: Day) -> Lacks:
    """Two days that feeds lack, and that nobody has withdrawn."""
    never = Day(today + _LONG_AGO_DAYS)
    return Lacks({(feed, today - ago): never for feed, ago in _LACKING})


def busy_students(count: int, today: Day, random: np.random.Generator) -> Students:
    """Their records; pseudonyms are the numbers from 0 on."""
    students = Students()
    rows = students.rows_of(np.arange(count, dtype=np.int64))
    shares, profiles = zip(*_PROFILES, strict=True)
    whose = random.choice(len(profiles), count, p=shares).tolist()
    start = np.full(count, today - _LONG_AGO_DAYS)
    came_late = random.random(count) < _CAME_LATE
    start[came_late] = today - random.integers(1, 60, count)[came_late]
    left = random.random(count) < _HAS_LEFT
    end = np.where(left, today - random.integers(1, 30, count), 0)
    has_changed = (random.random(count) < _CHANGED_MODE) & ~came_late & ~left
    records = []
    for row, (first, last, changes) in enumerate(
        zip(start.tolist(), end.tolist(), has_changed.tolist(), strict=True)
    ):
        profile = profiles[whose[row]]
        periods = [Period(Day(first), Day(last) if last else None, profile)]
        if changes:
            part_time = Profile(profile.level, _PART, profile.programme, profile.status)
            before = Day(today - 1 - row % 40)
            periods = [Period(Day(first), before, profile)]
            periods.append(Period(Day(before + 1), None, part_time))
        records.append(periods)
    students.set_periods(rows, records)
    return students


def busy_excuses(students: Students, horizon: Horizon, today: Day) -> Excuses:
    """Of one student in twenty, a period that touches the look-back."""
    excuses = Excuses(students, horizon.amendment)
    said = _circumstances(students.count, horizon, today)
    excuses.take({(one.student, one.name): one for one in said})
    return excuses


def _circumstances(count: int, horizon: Horizon, today: Day) -> Iterator[Circumstance]:
    random = np.random.default_rng(2)
    whom = np.flatnonzero(random.random(count) < _EXCUSED).tolist()
    sorts = tuple(CircumstanceSort)
    for at, student in enumerate(whom):
        first = today - int(random.integers(0, horizon.look_back))
        yield Circumstance(
            StudentId(student),
            sorts[at % len(sorts)],
            tuple(sorted(_SOME_KINDS)) if at % 3 == 0 else (),
            Day(first),
            Day(first + int(random.integers(0, _EXCUSED_DAYS))),
            _EXTENDED_DAYS if at % 4 == 0 else 0,
            Day(first),
        )


def busy_items(students: Students, excuses: Excuses, horizon: Horizon, today: Day) -> Items:
    """Coursework due every twelve days, most of it handed in, some of it late."""
    random = np.random.default_rng(3)
    items = Items(students, excuses, horizon)
    first = today - horizon.behind
    due = np.arange(first, today + horizon.ahead, _DUE_EVERY_DAYS)
    student = np.repeat(students.ids[: students.count], len(due))
    due = np.tile(due, students.count) + student % _DUE_EVERY_DAYS
    kinds = np.full(len(due), KINDS.index(Kind.FASER_UPLOAD))
    names = pl.Series(np.arange(len(due))).cast(pl.String)
    said = Expectations.of(student, names, kinds, due)
    items.expect(said)
    met = due - random.integers(0, 8, len(due))
    is_late = random.random(len(due)) < _LATE
    met[is_late] = due[is_late] + random.integers(1, 15, len(due))[is_late]
    handed_in = (random.random(len(due)) < _HANDED_IN) & (met <= today)
    items.meetings.add(
        said.items[handed_in],
        np.flatnonzero(handed_in).astype(np.uint64),
        met[handed_in],
        np.zeros(int(handed_in.sum()), np.int64),
        met[handed_in] - horizon.amendment,
    )
    return items


def busy_counts(
    shape: tuple[int, ...], count: int, random: np.random.Generator
) -> NDArray[np.uint32]:
    """Events by kind, day and student, [10, T, S] of `shape`; some students do a lot, some little.

    Students that are not there, from `count` on, have none.
    """
    counts = np.zeros(shape, np.uint32)
    mean = random.gamma(2.0, 0.5, count) * 0.5
    for of_kind in counts:
        of_kind[:, :count] = random.poisson(mean, (shape[1], count))
    return counts
