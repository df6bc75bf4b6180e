"""Statistical groups of students, from a file of their own: for reports, never for scoring.

Such a file may hold what a policy must not know (`scoring.special_category`): here it serves
statistics on equality of opportunity. Groups of fewer than `FLOOR` students are not reported, and
where that would leave a single one out, which could then be told from the rest, a second is left
out with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backtest.course import Course
from backtest.csv_file import CsvFile, Row
from schemas.errors import SourceError

_Cells = NDArray[np.bool_]

FLOOR: Final = 10
_MOST_VALUES: Final = 40
_STUDENT: Final = ("student", "id_student")
_COURSE: Final = "course"
_OULAD_COURSE: Final = ("code_module", "code_presentation")
_NO_GROUPS: Final = frozenset(
    (*_STUDENT, _COURSE, *_OULAD_COURSE, "final_result", "studied_credits")
)


@dataclass(frozen=True, slots=True, eq=False)
class StatisticalGroup:
    """The students of one value of one column."""

    column: str
    value: str
    students: int
    """People, each counted once however many courses they take."""
    members: Sequence[_Cells]
    """By course, [S]."""


@dataclass(frozen=True, slots=True)
class StatisticalGroups:
    """All groups, the suppressed ones without members, and what could not be used of the file."""

    reported: Sequence[StatisticalGroup]
    suppressed: Mapping[str, int]
    """By column, how many groups are left out for being small, or for the sake of a small one."""
    problems: Sequence[str]


def read_groups(path: Path, courses: Sequence[Course]) -> StatisticalGroups:
    """Read a CSV file: a column `student` (or `id_student`), and one or more of groups.

    A column `course` (or OULAD's two) says that a row is about one course only. Empty cells are in
    no group. Raises SourceError for a file that cannot be used at all.
    """
    file = CsvFile.at(path, ())
    student = next((name for name in _STUDENT if name in file.columns), None)
    columns = [name for name in file.columns if name not in _NO_GROUPS]
    if student is None or not columns:
        raise SourceError(
            f"{path}:1: needs a column student and at least one of groups, and names"
            f" {', '.join(file.columns)}"
        )
    places = {
        (course.name, name): (place, column)
        for place, course in enumerate(courses)
        for column, name in enumerate(course.students)
    }
    names = [course.name for course in courses]
    members: dict[tuple[str, str], list[_Cells]] = {}
    problems: list[str] = []
    for row in file:
        found = [places[key] for key in _keys(row, row.cells[student], names) if key in places]
        if not found:
            problems.append(
                row.problem(f"student {row.cells[student]!r} is in none of the courses")
            )
        for column in columns:
            value = row.cells[column]
            if value and found:
                cells = members.setdefault(
                    (column, value), [np.zeros(course.size, np.bool_) for course in courses]
                )
                for place, at in found:
                    cells[place][at] = True
                if sum(key[0] == column for key in members) > _MOST_VALUES:
                    raise SourceError(
                        f"{row.file}:{row.line}: the column {column} has more than {_MOST_VALUES}"
                        " values, so it names no groups: leave it out"
                    )
    groups = [
        StatisticalGroup(column, value, _people(courses, cells), cells)
        for (column, value), cells in sorted(members.items(), key=lambda item: item[0])
    ]
    return _with_suppression(groups, [*file.problems, *problems])


def _keys(row: Row, student: str, names: Sequence[str]) -> list[tuple[str, str]]:
    if _COURSE in row.cells:
        return [(row.cells[_COURSE], student)]
    if all(name in row.cells for name in _OULAD_COURSE):
        return [("-".join(row.cells[name] for name in _OULAD_COURSE), student)]
    return [(name, student) for name in names]


def _people(courses: Sequence[Course], members: Sequence[_Cells]) -> int:
    return len(
        {
            name
            for course, cells in zip(courses, members, strict=True)
            for name, is_member in zip(course.students, cells.tolist(), strict=True)
            if is_member
        }
    )


def _with_suppression(
    groups: Sequence[StatisticalGroup], problems: Sequence[str]
) -> StatisticalGroups:
    reported: list[StatisticalGroup] = []
    suppressed: dict[str, int] = {}
    for column in dict.fromkeys(group.column for group in groups):
        of_column = sorted(
            (group for group in groups if group.column == column), key=lambda one: one.students
        )
        small = sum(group.students < FLOOR for group in of_column)
        hidden = sum(group.students for group in of_column[:small])
        # One more, where the small ones could be told from everybody less the others.
        while 0 < small < len(of_column) and (small == 1 or hidden < FLOOR):
            hidden += of_column[small].students
            small += 1
        if small:
            suppressed[column] = small
        reported += sorted(of_column[small:], key=lambda one: one.value)
    return StatisticalGroups(reported, suppressed, problems)
