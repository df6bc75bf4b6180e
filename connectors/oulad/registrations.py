"""Who was registered when (`studentRegistration`): the periods of the students."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Final

from connectors.oulad.presentations import FURTHEST_DAYS, Presentation, Presentations
from connectors.oulad.table import MODULE, STUDENT_NUMBER_LIMIT, Table
from connectors.source import Period
from schemas.types import Day

_FROM: Final = "date_registration"
_TO: Final = "date_unregistration"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A student's days in a presentation, both included."""

    presentation: Presentation
    first: Day
    last: Day

    @property
    def period(self) -> Period:
        """The same, as the project describes any student's period."""
        return Period(
            self.first, self.last, "undergraduate", "part_time", self.presentation.name, "enrolled"
        )


@dataclass(frozen=True, slots=True)
class Registrations:
    """By student number, in ascending order: the enrolments, ascending and apart.

    A student who left before the beginning has none. `first_presentation` is where a student's
    earliest registration, kept or not, would have begun.
    """

    table: Table
    left_out: int
    enrolments: Mapping[int, Sequence[Enrolment]]
    first_presentation: Mapping[int, Presentation]


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """A row of the file, and where it stands; of who left before the beginning, `last` < `first`.

    Rows are as the file has them: one that is there twice, and two modules at once, included.
    """

    student: int
    enrolment: Enrolment
    line: int
    raw: bytes

    @property
    def order(self) -> tuple[int, int, int, str, int]:
        """By student and day, whatever the order of the file."""
        span = self.enrolment
        return (self.student, span.first, span.last, span.presentation.name, self.line)


def read_registrations(folder: Traversable, presentations: Presentations) -> Registrations:
    """The students, with the days on which they were registered.

    A period begins on the day of registration, but not before the presentation, and ends with it,
    or on the day before the student unregistered. Where a student's periods overlap (the same row
    twice, two modules at once) the one that begins later is rejected: a day belongs to one period.
    """
    table, rows = read_enrolments(folder, presentations)
    return _without_overlaps(table, rows)


def read_enrolments(
    folder: Traversable, presentations: Presentations
) -> tuple[Table, Sequence[EnrolmentRow]]:
    """All rows that can be read, in order of students and days."""
    table = Table(folder, "studentRegistration", (*MODULE, "id_student", _FROM, _TO))
    rows: list[EnrolmentRow] = []
    for checks in table:
        positions = checks.found(MODULE, presentations.by_codes, "which is not in courses")
        students = checks.integers("id_student", 0, STUDENT_NUMBER_LIMIT)
        has_from, has_to = checks.is_given(_FROM), checks.is_given(_TO)
        registered = checks.integers(_FROM, -FURTHEST_DAYS, FURTHEST_DAYS, has_from)
        unregistered = checks.integers(_TO, -FURTHEST_DAYS, FURTHEST_DAYS, has_to)
        for i in checks.passed.nonzero()[0].tolist():
            presentation = presentations.all[positions[i]]
            start, last = presentation.start, presentation.last
            first = Day(start + max(0, int(registered[i]))) if has_from[i] else start
            if has_to[i]:
                last = Day(min(last, start + int(unregistered[i]) - 1))
            enrolment = Enrolment(presentation, first, last)
            line, raw = checks.rows.lines[i], checks.rows.raw[i]
            rows.append(EnrolmentRow(int(students[i]), enrolment, line, raw))
    return table, sorted(rows, key=lambda row: row.order)


def _without_overlaps(table: Table, rows: Sequence[EnrolmentRow]) -> Registrations:
    kept: dict[int, list[Enrolment]] = {}
    first: dict[int, Presentation] = {}
    left_out = 0
    for row in rows:
        enrolments = kept.setdefault(row.student, [])
        span = row.enrolment
        earliest = first.setdefault(row.student, span.presentation)
        if (span.presentation.start, span.presentation.name) < (earliest.start, earliest.name):
            first[row.student] = span.presentation
        if span.last < span.first:
            left_out += 1
        elif enrolments and span.first <= enrolments[-1].last:
            other = enrolments[-1].presentation.name
            table.reject(
                row.line,
                row.raw,
                f"the period in {span.presentation.name} overlaps the student's period in {other},"
                " which begins no later and is used",
            )
        else:
            enrolments.append(span)
    return Registrations(table, left_out, kept, first)
