"""What the students truly did."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

from connectors.simulator.people import MODULES, Person, random_of
from connectors.simulator.plan import Plan
from schemas.types import Kind

_HOURS: Final = (9, 11, 13, 15)
_EARLY_S, _LATE_S = -480, 480  # of a tap, around the start of its session
_MOST_VIEWS: Final = 5
_DUE_EVERY_WEEKS: Final = 3
_MOBILE_SHARE: Final = 0.4  # of all days: a look at Moodle on the way
_LAB_SHARE: Final = 0.25  # of teaching days: an hour in a PC lab
_MOST_LOOKS: Final = 3
_AFTER_CLASS: Final = (  # kind, from which hour, and how likely on a teaching day
    (Kind.LIBRARY_LOAN, 12, 0.05),
    (Kind.READING_LIST, 17, 0.15),
    (Kind.LISTEN_AGAIN, 20, 0.2),
)


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """Something done; `at` by the clocks of the campus, between 8 in the morning and midnight."""

    at: datetime
    number: int
    kind: Kind
    module: str


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a module; `start` by the clocks of the campus."""

    name: str
    module: str
    start: datetime


def room_of(module: str) -> str:
    """Each module has a room of its own."""
    return f"Room {module[2:]}"


def sessions_of(plan: Plan) -> list[Session]:
    """The timetable: two sessions a week for each module."""
    found: list[Session] = []
    for day in filter(plan.is_teaching, plan.days):
        for at, module in enumerate(MODULES):
            if day.weekday() in (at % 5, (at + 2) % 5):
                start = datetime.combine(day, time(_HOURS[at % len(_HOURS)]))
                found.append(Session(f"{module}/{day}", module, start))
    return found


def due_days(plan: Plan) -> list[date]:
    """When coursework is due: Thursdays, every third week."""
    return [
        plan.first + timedelta(days=7 * week + 3)
        for week in range(_DUE_EVERY_WEEKS - 1, plan.weeks, _DUE_EVERY_WEEKS)
    ]


def acts_of(plan: Plan, person: Person, sessions: list[Session]) -> list[Act]:
    """All of a student's term, by time; never two of a kind and module in a second."""
    random = random_of(plan, "acts", person.number)
    found = {*_taps(plan, person, sessions, random)}
    found |= {*_moodle(plan, person, random), *_coursework(plan, person, random)}
    found |= {*_reading(plan, person, random)}
    found |= {*_elsewhere(plan, person, random_of(plan, "elsewhere", person.number))}
    return sorted(found)


def week_of(plan: Plan, day: date) -> int:
    """Counted from 0."""
    return (day - plan.first).days // 7


def _taps(plan: Plan, person: Person, sessions: list[Session], random: Random) -> Iterator[Act]:
    for one in sessions:
        likelihood = person.likelihood(week_of(plan, one.start.date()), plan.weeks)
        if one.module in person.modules and random.random() < likelihood:
            at = one.start + timedelta(seconds=random.randint(_EARLY_S, _LATE_S))
            yield Act(at, person.number, Kind.TAP_IN, one.module)


def _moodle(plan: Plan, person: Person, random: Random) -> Iterator[Act]:
    for day in plan.days:
        likelihood = person.likelihood(week_of(plan, day), plan.weeks)
        if random.random() >= likelihood * (1.0 if plan.is_teaching(day) else 0.3):
            continue
        begun = datetime.combine(day, time(18)) + timedelta(seconds=random.randrange(3 * 3600))
        yield Act(begun, person.number, Kind.MOODLE_LOGIN, "")
        for view in range(random.randint(1, _MOST_VIEWS)):
            at = begun + timedelta(seconds=60 * view + random.randint(1, 59))
            module = random.choice(person.modules)
            yield Act(at, person.number, Kind.MOODLE_COURSE, module)


def _coursework(plan: Plan, person: Person, random: Random) -> Iterator[Act]:
    for day in due_days(plan):
        for module in person.modules:
            if random.random() < person.likelihood(week_of(plan, day), plan.weeks):
                at = datetime.combine(day, time(10)) + timedelta(seconds=random.randrange(14_000))
                yield Act(at - timedelta(days=2), person.number, Kind.FASER_VIEW, module)
                yield Act(at, person.number, Kind.FASER_UPLOAD, module)


def _reading(plan: Plan, person: Person, random: Random) -> Iterator[Act]:
    """Loans, reading lists and recordings."""
    for day in filter(plan.is_teaching, plan.days):
        likelihood = person.likelihood(week_of(plan, day), plan.weeks)
        for kind, hour, share in _AFTER_CLASS:
            if random.random() < share * likelihood:
                at = datetime.combine(day, time(hour)) + timedelta(seconds=random.randrange(3600))
                yield Act(at, person.number, kind, random.choice(person.modules))


def _elsewhere(plan: Plan, person: Person, random: Random) -> Iterator[Act]:
    """Moodle's mobile app, and PC labs."""
    for day in plan.days:
        likelihood = person.likelihood(week_of(plan, day), plan.weeks)
        if random.random() < _MOBILE_SHARE * likelihood:
            begun = datetime.combine(day, time(8)) + timedelta(seconds=random.randrange(2400))
            for look in range(random.randint(1, _MOST_LOOKS)):
                at = begun + timedelta(seconds=60 * look + random.randint(1, 59))
                yield Act(at, person.number, Kind.MOODLE_MOBILE, random.choice(person.modules))
        if plan.is_teaching(day) and random.random() < _LAB_SHARE * likelihood:
            at = datetime.combine(day, time(14)) + timedelta(seconds=random.randrange(7200))
            yield Act(at, person.number, Kind.PC_LOGIN, random.choice(person.modules))
