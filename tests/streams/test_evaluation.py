"""What workers hold in columns leads to the indicators that the records of each student lead to."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from hypothesis import example, given, settings

from schemas.types import KINDS, CircumstanceSort, Day, Kind
from scoring.circumstance import Circumstance
from scoring.items import Item
from scoring.student_days import Moment
from streams.calendars import Calendars
from streams.evaluation import Evaluated, ask, evaluate_together
from streams.excuses import Excuses
from streams.expected import Expectations
from streams.gaps import NO_LACKS
from streams.hindsight import Hindsight
from streams.horizon import Horizon
from streams.item_words import met_by
from streams.items import Items
from streams.students import Period, Students
from streams.window import KIND_ROW, Window
from tests.scoring.excused_worlds import (
    AMENDMENT,
    CLOSED,
    DAYS,
    LONGEST_EXTENSION,
    LOOK_BACK,
    POLICY,
    SHARES,
    STUDENTS,
    Excused,
    excused_students,
    moments,
)
from tests.scoring.random_policies import FIRST_DAY
from tests.scoring.worlds import patiently

Integers = np.ndarray[tuple[int], np.dtype[np.int64]]
HORIZON = Horizon(LOOK_BACK, AMENDMENT, ahead=9, early=9, extension=LONGEST_EXTENSION)


class Held:
    """A partition's state, as the log would leave it."""

    def __init__(self, students: Sequence[Excused]) -> None:
        self.students = Students()
        self.rows = np.arange(len(STUDENTS))
        for one in STUDENTS:
            self.students.rows_of(np.array([one]))
        self.students.set_periods(self.rows, [[Period(Day(0), None)]] * len(STUDENTS))
        self.excuses = Excuses(self.students, AMENDMENT)
        self.items = Items(self.students, self.excuses, HORIZON)
        self.window = Window(FIRST_DAY, DAYS, self.students.capacity)
        self.items.move_to(FIRST_DAY)
        self._next_id = 1
        for row, student in enumerate(students):
            self.excuses.take({(said.student, said.name): said for said in student.circumstances})
            for day, number in student.counts.items():
                kinds = np.full(number, KIND_ROW[Kind.MOODLE_COURSE])
                days, rows = np.full(number, day), np.full(number, row)
                self.window.add(kinds, days, rows, self._ids(number), np.zeros(number, np.int64))
            for kind in SHARES:
                self._expect(row, kind, student)

    def _expect(self, row: int, kind: Kind, student: Excused) -> None:
        for number, item in enumerate(student.items[kind]):
            name, whose = pl.Series([f"{kind} {number}"]), np.array([STUDENTS[row]])
            place, due = np.array([KINDS.index(kind)]), np.array([item.due])
            self.items.expect(Expectations.of(whose, name, place, due))
            if item.met is not None:
                day = np.array([item.met])
                word = met_by(name, whose, kind)
                self.items.meetings.add(word, self._ids(1), day, day * 0, day - AMENDMENT)

    def _ids(self, number: int) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
        self._next_id += number
        return np.arange(self._next_id - number, self._next_id, dtype=np.uint64)

    def evaluate(self, complete: Integers, as_of: Integers, seen: Integers) -> Evaluated:
        asked = ask(
            POLICY,
            self.students,
            self.window,
            self.items,
            self.rows,
            complete=complete,
            as_of=as_of,
            seen=seen,
            lacks=NO_LACKS,
            excuses=self.excuses,
            unknown=Hindsight(AMENDMENT, Day(0)).unknown_to(int(complete[0])),
            groups=None,
            calendar=Calendars().on(int(complete[0])),
        )
        return evaluate_together([asked])[0]


PUT_OFF = CLOSED.start + 6
EARLY = Circumstance(
    STUDENTS[0],
    CircumstanceSort.PLACEMENT,
    (Kind.FASER_UPLOAD,),
    Day(PUT_OFF),
    Day(PUT_OFF),
    2,
    Day(PUT_OFF),  # known four days before, in the middle of the run
)
NOTHING = Excused({}, dict.fromkeys(SHARES, ()), ())
ESSAY = replace(NOTHING, items={**NOTHING.items, Kind.FASER_UPLOAD: [Item(Day(PUT_OFF))]})


@given(students=excused_students())
@example([replace(ESSAY, circumstances=[EARLY]), NOTHING, NOTHING])
@settings(patiently, max_examples=30)
def test_closings_computed_together_are_what_the_records_lead_to(students: list[Excused]) -> None:
    held, closed = Held(students), np.arange(CLOSED.start, CLOSED.stop - 1)
    for run in np.split(closed, np.searchsorted(closed, held.excuses.edges())):
        if len(run):
            scores = held.evaluate(run, run + 1, run).scores
            for at, day in enumerate(run.tolist()):
                for row, student in enumerate(students):
                    wanted = student.indicator(Moment.closing(Day(day)))
                    assert scores.indicator(at, row) == wanted, (day, row)


@given(students=excused_students(), at=moments())
@patiently
def test_an_indicator_of_the_day_in_progress_is_what_the_records_lead_to(
    students: list[Excused], at: Moment
) -> None:
    complete, as_of, seen = (np.array([day]) for day in (at.complete, at.as_of, at.seen))
    scores = Held(students).evaluate(complete, as_of, seen).scores
    for row, student in enumerate(students):
        assert scores.indicator(0, row) == student.indicator(at)
