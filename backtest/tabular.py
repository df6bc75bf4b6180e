"""Courses from a university's own export: Parquet of events, CSV of outcomes.

The folder holds:
- `outcomes.csv`: a row a student and course: `student`, `first` and `last` day of registration
  (dates; `last` may be empty for who stayed), `outcome` (withdrawn, fail, pass, distinction, or
  empty); if need be `course`, `level`, `mode`, `programme`, `status` and `tutor`;
- `events*.parquet`: `student`, `kind`, `day` (a date; or `occurred_at`, a moment with its zone);
  if need be `count` (events of the row, 1 without it) and `course`;
- if need be `coursework.csv`: `student` (empty: everybody of the course), `due`, `met` (a date, or
  empty); if need be `course` and `kind` (faser_upload without it).
CSV files may be packed (`.csv.gz`). Without a column `course` all is one course, which begins with
the earliest registration and ends with the latest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from backtest.course import OUTCOMES, Course, History, Outcome
from backtest.csv_file import CsvFile, Row
from backtest.events import read_events
from connectors.oulad.files import find
from schemas.errors import SourceError
from schemas.types import Day, Kind
from scoring.days import day_of
from scoring.due_items import NEVER, DueItems
from scoring.profile import Profile
from scoring.rounding import DAY_PERCENT

ONE_COURSE: Final = "all"
_LONGEST_DAYS: Final = 2 * 366  # a course of more is a mistyped date


@dataclass(frozen=True, slots=True)
class _Enrolment:
    student: str
    first: Day
    last: Day | None
    outcome: Outcome
    profile: Profile
    tutor: str


@dataclass(slots=True)
class _Problems:
    """Sentences about what cannot be used; of many alike, the first few."""

    said: list[str] = field(default_factory=list)

    def about(self, row: Row, text: str) -> None:
        self.said.append(row.problem(text))


def read_tabular(folder: Path, zone: ZoneInfo) -> History:
    """Read a folder as above; `zone` is the campus's, by which a moment becomes a day.

    Raises SourceError for a file that is missing or lacks a column.
    """
    problems = _Problems()
    enrolments = _read_outcomes(folder, problems)
    bare = {name: _bare(name, of) for name, of in sorted(enrolments.items()) if of}
    items = _read_coursework(folder, bare, problems)
    counts, wrong = read_events(folder, bare, zone)
    courses = [
        _with(course, counts.get(name, {}), items.get(name, {})) for name, course in bare.items()
    ]
    ordered = sorted(courses, key=lambda one: (one.start, one.name))
    return History(ordered, [*problems.said, *wrong])


def is_tabular(folder: Path) -> bool:
    """Say whether a folder is of this layout."""
    return any(folder.glob("events*.parquet")) or any(folder.glob("outcomes.csv*"))


def _read_outcomes(folder: Path, problems: _Problems) -> dict[str, list[_Enrolment]]:
    file = CsvFile.at(Path(str(find(folder, "outcomes"))), ("student", "first", "last", "outcome"))
    found: dict[str, list[_Enrolment]] = {}
    seen: set[tuple[str, str]] = set()
    for row in file:
        course = row.cells.get("course") or ONE_COURSE
        read = _enrolment(row, problems)
        if read is None:
            continue
        if (course, read.student) in seen:
            problems.about(row, f"student {read.student!r} is in course {course} already")
            continue
        seen.add((course, read.student))
        found.setdefault(course, []).append(read)
    problems.said += file.problems
    return found


def _enrolment(row: Row, problems: _Problems) -> _Enrolment | None:
    cells = row.cells
    first, last = _day(row, "first", problems), _day(row, "last", problems)
    outcome = OUTCOMES.get(cells["outcome"].lower(), Outcome.UNKNOWN)
    if not cells["student"]:
        problems.about(row, "student is empty")
    elif cells["outcome"] and outcome is Outcome.UNKNOWN:
        problems.about(
            row, f"outcome {cells['outcome']!r} is none of {', '.join(OUTCOMES)}, nor empty"
        )
    elif first is None or (last is None and cells["last"]):
        if not cells["first"]:
            problems.about(row, "first is empty: the day from which the student is registered")
    elif last is not None and last < first:
        problems.about(row, f"ends before it starts: {cells['first']} to {cells['last']}")
    else:
        profile = Profile(
            cells.get("level", ""),
            cells.get("mode", ""),
            cells.get("programme", ""),
            cells.get("status", ""),
        )
        return _Enrolment(cells["student"], first, last, outcome, profile, cells.get("tutor", ""))
    return None


def _day(row: Row, column: str, problems: _Problems) -> Day | None:
    text = row.cells[column]
    if not text:
        return None
    try:
        return day_of(date.fromisoformat(text))
    except ValueError:
        problems.about(row, f"{column} {text!r} is no date such as 2025-01-13")
        return None


def _bare(name: str, enrolments: Sequence[_Enrolment]) -> Course:
    """Give a course without what its students did."""
    start = min(one.first for one in enrolments)
    ends = [one.last for one in enrolments if one.last is not None]
    if not ends:
        raise SourceError(
            f"outcomes: no student of course {name} has a last day, so its end is not known: fill"
            " in the last day of at least one"
        )
    last = max(ends)
    days = last - start + 1
    if days > _LONGEST_DAYS:
        raise SourceError(
            f"outcomes: course {name} lasts {days} days, more than {_LONGEST_DAYS}: correct the"
            " dates, or give each year's run a name of its own in the column course"
        )
    ordered = sorted(enrolments, key=lambda one: one.student)
    enrolled = np.zeros((days, len(ordered)), np.bool_)
    withdrew = np.full(len(ordered), NEVER)
    for column, one in enumerate(ordered):
        end = last if one.last is None else one.last
        enrolled[one.first - start : end - start + 1, column] = True
        if end < last and one.outcome is Outcome.WITHDRAWN:
            withdrew[column] = end + 1
    return Course(
        name=name,
        start=start,
        students=[one.student for one in ordered],
        counts={},
        coursework={},
        enrolled=enrolled,
        outcome=np.array([int(one.outcome) for one in ordered], np.int64),
        withdrew=withdrew,
        profiles=[one.profile for one in ordered],
        weight_percent=np.full((days, 1), DAY_PERCENT, np.int64),
        tutor=[one.tutor for one in ordered] if any(one.tutor for one in ordered) else (),
    )


def _read_coursework(
    folder: Path, courses: Mapping[str, Course], problems: _Problems
) -> dict[str, dict[Kind, list[tuple[int, int, int]]]]:
    """Give by course and kind: column, due, met."""
    found: dict[str, dict[Kind, list[tuple[int, int, int]]]] = {}
    if not any(folder.glob("coursework.csv*")):
        return found
    file = CsvFile.at(Path(str(find(folder, "coursework"))), ("student", "due", "met"))
    columns = {
        name: {student: place for place, student in enumerate(course.students)}
        for name, course in courses.items()
    }
    for row in file:
        name = row.cells.get("course") or ONE_COURSE
        kind = row.cells.get("kind") or Kind.FASER_UPLOAD.value
        due, met = _day(row, "due", problems), _day(row, "met", problems)
        student = row.cells["student"]
        if name not in courses:
            problems.about(row, f"course {name!r} is not in outcomes")
        elif kind not in list(Kind):
            problems.about(row, f"kind {kind!r} is none of {', '.join(Kind)}")
        elif student and student not in columns[name]:
            problems.about(row, f"student {student!r} is not in outcomes of course {name}")
        elif due is None or (met is None and row.cells["met"]):
            if not row.cells["due"]:
                problems.about(row, "due is empty")
        else:
            of_kind = found.setdefault(name, {}).setdefault(Kind(kind), [])
            whom = [columns[name][student]] if student else list(columns[name].values())
            of_kind += list(_expected(courses[name], whom, due, NEVER if met is None else met))
    problems.said += file.problems
    return found


def _expected(
    course: Course, whom: Sequence[int], due: int, met: int
) -> Iterator[tuple[int, int, int]]:
    row = due - course.start
    if 0 <= row < course.days:
        for column in whom:
            if course.enrolled[row, column]:
                yield column, due, met


def _with(
    course: Course,
    counts: Mapping[Kind, np.typing.NDArray[np.uint32]],
    items: Mapping[Kind, Sequence[tuple[int, int, int]]],
) -> Course:
    coursework = {}
    for kind, of_kind in items.items():
        student, due, met = np.array(sorted(of_kind), np.int64).reshape(-1, 3).T
        coursework[kind] = DueItems(student.copy(), due.copy(), met.copy())
    return replace(course, counts=counts, coursework=coursework)
