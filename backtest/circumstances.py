"""What students of the past were excused from: the file that `leap circumstances publish` reads.

Every closing knows what the file says, as in a replay of which no day is closed yet.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backtest.course import Course, History
from connectors.circumstances.file import CircumstanceFile
from connectors.circumstances.plan import plan
from connectors.people import UNKNOWN
from connectors.times import DateOrder
from connectors.zones import Zone
from schemas.types import KINDS, Kind
from scoring.circumstance import Circumstance
from scoring.due_items import DueItems
from scoring.items import EXTENDABLE


def with_circumstances(
    history: History, path: Path, zone: Zone, order: DateOrder | None = None
) -> History:
    """Give a history whose students are excused as a file says.

    Students are named as in the history's own files. Rows that are refused are problems told;
    raises SourceError for a file that cannot be read.
    """
    names = sorted({name for course in history.courses for name in course.students})
    place = {name: at for at, name in enumerate(names)}

    def whose(identifiers: Sequence[str]) -> NDArray[np.int64]:
        return np.array([place.get(name, UNKNOWN) for name in identifiers], np.int64)

    found = plan(CircumstanceFile(path, zone, order).rows(), whose, (), None)
    of_student: dict[str, list[Circumstance]] = {}
    for one in found.declared:
        of_student.setdefault(names[one.student], []).append(one)
    refused = [f"{one.origin}: {one.message}" for one in found.refused]
    return History(
        [excused(course, of_student) for course in history.courses],
        [*history.problems, *refused],
    )


def excused(course: Course, of_student: dict[str, list[Circumstance]]) -> Course:
    """Give a course with the days that weigh nothing, and due dates put off."""
    said = [
        (column, one)
        for column, name in enumerate(course.students)
        for one in of_student.get(name, ())
    ]
    if not said:
        return course
    days: dict[tuple[int, ...], NDArray[np.bool_]] = {}  # kinds of the same rows share an array
    of_kind: dict[Kind, NDArray[np.bool_]] = {}
    for kind in KINDS:
        rows = tuple(at for at, (_, one) in enumerate(said) if not one.kinds or kind in one.kinds)
        if rows and rows not in days:
            days[rows] = _cells(course, [said[at] for at in rows])
        if rows:
            of_kind[kind] = days[rows]
    coursework = {
        kind: _put_off(course, kind, items, said) for kind, items in course.coursework.items()
    }
    return replace(course, excused=of_kind, coursework=coursework)


def _cells(course: Course, said: Iterable[tuple[int, Circumstance]]) -> NDArray[np.bool_]:
    cells = np.zeros((course.days, course.size), np.bool_)
    for column, one in said:
        first, stop = one.first - course.start, one.last - course.start + 1
        cells[max(first, 0) : max(stop, 0), column] = True
    return cells


def _put_off(
    course: Course, kind: Kind, items: DueItems, said: Iterable[tuple[int, Circumstance]]
) -> DueItems:
    """Give the items on their last days; `scoring.circumstance.extended` says it of one student."""
    if kind not in EXTENDABLE:
        return items
    extension = np.zeros(len(items.due), np.int64)
    for column, one in said:
        first, stop = np.searchsorted(items.student, (column, column + 1))
        due = items.due[first:stop]
        if one.extension and (not one.kinds or kind in one.kinds):
            inside = (one.first <= due) & (due <= one.last)
            extension[first:stop][inside] = np.maximum(extension[first:stop][inside], one.extension)
    due = items.due + extension
    moved = DueItems(items.student, due, items.met)[due <= course.last]  # what the course sees
    order = np.lexsort((moved.due, moved.student))
    return DueItems(moved.student[order], moved.due[order], moved.met[order])
