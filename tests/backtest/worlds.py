"""Small courses of the past, drawn at random."""

import numpy as np
from hypothesis import strategies as st

from backtest.course import Course
from schemas.types import Day, Kind
from scoring.due_items import NEVER, DueItems
from scoring.profile import Profile

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


seeds = st.integers(0, 2**32 - 1)
