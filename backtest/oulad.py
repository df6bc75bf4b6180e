"""Courses from the OULAD layout: one module or many, CSV, CSV.gz or CSV.xz.

Clicks are `moodle_course`, assessments are coursework that `faser_upload` meets. What a row means
is decided by `connectors.oulad`, as for the pipeline itself; only that here a student may take two
modules at once. Exams are nobody's coursework, and neither is what was carried over from an
earlier presentation (`is_banked`): nothing was handed in, and nothing was due.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backtest.course import OUTCOMES, Course, History, Outcome
from backtest.modules import parts_of
from connectors.oulad.clicks import Clicks, read_clicks
from connectors.oulad.coursework import (
    Assessments,
    Submissions,
    read_assessments,
    read_submissions,
)
from connectors.oulad.presentations import Presentation, Presentations, read_presentations
from connectors.oulad.registrations import EnrolmentRow, read_enrolments
from connectors.oulad.table import MODULE, STUDENT_NUMBER_LIMIT, Table
from schemas.errors import SourceError
from schemas.types import Kind
from scoring.due_items import NEVER, DueItems
from scoring.profile import Profile
from scoring.rounding import DAY_PERCENT

_Integers = NDArray[np.int64]

_RESULTS: Final[Mapping[tuple[str, ...], int]] = {
    (word.capitalize(),): int(outcome) for word, outcome in OUTCOMES.items()
}


def read_oulad(folder: Traversable) -> History:
    """Read all presentations of a folder, whether its modules share files or have their own.

    Raises SourceError for a file that is missing, twice there or not the file it should be.
    """
    parts = [_read_part(part) for part in parts_of(folder)]
    courses = [course for part in parts for course in part.courses]
    names = Counter(course.name for course in courses)
    twice = [name for name, number in names.items() if number > 1]
    if twice:
        raise SourceError(
            f"{folder}: {', '.join(twice)} is in the files of several modules: leave it in one of"
            " them, or its rows count twice"
        )
    ordered = sorted(courses, key=lambda one: (one.start, one.name))
    return History(ordered, [problem for part in parts for problem in part.problems])


def _read_part(folder: Traversable) -> History:
    presentations = read_presentations(folder)
    registrations, enrolments = read_enrolments(folder, presentations)
    results, outcomes = _read_results(folder, presentations)
    assessments = read_assessments(folder, presentations)
    submissions = read_submissions(folder, assessments)
    clicks = read_clicks(folder, presentations)
    files = _Files(presentations, enrolments, outcomes, assessments, submissions, clicks)
    courses = [files.course(place) for place in range(len(presentations.all))]
    tables = (
        presentations.table,
        registrations,
        results,
        assessments.table,
        submissions.table,
        clicks.table,
    )
    problems = [f"{row.origin}: {row.message}" for table in tables for row in table.rejected]
    return History([course for course in courses if course.size], problems + files.problems)


def _read_results(
    folder: Traversable, presentations: Presentations
) -> tuple[Table, Mapping[tuple[int, int], int]]:
    """Read outcomes by presentation and student; of the file's other columns none is read."""
    table = Table(folder, "studentInfo", (*MODULE, "id_student", "final_result"))
    outcomes: dict[tuple[int, int], int] = {}
    for checks in table:
        place = checks.found(MODULE, presentations.by_codes, "which is not in courses")
        student = checks.integers("id_student", 0, STUDENT_NUMBER_LIMIT)
        words = ", ".join(word for (word,) in _RESULTS)
        result = checks.found(("final_result",), _RESULTS, f"which is none of {words}")
        for i in checks.passed.nonzero()[0].tolist():
            outcomes[int(place[i]), int(student[i])] = int(result[i])
    return table, outcomes


@dataclass(frozen=True, slots=True)
class _Files:
    presentations: Presentations
    enrolments: Sequence[EnrolmentRow]
    outcomes: Mapping[tuple[int, int], int]
    assessments: Assessments
    submissions: Submissions
    clicks: Clicks

    @property
    def problems(self) -> list[str]:
        """What is missing between the files, rather than wrong in one of them."""
        by_codes = self.presentations.by_codes
        without = sum(
            (by_codes[row.enrolment.presentation.module, row.enrolment.presentation.code], number)
            not in self.outcomes
            for row in self.enrolments
            for number in [row.student]
        )
        if not without:
            return []
        return [f"studentInfo: {without} registrations have no final result: they are scored only"]

    def course(self, place: int) -> Course:
        """Give the course of one presentation; of who left before the start, nothing."""
        of = self.presentations.all[place]
        rows = [row for row in self.enrolments if row.enrolment.presentation == of]
        rows = [row for row in rows if row.enrolment.first <= row.enrolment.last]
        numbers = np.unique(np.array([row.student for row in rows], np.int64))
        shape = (of.length_days, len(numbers))
        enrolled = np.zeros(shape, np.bool_)
        left = np.zeros(len(numbers), np.int64)
        for row in rows:
            column = int(np.searchsorted(numbers, row.student))
            span = row.enrolment
            enrolled[span.first - of.start : span.last - of.start + 1, column] = True
            left[column] = max(left[column], span.last + 1)
        outcome = np.array(
            [
                self.outcomes.get((place, number), int(Outcome.UNKNOWN))
                for number in numbers.tolist()
            ],
            np.int64,
        )
        return Course(
            name=of.name,
            start=of.start,
            students=[str(number) for number in numbers.tolist()],
            counts={
                Kind.MOODLE_COURSE: self._clicks(place, numbers),
                Kind.FASER_UPLOAD: self._uploads(of, numbers),
            },
            coursework={Kind.FASER_UPLOAD: self._coursework(of, numbers, enrolled)},
            enrolled=enrolled,
            outcome=outcome,
            withdrew=np.where(left <= of.last, left, NEVER),
            profiles=[_profile(of)] * len(numbers),
            weight_percent=np.full((shape[0], 1), DAY_PERCENT, np.int64),
        )

    def _clicks(self, place: int, numbers: _Integers) -> NDArray[np.uint32]:
        of, clicks = self.presentations.all[place], self.clicks
        is_of = clicks.presentation == place
        return _counted(of, numbers, clicks.day[is_of], clicks.student[is_of], clicks.clicks[is_of])

    def _uploads(self, of: Presentation, numbers: _Integers) -> NDArray[np.uint32]:
        """Give what was handed in as events, for policies that count them."""
        submissions = self.submissions
        assessments = np.array([one.presentation == of for one in self.assessments.all], np.bool_)
        is_of = assessments[submissions.assessment]
        days, students = submissions.day[is_of], submissions.student[is_of]
        return _counted(of, numbers, days, students, np.ones(len(days), np.int64))

    def _coursework(
        self, of: Presentation, numbers: _Integers, enrolled: NDArray[np.bool_]
    ) -> DueItems:
        """Give what was due while a student was registered, and when it was first handed in."""
        submissions = self.submissions
        parts: list[_Integers] = [np.zeros((3, 0), np.int64)]
        for item, assessment in enumerate(self.assessments.all):
            if assessment.presentation != of or assessment.due is None:
                continue
            row = assessment.due - of.start
            if not 0 <= row < len(enrolled):
                continue  # the course does not see that day
            met = np.full(len(numbers), NEVER)
            submitted = submissions.assessment == item
            column, is_student = _columns(submissions.student[submitted], numbers)
            np.minimum.at(met, column[is_student], submissions.day[submitted][is_student])
            is_expected = enrolled[row].copy()
            column, is_student = _columns(
                submissions.carried_over[1, submissions.carried_over[0] == item], numbers
            )
            is_expected[column[is_student]] = False
            expected = np.flatnonzero(is_expected)
            due = np.full(len(expected), assessment.due)
            parts.append(np.stack([expected, due, met[expected]]))
        student, due, met = np.concatenate(parts, axis=1)
        order = np.lexsort((due, student))
        return DueItems(student[order], due[order], met[order])


def _counted(
    of: Presentation, numbers: _Integers, days: _Integers, students: _Integers, events: _Integers
) -> NDArray[np.uint32]:
    """Add up events by day of the presentation and place of the student, [T, S]."""
    row = days - of.start
    column, is_student = _columns(students, numbers)
    used = is_student & (row >= 0) & (row < of.length_days)
    counts = np.zeros((of.length_days, len(numbers)), np.uint32)
    np.add.at(counts, (row[used], column[used]), events[used].astype(np.uint32))
    return counts


def _columns(students: _Integers, numbers: _Integers) -> tuple[_Integers, NDArray[np.bool_]]:
    if not len(numbers):
        return np.zeros_like(students), np.zeros(len(students), np.bool_)
    at = np.minimum(np.searchsorted(numbers, students), len(numbers) - 1)
    return at, numbers[at] == students


def _profile(of: Presentation) -> Profile:
    return Profile("undergraduate", "part_time", of.name, "enrolled")
