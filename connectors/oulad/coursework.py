"""Coursework: what is due (`assessments`) and what was handed in (`studentAssessment`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from connectors.oulad.presentations import FURTHEST_DAYS, Presentation, Presentations
from connectors.oulad.table import MODULE, STUDENT_NUMBER_LIMIT, Table
from schemas.types import Day

FEED: Final = "oulad.assessment"

_EXAM: Final = "Exam"
_BANKED: Final[Mapping[tuple[str, ...], int]] = {
    (text,): banked
    for banked, texts in enumerate((("0", "False", "false"), ("1", "True", "true")))
    for text in texts
}


@dataclass(frozen=True, slots=True)
class Assessment:
    """Something to hand in; `due` is None where the dataset gives no day, and for exams."""

    number: str
    presentation: Presentation
    due: Day | None


@dataclass(frozen=True, slots=True)
class Assessments:
    """All assessments, by number."""

    table: Table
    all: Sequence[Assessment]


@dataclass(frozen=True, slots=True, eq=False)
class Submissions:
    """What was handed in, [n] each, sorted by day, assessment and student."""

    table: Table
    day: NDArray[np.int64]
    """Campus day."""
    assessment: NDArray[np.int64]
    """Position in the assessments."""
    student: NDArray[np.int64]
    """Student number."""
    date: NDArray[np.int64]
    """Day from the presentation's start."""
    carried_over: NDArray[np.int64]
    """Assessment and student of rows that were banked, [2, banked]: carried over from an earlier
    presentation, so that nothing was handed in, and nothing expected either."""

    @property
    def banked(self) -> int:
        """How many rows were."""
        return len(self.carried_over[0])


def read_assessments(folder: Traversable, presentations: Presentations) -> Assessments:
    """What is to be handed in."""
    table = Table(folder, "assessments", (*MODULE, "id_assessment", "assessment_type", "date"))
    rows: list[tuple[Assessment, int, bytes]] = []
    for checks in table:
        positions = checks.found(MODULE, presentations.by_codes, "which is not in courses")
        has_date = checks.is_given("date")
        dates = checks.integers("date", -FURTHEST_DAYS, FURTHEST_DAYS, has_date)
        numbers = checks.rows.columns["id_assessment"]
        types = checks.rows.columns["assessment_type"]
        for i, number in enumerate(numbers):
            if not number:
                checks.refuse(i, "is empty", "id_assessment")
            if i in checks.problems:
                continue
            presentation = presentations.all[positions[i]]
            is_due = bool(has_date[i]) and types[i] != _EXAM
            due = Day(presentation.start + int(dates[i])) if is_due else None
            rows.append(
                (Assessment(number, presentation, due), checks.rows.lines[i], checks.rows.raw[i])
            )
    found: dict[str, Assessment] = {}
    # Sorted, so that the order of the rows does not decide which of two is taken.
    for one, line, raw in sorted(rows, key=_order):
        if found.setdefault(one.number, one) is not one:
            used = found[one.number].presentation.name
            table.reject(line, raw, f"id_assessment {one.number} is there twice; {used}'s is used")
    return Assessments(table, list(found.values()))


def _order(row: tuple[Assessment, int, bytes]) -> tuple[str, str, int, int]:
    one, line, _ = row
    return (one.number, one.presentation.name, -1 if one.due is None else one.due, line)


def read_submissions(folder: Traversable, assessments: Assessments) -> Submissions:
    """What was handed in; the same row twice is the same submission twice."""
    needed = ("id_assessment", "id_student", "date_submitted", "is_banked")
    table = Table(folder, "studentAssessment", needed, FEED)
    known: dict[tuple[str, ...], int] = {(one.number,): i for i, one in enumerate(assessments.all)}
    parts: list[NDArray[np.int64]] = [np.zeros((4, 0), np.int64)]
    carried_over: list[NDArray[np.int64]] = [np.zeros((2, 0), np.int64)]
    starts = np.array([one.presentation.start for one in assessments.all], np.int64)
    for checks in table:
        assessment = checks.found(("id_assessment",), known, "which is not in assessments")
        student = checks.integers("id_student", 0, STUDENT_NUMBER_LIMIT)
        date = checks.integers("date_submitted", -FURTHEST_DAYS, FURTHEST_DAYS)
        banked = checks.found(("is_banked",), _BANKED, "neither 0 nor 1") == 1
        carried_over.append(np.stack([assessment, student])[:, banked & checks.passed])
        used = ~banked & checks.passed
        read = np.stack([assessment, student, date])[:, used]
        parts.append(np.stack([starts[read[0]] + read[2], *read]))
    columns = np.concatenate(parts, axis=1)
    day, assessment, student, date = columns[:, np.lexsort(columns[::-1])]
    banked = np.concatenate(carried_over, axis=1)
    return Submissions(table, day, assessment, student, date, banked)
