"""A small world for one partition: a log that grows, its marks, gaps and policies, and the day.

Two clocks: in a replay a day is over when it is marked; by the wall when the world says so.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from broker.slices import Slice
from schemas.types import Clock, Day, Kind, StudentId
from scoring.calendar import Calendar, Entry, Sort, Weights
from scoring.circumstance import Circumstance
from scoring.items import NAMED_BY
from scoring.policy import Policy, parse_policy
from scoring.profile import Profile
from streams.campus import DAY_MS, CampusDays, as_date
from streams.clocks import LogClock, ReplayClock, WallClock
from streams.gaps import Gap
from streams.horizon import Horizon
from streams.intake import Events
from streams.item_words import Words, met_by
from streams.marks import Marks, Position
from streams.source import Piece
from streams.sponsorships import Sponsored
from streams.students import Period

FIRST: Day = Day(16_000)
FEEDS = {Kind.MOODLE_COURSE: "clicks", Kind.FASER_UPLOAD: "uploads"}
TOPICS = {kind: f"activity.{kind}" for kind in FEEDS}
STUDENTS = [StudentId(11), StudentId(12), StudentId(13)]
ITEMS = ["essay", "report"]
HORIZON = Horizon(look_back=10, amendment=4, ahead=45, margin=2, early=9, extension=8)
CAMPUS = CampusDays(ZoneInfo("UTC"))

_POLICY = """
version: {version}
valid_from: {valid_from}
title: test
look_back_days: 10
amendment_days: 4
mark_deadline_hours: 36
minimum_counted_days: 2
minimum_weight_share: 0.5
thresholds: {{low: {low}, partial: 45, good: 65, high: 85}}
kinds:
"""
_CLICKS = """
  moodle_course:
    {weight: 3, window_days: 5, measure: days, saturation_per_week: 5, feeds: [clicks]}
"""
_UPLOADS = """
  faser_upload:
    {weight: 1, window_days: 8, measure: events, saturation_per_week: 2, feeds: [uploads]}
"""
_EVENTS = "measure: events, saturation_per_week: 2"
_SHARES = "measure: share, saturation_share: 0.75"
_FOR_SOME = """
  moodle_course:
    weight: 3
    window_days: 5
    part_time_window_days: 9
    measure: days
    saturation_per_week: 5
    feeds: [clicks]
  faser_upload:
    weight: 1
    window_days: 8
    {measure}
    feeds: [uploads]
    switched_off: [{{first: {off}, last: {on}, reason: the building is closed}}]
not_scored:
  - where: {{status: [withdrawn]}}
    reason: the student has withdrawn
  - where: {{level: [research]}}
    reason: research degrees work otherwise
overrides:
  - where: {{level: [foundation]}}
    reason: smaller steps
    thresholds: {{low: 5, partial: 15, good: 35, high: 50}}
    kinds:
      moodle_course: {{weight: 2, window_days: 3}}
"""
PROFILES = [
    Profile("undergraduate", "full_time", "History", "enrolled"),
    Profile("undergraduate", "part_time", "History", "enrolled"),
    Profile("foundation", "part_time", "Law", "enrolled"),
    Profile("research", "full_time", "Law", "enrolled"),
    Profile("research", "full_time", "Law", "withdrawn"),
]
_ALERTS = """
alerts:
  - name: low_twice
    rule: band_at_or_below
    band: low
    closings: 2
    cool_down_days: 3
    suggestion: ask
  - {name: dropped, rule: band_drop, bands: 2, within_days: 4, suggestion: ask}
"""
_NUDGE = """
  - {name: silent, rule: no_activity, counted_days: 3, cool_down_days: 2, suggestion: write}
"""


_CONTACTS = """
compliance:
  rules:
    - name: few_contacts
      rule: contact_points
      basis: a duty
      kinds: [{kinds}]
      at_least: 2
      within_days: 4
"""
_MISSED = """
    - {name: missed, rule: missed_in_a_row, basis: another, kinds: [faser_upload], items: 1}
"""


_OVERDUE = """
  - name: overdue
    rule: overdue_and_silent
    kind: faser_upload
    overdue_days: 2
    silent_days: 2
    suggestion: ask
"""


def policy_of(
    version: int,
    valid_from: Day,
    *,
    low: int = 20,
    has_uploads: bool = True,
    for_some: bool = False,
    has_shares: bool = False,
    has_contacts: bool = False,
) -> Policy:
    """`for_some`: with rules that hold for some students, or for a time.

    `has_shares`: uploads are measured by what was due, and what is overdue may raise an alert.
    `has_contacts`: with compliance rules, which are other ones where there are uploads.
    """
    has_all = has_uploads or for_some
    both = "moodle_course, faser_upload" if for_some else "moodle_course"
    compliance = has_contacts * (_CONTACTS.format(kinds=both) + _MISSED * has_all)
    head = _POLICY.format(version=version, valid_from=as_date(valid_from), low=low)
    if for_some:
        off, on = as_date(valid_from + 5), as_date(valid_from + 8)
        measure = (_SHARES if has_shares else _EVENTS).replace(", ", "\n    ")
        kinds = _FOR_SOME.format(off=off, on=on, measure=measure)
        return parse_policy(head + kinds + _ALERTS + _NUDGE + _OVERDUE * has_shares + compliance)
    uploads = _UPLOADS.replace(_EVENTS, _SHARES) if has_shares else _UPLOADS
    kinds, alerts = _CLICKS + uploads * has_uploads, _ALERTS + _NUDGE * has_uploads
    return parse_policy(head + kinds + alerts + _OVERDUE * has_shares + compliance)


def calendar_of(first: Day, days: int, weight: int, has_weekends: bool) -> Calendar:
    """Days that weigh something else, and that overlap with a closure in the middle."""
    entries = [
        Entry(Sort.READING_WEEK, first, Day(first + days), weight, "reading week"),
        Entry(Sort.CLOSURE, Day(first + days // 2), Day(first + days // 2), 0, ""),
    ]
    weekdays = (100, 100, 100, 100, 100, 50, 0) if has_weekends else (100,) * 7
    return Calendar.of(entries, Weights(), weekdays)


@dataclass(frozen=True)
class Event:
    """What a record says; `appended` is the day of the wall on which it was."""

    kind: Kind
    student: StudentId
    day: Day
    id: int
    revision: int = 0
    retracts: bool = False
    item: str | None = None
    """What it says that it meets."""
    appended: Day = FIRST

    @property
    def word(self) -> int:
        """One word for id, student and kind together, as `streams.intake` makes it."""
        name = f"{self.kind}/{self.student}/{self.id}".encode()
        return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest())

    @property
    def rank(self) -> int:
        return 2 * self.revision + self.retracts


def items_of(kind: Kind, events: Sequence[Event]) -> Words:
    """As `streams.intake` finds them in the columns of events."""
    if kind not in NAMED_BY:
        return np.zeros(len(events), np.uint64)
    texts = pl.Series([event.item for event in events], dtype=pl.String)
    return met_by(texts, np.array([event.student for event in events], np.int64), kind)


@dataclass(frozen=True)
class Due:
    """A record of an item, or that it was deleted."""

    student: StudentId
    item: str
    kind: Kind
    day: Day
    is_deleted: bool = False


@dataclass(frozen=True)
class Mark:
    """Everything of `feed` up to `day` lies below `offset`; written on a day of the wall."""

    feed: str
    day: Day
    offset: int
    written: Day


@dataclass
class World:
    """What lies on the topics that a partition reads; `day` is the one in progress."""

    clock: Clock
    periods: dict[StudentId, Sequence[Period]]
    day: Day = FIRST
    events: dict[Kind, list[Event]] = field(default_factory=lambda: {kind: [] for kind in FEEDS})
    marks: list[Mark] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=lambda: [policy_of(1, Day(FIRST - 100))])
    gaps: list[Gap] = field(default_factory=list)
    dues: list[Due] = field(default_factory=list)
    circumstances: list[Circumstance] = field(default_factory=list)
    sponsorships: list[tuple[StudentId, tuple[Sponsored, ...] | None]] = field(default_factory=list)
    """What was said, in order; None: the record was deleted."""
    calendars: list[tuple[Day, Calendar]] = field(default_factory=list)
    """By version, from 1 on: the first day whose closing is computed by it, and what it says."""

    @property
    def now_ms(self) -> int:
        """One o'clock; events happen at noon."""
        return self.day * DAY_MS + 13 * DAY_MS // 24

    def publish(self, event: Event) -> None:
        self.events[event.kind].append(replace(event, appended=self.day))

    def mark(self, kind: Kind, day: Day) -> None:
        self.marks.append(Mark(FEEDS[kind], day, len(self.events[kind]), self.day))

    def last_marked(self, kind: Kind) -> Day:
        """The day before the first where there is none."""
        days = [mark.day for mark in self.marks if mark.feed == FEEDS[kind]]
        return max(days, default=Day(FIRST - 1))

    def expected(self) -> dict[tuple[StudentId, str], Due]:
        """Of each item the last record."""
        last = {(due.student, due.item): due for due in self.dues}
        return {key: due for key, due in last.items() if not due.is_deleted}

    def declared(self) -> dict[tuple[StudentId, str], Circumstance]:
        """Of each circumstance the last record."""
        return {(one.student, one.name): one for one in self.circumstances}

    def sponsored(self, student: StudentId) -> tuple[Sponsored, ...]:
        """By the last record of the student."""
        return dict(self.sponsorships).get(student) or ()

    def piece(self, kind: Kind, start: int, end: int) -> Piece:
        """A slice of a topic, decoded."""
        events = self.events[kind][start:end]
        days = np.array([event.day for event in events], np.int64)
        appended = np.array([event.appended for event in events], np.int64)
        return Piece(
            Slice(start, end, ()),
            Events(
                offsets=np.arange(start, end),
                appended_ms=appended * DAY_MS + 13 * DAY_MS // 24,
                occurred_ms=days * DAY_MS + DAY_MS // 2,
                days=days,
                students=np.array([event.student for event in events], np.int64),
                ids=np.array([event.word for event in events], np.uint64),
                ranks=np.array([event.rank for event in events], np.int64),
                items=items_of(kind, events),
            ),
        )

    def read_marks(self, marks: Marks, clock: LogClock, start: int) -> None:
        """What `streams.reference` does with the marks from a position on."""
        for mark in self.marks[start:]:
            kind = next(kind for kind, feed in FEEDS.items() if feed == mark.feed)
            written_ms = mark.written * DAY_MS + 13 * DAY_MS // 24
            marks.add(
                mark.feed,
                mark.day,
                [Position(TOPICS[kind], 0, mark.offset)],
                marked_on=clock.marked_on(mark.day, written_ms),
            )

    def new_clock(self, marks: Marks) -> LogClock:
        return ReplayClock(marks) if self.clock is Clock.REPLAY else WallClock(CAMPUS)
