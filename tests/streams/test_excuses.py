"""What is kept in columns says of every day what the circumstances say one by one."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from schemas.types import KINDS, CircumstanceSort, Day, Kind, StudentId
from scoring.circumstance import Circumstance, extended
from scoring.items import Item
from streams.excuses import Excuses
from streams.students import Students

AMENDMENT = 4
STUDENTS = [StudentId(7), StudentId(3), StudentId(9)]
STRANGER = StudentId(5)
SOME = [Kind.TAP_IN, Kind.FASER_UPLOAD, Kind.MOODLE_COURSE]


@st.composite
def _circumstance(draw: st.DrawFn) -> Circumstance:
    first, declared = draw(st.integers(0, 30)), draw(st.integers(0, 40))
    later = draw(st.none() | st.integers(0, 10))
    return Circumstance(
        draw(st.sampled_from([*STUDENTS, STRANGER])),
        draw(st.sampled_from(CircumstanceSort)),
        tuple(sorted(draw(st.sets(st.sampled_from(SOME), max_size=3)))),
        Day(first),
        Day(first + draw(st.integers(0, 12))),
        draw(st.sampled_from([0, 0, 7, 14, 90])),
        Day(declared),
        None if later is None else Day(declared + later),
    )


CIRCUMSTANCES = st.lists(_circumstance(), max_size=8)
CLOSINGS = st.integers(-6, 50).map(Day)


def excuses_of(said: Sequence[Circumstance]) -> tuple[Excuses, list[Circumstance]]:
    """As a partition holds them, and the last record of each."""
    students = Students()
    for student in STUDENTS:
        students.rows_of(np.array([student]))
    excuses = Excuses(students, AMENDMENT)
    last = {(one.student, one.name): one for one in said}
    for one in said:
        excuses.take({(one.student, one.name): one})
    return excuses, list(last.values())


def excused(
    circumstances: Sequence[Circumstance], student: StudentId, kind: Kind, day: Day, closing: Day
) -> bool:
    return any(
        one.student == student and one.covers(kind, day) and one.is_known_to(closing, AMENDMENT)
        for one in circumstances
    )


@given(
    said=CIRCUMSTANCES,
    closing=CLOSINGS,
    rows=st.sets(st.integers(0, 2), min_size=1).map(sorted),
    start=st.integers(-3, 20),
    length=st.integers(1, 30),
)
def test_a_closing_knows_of_each_day_what_was_said_in_time(
    said: list[Circumstance], closing: Day, rows: list[int], start: int, length: int
) -> None:
    excuses, circumstances = excuses_of(said)
    days = np.arange(start, start + length)
    known = excuses.known_to(closing, days, np.array(rows))
    then = excuses.known_then(days, np.array(rows))
    for kind in KINDS:
        for found, by in ((known.of(kind), lambda day: closing), (then.of(kind), lambda day: day)):
            wanted = [
                [excused(circumstances, STUDENTS[row], kind, day, by(day)) for row in rows]
                for day in map(Day, days.tolist())
            ]
            none = np.zeros((length, len(rows)), np.bool_)
            assert (none if found is None else found).tolist() == wanted
    for some, both in ((known.from_any(SOME), any), (known.from_all(SOME), all)):
        wanted = [
            [
                both(excused(circumstances, STUDENTS[row], kind, day, closing) for kind in SOME)
                for row in rows
            ]
            for day in map(Day, days.tolist())
        ]
        assert (none if some is None else some).tolist() == wanted


@given(said=CIRCUMSTANCES, first=CLOSINGS, number=st.integers(2, 30))
def test_closings_between_two_edges_are_computed_together_and_each_looks_at_what_it_knows(
    said: list[Circumstance], first: Day, number: int
) -> None:
    """Up to the day behind it, which is in progress then."""
    excuses, circumstances = excuses_of(said)
    within = [edge for edge in excuses.edges() if first < edge < first + number]
    closings = np.arange(first, min(within, default=first + number))
    days = np.arange(first - 30, closings[-1] + 2)
    known = excuses.known_to(int(closings[-1]), days, np.arange(len(STUDENTS)))
    for kind in SOME:
        found = known.of(kind)
        for closing in map(Day, closings.tolist()):
            for row, student in enumerate(STUDENTS):
                for at, day in enumerate(map(Day, days[days <= closing + 1].tolist())):
                    wanted = excused(circumstances, student, kind, day, closing)
                    assert (found is not None and bool(found[at, row])) == wanted


@given(
    said=CIRCUMSTANCES,
    closing=CLOSINGS,
    items=st.lists(st.tuples(st.integers(0, 2), st.integers(-2, 45)), max_size=12),
    kind=st.sampled_from(SOME),
)
def test_what_is_due_within_a_circumstance_is_put_off_as_the_definition_says(
    said: list[Circumstance], closing: Day, items: list[tuple[int, int]], kind: Kind
) -> None:
    excuses, circumstances = excuses_of(said)
    rows, due = np.array(items, np.int64).reshape(-1, 2).T
    wanted = []
    for row, day in items:
        known = [
            one
            for one in circumstances
            if one.student == STUDENTS[row] and one.is_known_to(closing, AMENDMENT)
        ]
        wanted += [item.due for item in extended(kind, [Item(Day(day))], known)]
    assert excuses.extended(kind, rows, due, closing).tolist() == wanted


@given(said=CIRCUMSTANCES)
def test_what_is_said_again_concerns_nobody(said: list[Circumstance]) -> None:
    excuses, circumstances = excuses_of(said)
    again = {(one.student, one.name): one for one in circumstances}
    rows, closings = excuses.take(again)
    assert len(rows) == len(closings) == 0


def test_what_was_deleted_is_as_if_it_had_never_been_said() -> None:
    one = Circumstance(STUDENTS[1], CircumstanceSort.PLACEMENT, (), Day(5), Day(8), 0, Day(5))
    excuses, _ = excuses_of([one])
    days, rows = np.arange(10), np.arange(3)
    assert excuses.known_to(9, days, rows).of(Kind.TAP_IN) is not None
    whom, since = excuses.take({(one.student, one.name): None})
    assert (whom.tolist(), since.tolist()) == ([1], [4])
    assert excuses.known_to(9, days, rows).of(Kind.TAP_IN) is None
