"""A small world for partitions: a log, its marks, and what a plain reader makes of it in one pass.

The oracle below shares nothing with streams/ but the plain types: it reads the whole log, keeps
dictionaries, and asks `scoring.reference` about one student and one day at a time.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from broker.slices import Slice
from schemas.types import Band, Day, Kind, Status, StudentId
from scoring.indicator import Indicator
from scoring.policy import Policy, parse_policy
from scoring.reference import evaluate
from streams.campus import DAY_MS
from streams.horizon import Horizon
from streams.intake import Events
from streams.marks import Marks, Position
from streams.source import Piece
from streams.students import Period

FIRST: Day = Day(16_000)
FEEDS = {Kind.MOODLE_COURSE: "clicks", Kind.FASER_UPLOAD: "uploads"}
TOPICS = {kind: f"activity.{kind}" for kind in FEEDS}
HORIZON = Horizon(look_back=10, amendment=4, ahead=6, margin=2)

POLICY: Policy = parse_policy(
    """
version: 1
valid_from: 2000-01-01
title: test
look_back_days: 10
amendment_days: 4
minimum_counted_days: 2
minimum_weight_share: 0.5
thresholds: {low: 20, partial: 45, good: 65, high: 85}
kinds:
  moodle_course:
    {weight: 3, window_days: 5, measure: days, saturation_per_week: 5, feeds: [clicks]}
  faser_upload:
    {weight: 1, window_days: 8, measure: events, saturation_per_week: 2, feeds: [uploads]}
"""
)


@dataclass(frozen=True)
class Event:
    """Something that happened on `day` and was appended on `log_day`."""

    kind: Kind
    student: StudentId
    day: Day
    log_day: Day
    id: int


@dataclass
class Log:
    """Events by topic in order of offset, and where the marks of each day stand."""

    events: Mapping[Kind, Sequence[Event]]
    last: Day  # the last marked day

    def mark_offset(self, kind: Kind, day: Day) -> int:
        return sum(event.log_day <= day for event in self.events[kind])

    def marks(self, through: Day) -> Marks:
        found = Marks()
        for day in range(FIRST, through + 1):
            self.add_marks(found, Day(day))
        return found

    def add_marks(self, marks: Marks, day: Day) -> None:
        for kind, feed in FEEDS.items():
            marks.add(feed, day, [Position(TOPICS[kind], 0, self.mark_offset(kind, day))])

    def piece(self, kind: Kind, start: int, end: int) -> Piece:
        events = self.events[kind][start:end]
        days = np.array([event.day for event in events], np.int64)
        noon = days * DAY_MS + DAY_MS // 2
        return Piece(
            Slice(start, end, ()),
            Events(
                offsets=np.arange(start, end),
                appended_ms=noon,
                occurred_ms=noon,
                days=days,
                students=np.array([event.student for event in events], np.int64),
                ids=np.array([event.id for event in events], np.uint64),
            ),
        )


@dataclass
class Truth:
    """What a reader of the whole log says."""

    closings: dict[tuple[StudentId, Day], Indicator] = field(default_factory=dict)
    states: dict[StudentId, tuple[Status, Band]] = field(default_factory=dict)
    daily: dict[tuple[StudentId, Day], dict[Kind, int]] = field(default_factory=dict)
    too_late: int = 0
    future: int = 0
    duplicate: int = 0
    applied: int = 0


def read_in_one_pass(log: Log, periods: Mapping[StudentId, Sequence[Period]]) -> Truth:
    truth = Truth()
    seen: set[int] = set()
    counted: list[Event] = []
    for kind in FEEDS:
        for event in log.events[kind]:
            log_day = min(event.log_day, Day(log.last + 1))
            if event.day < log_day - HORIZON.behind or event.day < FIRST - HORIZON.behind:
                truth.too_late += 1
            elif event.day > log_day + 1:
                truth.future += 1
            elif event.id in seen:
                truth.duplicate += 1
            else:
                seen.add(event.id)
                counted.append(event)
                truth.applied += 1
    daily: dict[tuple[StudentId, Day], dict[Kind, int]] = defaultdict(lambda: defaultdict(int))
    for event in counted:
        daily[event.student, event.day][event.kind] += 1
    truth.daily = {key: dict(counts) for key, counts in daily.items() if key[1] <= log.last}
    students = set(periods) | {event.student for event in counted}
    for student in students:
        of_student = [event for event in counted if event.student == student]
        spans = periods.get(student, ())
        for number in range(FIRST, log.last + 1):
            day = Day(number)
            if _lies_in(spans, day):
                truth.closings[student, day] = _closing(of_student, spans, day)
        truth.states[student] = _state(of_student, spans, log.last, student in periods)
    return truth


def _closing(events: Sequence[Event], spans: Sequence[Period], day: Day) -> Indicator:
    """An event that came too late for this closing is not in it."""
    counts: dict[Kind, dict[Day, int]] = {kind: defaultdict(int) for kind in FEEDS}
    for event in events:
        if event.day <= day and event.log_day - HORIZON.amendment <= day:
            counts[event.kind][event.day] += 1
    return evaluate(
        POLICY,
        counts=counts,
        complete=day,
        as_of=Day(day + 1),
        seen=day,
        weight_percent=lambda _: 100,
        counted=lambda _, d: _lies_in(spans, d),
    )


def _state(
    events: Sequence[Event], spans: Sequence[Period], last: Day, is_known: bool
) -> tuple[Status, Band]:
    if not _lies_in(spans, Day(last + 1)):
        return (Status.NOT_ENROLLED if is_known else Status.UNKNOWN_STUDENT), Band.NONE
    indicator = _closing(events, spans, last)
    return indicator.status, indicator.band


def _lies_in(spans: Sequence[Period], day: Day) -> bool:
    return any(s.start <= day and (s.end is None or day <= s.end) for s in spans)
