"""Folders of history: what is good is taken, what is not is told with file, line and reason."""

from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from backtest.course import Course, Outcome
from backtest.oulad import read_oulad
from backtest.reading import read_history
from backtest.statistical_groups import read_groups
from schemas.errors import SourceError
from schemas.types import Kind
from scoring.due_items import NEVER
from tests.backtest.worlds import course
from tests.connectors.oulad.folders import write

ZONE = ZoneInfo("Europe/London")
INFO = "code_module,code_presentation,id_student,gender,final_result"


def _oulad(folder: Path, results: list[str], **rows: list[str]) -> Path:
    write(folder, **rows)
    (folder / "studentInfo.csv").write_text("\n".join([INFO, *results, ""]))
    return folder


RESULTS = ["AAA,2013J,11,M,Pass", "AAA,2013J,12,F,Withdrawn", "AAA,2014J,12,F,Fail"]


def test_a_folder_of_the_dataset_becomes_its_presentations(tmp_path: Path) -> None:
    first, second = read_oulad(_oulad(tmp_path, RESULTS)).courses
    assert (first.name, second.name) == ("AAA-2013J", "AAA-2014J")
    assert first.students == ["11", "12"]
    assert first.counts[Kind.MOODLE_COURSE][:2].tolist() == [[2, 0], [0, 3]]
    assert first.outcome.tolist() == [Outcome.PASS, Outcome.WITHDRAWN]
    items = first.coursework[Kind.FASER_UPLOAD]
    assert (items.due - first.start).tolist() == [4, 4]
    assert items.met.tolist() == [first.start + 3, NEVER]


def _split(folder: Path, *modules: str) -> Path:
    """The same folder twice over, as files of modules of their own."""
    plain = _oulad(folder / "plain", RESULTS)
    for file in plain.iterdir():
        text = file.read_text()
        for module in modules:
            (folder / f"{file.stem}.{module}.csv").write_text(text.replace("AAA", module))
    return folder


def test_modules_may_have_files_of_their_own_and_students_in_several(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    history = read_oulad(_split(tmp_path, "AAA", "BBB"))
    names = ["AAA-2013J", "BBB-2013J", "AAA-2014J", "BBB-2014J"]
    assert [course.name for course in history.courses] == names
    assert not history.problems
    one, other, *_ = history.courses
    assert one.students == other.students == ["11", "12"]
    assert (one.counts[Kind.MOODLE_COURSE] == other.counts[Kind.MOODLE_COURSE]).all()


def test_a_module_without_one_of_its_files_is_named(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    folder = _split(tmp_path, "AAA", "BBB")
    (folder / "studentVle.BBB.csv").unlink()
    with pytest.raises(SourceError, match=r"files of BBB.*holds no studentVle"):
        read_oulad(folder)


def test_a_file_that_is_there_for_all_and_for_a_module_would_count_twice(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    folder = _split(tmp_path, "AAA", "BBB")
    (folder / "courses.csv").write_text((folder / "courses.AAA.csv").read_text())
    with pytest.raises(SourceError, match="rows count twice"):
        read_oulad(folder)
    (folder / "courses.csv").unlink()
    for file in folder.glob("*.BBB.csv"):
        file.write_text(file.read_text().replace("BBB", "AAA"))
    with pytest.raises(SourceError, match="in the files of several modules"):
        read_oulad(folder)


def test_bad_rows_are_told_with_file_line_and_reason_and_the_rest_is_taken(
    tmp_path: Path,
) -> None:
    results = ["AAA,2013J,11,M,Excellent", *RESULTS[1:]]
    history = read_oulad(
        _oulad(tmp_path, results, studentVle=["AAA,2013J,11,1,0,2", "AAA,2013J,11,1,soon,2"])
    )
    assert history.courses[0].counts[Kind.MOODLE_COURSE].sum() == 2
    assert [problem.split(" ")[0] for problem in history.problems[:2]] == [
        "studentInfo.csv:2:",
        "studentVle.csv:3:",
    ]
    assert "Excellent" in history.problems[0]
    assert history.courses[0].outcome.tolist() == [Outcome.UNKNOWN, Outcome.WITHDRAWN]


def test_a_student_of_two_modules_at_once_is_in_both(tmp_path: Path) -> None:
    history = read_oulad(
        _oulad(
            tmp_path,
            ["AAA,2013J,11,M,Pass", "BBB,2013J,11,M,Fail"],
            courses=["AAA,2013J,10", "BBB,2013J,10"],
            studentRegistration=["AAA,2013J,11,-30,", "BBB,2013J,11,-30,"],
        )
    )
    assert [one.students for one in history.courses] == [["11"], ["11"]]
    assert history.problems == []


def test_what_was_carried_over_was_not_due(tmp_path: Path) -> None:
    rows = ["1752,11,-1,True,78"]
    (first, _) = read_oulad(_oulad(tmp_path, RESULTS, studentAssessment=rows)).courses
    assert first.coursework[Kind.FASER_UPLOAD].student.tolist() == [1]


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    clicks = [f"AAA,2013J,{11 + n % 2},1,{n % 5},{n + 1}" for n in range(12)]
    for name, rows in (("one", clicks), ("other", clicks[::-1])):
        (tmp_path / name).mkdir()
        _oulad(tmp_path / name, RESULTS if name == "one" else RESULTS[::-1], studentVle=rows)
    (one, _), (other, _) = (read_oulad(tmp_path / name).courses for name in ("one", "other"))
    assert (one.counts[Kind.MOODLE_COURSE] == other.counts[Kind.MOODLE_COURSE]).all()
    assert (one.outcome == other.outcome).all()


def _day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)


def _export(folder: Path, of: Course) -> None:
    outcomes = ["student,first,last,outcome"]
    for column, name in enumerate(of.students):
        days = np.flatnonzero(of.enrolled[:, column])
        first, last = _day(of.start + int(days[0])), _day(of.start + int(days[-1]))
        outcome = Outcome(int(of.outcome[column])).name.lower()
        outcomes.append(f"{name},{first},{last},{outcome}")
    (folder / "outcomes.csv").write_text("\n".join([*outcomes, ""]))
    items = of.coursework[Kind.FASER_UPLOAD]
    coursework = [
        f"{of.students[who]},{_day(due)},{'' if met == NEVER else _day(met)}"
        for who, due, met in zip(
            items.student.tolist(), items.due.tolist(), items.met.tolist(), strict=True
        )
    ]
    (folder / "coursework.csv").write_text("\n".join(["student,due,met", *coursework, ""]))
    rows = [
        (of.students[student], kind.value, _day(of.start + int(row)), int(cells[row, student]))
        for kind, cells in of.counts.items()
        for row, student in np.argwhere(cells)
    ]
    pl.DataFrame(rows, schema=["student", "kind", "day", "count"], orient="row").write_parquet(
        folder / "events.parquet"
    )


def test_what_is_written_as_parquet_and_csv_is_read_back(tmp_path: Path) -> None:
    of = course(7, students=6)
    _export(tmp_path, of)
    history = read_history(tmp_path, ZONE)
    (read,) = history.courses
    assert history.problems == []
    first = read.start - of.start  # a course begins with its first registration
    rows = slice(first, first + read.days)
    assert (read.enrolled == of.enrolled[rows]).all()
    for kind, cells in of.counts.items():
        assert (read.counts[kind] == cells[rows]).all()
    assert (read.outcome == of.outcome).all()
    items = of.coursework[Kind.FASER_UPLOAD]
    was_there = of.enrolled[items.due - of.start, items.student]
    wanted = sorted(
        zip(items.student[was_there], items.due[was_there], items.met[was_there], strict=True)
    )
    told = read.coursework[Kind.FASER_UPLOAD]
    assert sorted(zip(told.student, told.due, told.met, strict=True)) == wanted


def test_bad_rows_of_an_export_are_told_and_the_rest_is_taken(tmp_path: Path) -> None:
    (tmp_path / "outcomes.csv").write_text(
        "student,first,last,outcome\n"
        "a,2025-01-13,2025-03-31,pass\n"
        "b,2025-01-13,2025-02-30,fail\n"
        "c,2025-03-01,2025-02-01,fail\n"
        "d,2025-01-13,,perhaps\n"
        "a,2025-01-13,,fail\n"
    )
    rows = [
        ("a", "moodle_course", date(2025, 1, 14), 2),
        ("z", "moodle_course", date(2025, 1, 14), 2),
        ("a", "teleport", date(2025, 1, 14), 2),
        ("a", "moodle_course", date(2025, 1, 15), -1),
    ]
    pl.DataFrame(rows, schema=["student", "kind", "day", "count"], orient="row").write_parquet(
        tmp_path / "events.parquet"
    )
    history = read_history(tmp_path, ZONE)
    (read,) = history.courses
    assert read.students == ["a"]
    assert read.counts[Kind.MOODLE_COURSE].sum() == 2
    places = [problem.split(": ")[0:2] for problem in history.problems]
    assert [place[0] for place in places[:4]] == [f"outcomes.csv:{line}" for line in (3, 4, 5, 6)]
    assert places[4:] == [["events.parquet", f"row {row}"] for row in (2, 3, 4)]


def test_a_moment_becomes_the_day_of_the_campus(tmp_path: Path) -> None:
    (tmp_path / "outcomes.csv").write_text(
        "student,first,last,outcome\na,2025-06-01,2025-06-30,pass\n"
    )
    pl.DataFrame({"student": ["a"], "kind": ["tap_in"], "occurred_at": [0]}).with_columns(
        pl.lit("2025-06-10T23:30:00Z").str.to_datetime(time_zone="UTC").alias("occurred_at")
    ).write_parquet(tmp_path / "events.parquet")
    (read,) = read_history(tmp_path, ZONE).courses
    assert np.flatnonzero(read.counts[Kind.TAP_IN][:, 0]).tolist() == [10]  # the 11th, in summer


@pytest.mark.parametrize("folder", ["empty", "missing"])
def test_a_folder_that_is_no_history_is_refused_in_a_sentence(tmp_path: Path, folder: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=str(tmp_path)):
        read_history(tmp_path / folder, ZONE)


def test_small_groups_are_suppressed_and_never_a_single_one(tmp_path: Path) -> None:
    of = course(3, students=60)
    value = ["x"] * 30 + ["y"] * 25 + ["z"] * 5
    file = tmp_path / "groups.csv"
    rows = [f"{name},{letter}" for name, letter in zip(of.students, value, strict=True)]
    file.write_text("\n".join(["student,team", *rows, "nobody,x", ""]))
    groups = read_groups(file, [of])
    assert [(group.value, group.students) for group in groups.reported] == [("x", 30)]
    assert groups.suppressed == {"team": 2}
    assert groups.problems == ["groups.csv:62: student 'nobody' is in none of the courses"]
