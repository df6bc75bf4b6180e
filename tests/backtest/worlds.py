"""Small courses of the past, drawn at random."""

from collections.abc import Iterable

import numpy as np
from hypothesis import strategies as st

from backtest.course import Course
from schemas.types import CircumstanceSort, Day, Kind, StudentId
from scoring.circumstance import Circumstance, extended
from scoring.due_items import NEVER, DueItems
from scoring.items import Item
from scoring.profile import Profile
from scoring.student_days import StudentDays

START = Day(16_000)
DEFAULT_KINDS = (Kind.MOODLE_COURSE, Kind.TAP_IN)


def course(
    seed: int = 0, *, students: int = 3, days: int = 40, name: str = "X", first: int = 0
) -> Course:
    """A course whose students come late, leave early, hand in early, late or never."""
    random = np.random.default_rng(seed)
    begins = random.integers(0, days // 2, students)
    ends = np.where(
        random.random(students) < 0.5, days, begins + random.integers(1, days, students)
    )
    day = np.arange(days)[:, np.newaxis]
    enrolled = (day >= begins) & (day < ends)
    items = 4 * students
    due = START + random.integers(0, days, items)
    met = np.where(random.random(items) < 0.7, due + random.integers(-9, 9, items), NEVER)
    student = np.sort(random.integers(0, students, items))
    outcome = random.integers(0, 4, students)
    return Course(
        name=name,
        start=START,
        students=[str(first + number) for number in range(students)],
        counts={
            kind: random.poisson(0.4, (days, students)).astype(np.uint32) for kind in DEFAULT_KINDS
        },
        coursework={Kind.FASER_UPLOAD: DueItems(student, due, met)},
        enrolled=enrolled,
        outcome=outcome,
        withdrew=np.where((outcome == 0) & (ends < days), START + ends, NEVER),
        profiles=[
            Profile("undergraduate", ("full_time", "part_time")[number % 2], "P", "enrolled")
            for number in range(students)
        ],
        weight_percent=np.where(day % 11 == 5, 0, 100).astype(np.int64),
    )


def circumstances(seed: int, of: Course) -> dict[str, list[Circumstance]]:
    """What each student is excused from: periods that may touch, of all kinds or of some."""
    random = np.random.default_rng(seed)
    said: dict[str, list[Circumstance]] = {}
    for column, name in enumerate(of.students):
        for _ in range(int(random.integers(0, 4))):
            first = START + int(random.integers(-5, of.days + 3))
            kinds = random.permutation([*DEFAULT_KINDS, Kind.FASER_UPLOAD])[: random.integers(0, 4)]
            one = Circumstance(
                StudentId(column),
                CircumstanceSort.PLACEMENT,
                tuple(sorted(map(Kind, kinds))),
                Day(first),
                Day(first + int(random.integers(0, 12))),
                int(random.choice([0, 0, 3, 9])),
                Day(first),
            )
            said.setdefault(name, []).append(one)
    return said


def days_of(
    of: Course, student: int, said: dict[str, list[Circumstance]], kinds: Iterable[Kind]
) -> StudentDays:
    """What the definition reads of a student of a course; of other `kinds` the files hold nothing.

    `of` is the course before anybody was excused.
    """
    own = said.get(of.students[student], [])
    items = of.coursework[Kind.FASER_UPLOAD]
    due = [
        Item(Day(int(day)), None if met == NEVER else Day(int(met)))
        for who, day, met in zip(items.student, items.due, items.met, strict=True)
        if who == student
    ]
    held = set(kinds)

    def counted(kind: Kind, day: Day) -> bool:
        row = day - of.start
        return kind in held and 0 <= row < of.days and bool(of.enrolled[row, student])

    return StudentDays(
        counts={
            kind: {Day(of.start + row): int(cells[row, student]) for row in range(of.days)}
            for kind, cells in of.counts.items()
        },
        weight_percent=lambda day: int(
            of.weight_percent[min(max(day - of.start, 0), of.days - 1), 0]
        ),
        counted=counted,
        excused=lambda kind, day: any(one.covers(kind, day) for one in own),
        items={Kind.FASER_UPLOAD: extended(Kind.FASER_UPLOAD, due, own)},
    )


seeds = st.integers(0, 2**32 - 1)
