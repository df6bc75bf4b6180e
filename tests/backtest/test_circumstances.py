"""The file of circumstances, as a backtest reads it: what is refused is told, the rest counts."""

from pathlib import Path

import numpy as np

from backtest.circumstances import excused, with_circumstances
from backtest.course import Course, History
from connectors.zones import Zone
from schemas.types import CircumstanceSort, Day, Kind, StudentId
from scoring.circumstance import Circumstance
from scoring.days import date_of
from tests.backtest.worlds import START, course

ZONE = Zone("Europe/London")


def _read(tmp_path: Path, rows: str, *courses: Course) -> History:
    file = tmp_path / "circumstances.csv"
    file.write_text("student,sort,first,last,kinds,extend_days\n" + rows)
    return with_circumstances(History(courses, ["before"]), file, ZONE)


def _row(student: str, first: int, last: int, rest: str = ",") -> str:
    return f"{student},placement,{date_of(START + first)},{date_of(START + last)},{rest}\n"


def test_days_count_for_the_named_kinds_in_every_course_of_the_student(tmp_path: Path) -> None:
    courses = course(1, name="X"), course(2, name="Y", first=1)
    rows = _row("1", -3, 4) + _row("2", 10, 99, "tap_in,")
    history = _read(tmp_path, rows, *courses)
    assert history.problems == ["before"]
    one, other = history.courses
    wholly = np.zeros((40, 3), np.bool_)
    wholly[:5, 1] = True
    assert (one.excused[Kind.MOODLE_COURSE] == wholly).all()
    assert one.excused[Kind.MOODLE_COURSE] is one.excused[Kind.FASER_UPLOAD]
    wholly[10:, 2] = True
    assert (one.excused[Kind.TAP_IN] == wholly).all()
    assert (other.excused[Kind.TAP_IN] == wholly[:, [1, 2, 0]]).all()
    chosen = np.array([False, True, True])
    assert (one.of(chosen).excused[Kind.TAP_IN] == wholly[:, 1:]).all()


def test_due_dates_are_put_off_and_beyond_the_end_nobody_sees_them(tmp_path: Path) -> None:
    of = course(1)
    history = _read(tmp_path, _row("1", 0, 39, ",7"), of)
    before = of.coursework[Kind.FASER_UPLOAD]
    after = history.courses[0].coursework[Kind.FASER_UPLOAD]
    for student in range(3):
        due = before.due[before.student == student]
        wanted = due + 7 if student == 1 else due
        got = after.due[after.student == student]
        assert got.tolist() == sorted(wanted[wanted < START + 40].tolist())


def test_rows_that_are_wrong_are_told_with_file_and_line_and_the_others_count(
    tmp_path: Path,
) -> None:
    rows = _row("1", 5, 4) + _row("nobody", 0, 1) + _row("2", 0, 1) + _row("2", 1, 3)
    history = _read(tmp_path, rows, course(1))
    _, *told = history.problems
    places = [f"circumstances.csv:{line}" for line in (2, 3, 5)]
    assert [problem.split(": ")[0] for problem in told] == places
    assert "nobody is known as" in told[1]
    assert history.courses[0].excused[Kind.TAP_IN].any(axis=0).tolist() == [False, False, True]


def test_a_file_that_excuses_nobody_changes_nothing(tmp_path: Path) -> None:
    of = course(1)
    assert _read(tmp_path, "", of).courses == [of]


def test_of_two_extensions_the_longer_one_holds_whichever_is_said_first() -> None:
    of = course(1)
    sort, last = CircumstanceSort.PLACEMENT, Day(START + 39)
    short, long = (
        Circumstance(StudentId(1), sort, (), START, last, days, START) for days in (2, 5)
    )
    one, other = (excused(of, {"1": said}) for said in ([short, long], [long, short]))
    wanted = excused(of, {"1": [long]}).coursework[Kind.FASER_UPLOAD].due.tolist()
    assert wanted != of.coursework[Kind.FASER_UPLOAD].due.tolist()
    for found in (one, other):
        assert found.coursework[Kind.FASER_UPLOAD].due.tolist() == wanted
