"""The kernel, told day by day what students are excused from, gives what their records lead to."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given

from schemas.types import Day, Kind
from scoring import kernel
from scoring.circumstance import extended
from scoring.panel import Panel
from scoring.student_days import Moment
from tests.scoring.excused_worlds import (
    AMENDMENT,
    DAYS,
    POLICY,
    SHARES,
    Excused,
    excused_students,
    moments,
)
from tests.scoring.random_policies import FIRST_DAY
from tests.scoring.worlds import patiently, with_items


def panel_of(students: Sequence[Excused], at: Moment) -> Panel:
    """As an indicator at a moment knows it, cell by cell."""
    days = [Day(FIRST_DAY + number) for number in range(DAYS)]
    known = [
        [one for one in student.circumstances if one.is_known_to(at.complete, AMENDMENT)]
        for student in students
    ]
    counts = [[student.counts.get(day, 0) for student in students] for day in days]
    panel = Panel(
        FIRST_DAY,
        counts={Kind.MOODLE_COURSE: np.array(counts, np.uint32)},
        weight_percent=np.full((DAYS, 1), 100),
        counted=dict.fromkeys(POLICY.kinds, np.ones((DAYS, 1), np.bool_)),
        excused={
            kind: np.array(
                [[any(one.covers(kind, day) for one in some) for some in known] for day in days]
            )
            for kind in POLICY.kinds
        },
    )
    items = {
        kind: [
            [item for item in extended(kind, student.items[kind], some) if item.due in days]
            for student, some in zip(students, known, strict=True)
        ]
        for kind in SHARES
    }
    return with_items(panel, items)


@given(students=excused_students(), at=moments())
@patiently
def test_the_kernel_gives_what_the_records_lead_to(students: list[Excused], at: Moment) -> None:
    complete, as_of, seen = (np.array([day]) for day in (at.complete, at.as_of, at.seen))
    scores = kernel.evaluate(
        POLICY, panel_of(students, at), complete=complete, as_of=as_of, seen=seen
    )
    for column, student in enumerate(students):
        assert scores.indicator(0, column) == student.indicator(at)
