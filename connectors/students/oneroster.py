"""Reads students from OneRoster CSV, 1.2 or 1.1: docs/connectors/students.md.

1. Classes and academic sessions say when an enrolment without dates of its own begins and ends.
2. Enrolments of students are collected, then the users are read who have any.
3. Every row of both is handed on. Enrolments that overlap or follow one another are one period: it
   goes with the first of them.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from connectors.delimited.reader import DelimitedReader
from connectors.rows import Columns, Rows, rejected
from connectors.schemes import Scheme
from connectors.sieve import Sieve
from connectors.source import Period, Rejected
from connectors.students.file import FEED, LeftOut, StudentRow
from connectors.values import NO_TIME, bounded, identifiers, times, unmarked
from connectors.zones import Zone
from schemas.errors import SourceError
from schemas.reasons import Reason
from schemas.types import Day

USERS: Final = "users.csv"
ENROLMENTS: Final = "enrollments.csv"
CLASSES: Final = "classes.csv"
SESSIONS: Final = "academicSessions.csv"
NAMES: Final = {"student": "identifier"}

_USERS: Final = (
    ("sourcedId", "student"),
    ("status", "username", "email", "card", "moodle"),
)
_ENROLMENTS: Final = Columns(
    ("userSourcedId", "role"), ("status", "classSourcedId", "beginDate", "endDate")
)
_CLASSES: Final = Columns(("sourcedId", "termSourcedIds"))
_SESSIONS: Final = Columns(("sourcedId", "startDate", "endDate"))
_DELETED: Final = "tobedeleted"
_GAP_DAYS: Final = 42
"""Between enrolments that belong together: more than a vacation of winter, less than a summer."""


@dataclass(frozen=True, slots=True)
class Span:
    """Campus days, both included; open where `last` is None."""

    first: Day
    last: Day | None


@dataclass(slots=True)
class _Enrolment:
    span: Span
    file: str
    line: int
    raw: bytes
    period: Period | None = field(default=None, init=False)


@dataclass(frozen=True, slots=True)
class OneRoster:
    """A folder with the CSV files of a OneRoster export. `columns`: of users.csv."""

    folder: Path
    zone: Zone
    columns: Mapping[str, str] | None = None

    def rows(self) -> Iterator[StudentRow | LeftOut | Rejected]:
        """Every row of users and enrolments; SourceError where one of the two is missing."""
        for name in (USERS, ENROLMENTS):
            if not (self.folder / name).is_file():
                raise SourceError(
                    f"{self.folder} holds no {name}: name the folder of an unpacked OneRoster"
                    " export"
                )
        spans: dict[str, Span] = {}
        yield from self._class_spans(spans)
        enrolments: defaultdict[str, list[_Enrolment]] = defaultdict(list)
        for found in self._read(ENROLMENTS, _ENROLMENTS):
            if isinstance(found, Rejected):
                yield found
            else:
                yield from self._enrolments(found, spans, enrolments)
        needed, optional = _USERS
        for found in self._read(
            USERS, Columns(needed, optional, {**NAMES, **(self.columns or {})})
        ):
            if isinstance(found, Rejected):
                yield found
            else:
                yield from _users(found, enrolments)
        for user, of_user in enrolments.items():
            problem = f"userSourcedId is {user!r}, of whom {USERS} says nothing that can be used"
            for one in of_user:
                reason = Reason.UNKNOWN_VALUE
                yield rejected(reason, problem, one.file, one.line, one.raw, FEED)

    def _read(self, name: str, columns: Columns) -> Iterator[Rows | Rejected]:
        path = self.folder / name
        try:
            for chunk in DelimitedReader().read(path, columns, None, is_growing=False):
                yield from chunk.rejected
                if len(chunk.rows):
                    yield chunk.rows
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror or error}") from error

    def _class_spans(self, classes: dict[str, Span]) -> Iterator[Rejected]:
        """Step 1: from the beginning of a class's first session to the end of its last."""
        if not (self.folder / CLASSES).is_file() or not (self.folder / SESSIONS).is_file():
            return
        sessions: dict[str, Span] = {}
        for rows in self._read(SESSIONS, _SESSIONS):
            if isinstance(rows, Rejected):
                yield rows
                continue
            sieve = Sieve(rows, FEED)
            bounded(sieve)
            ids = rows.columns["sourcedId"]
            for row, span in self._spans(sieve, "startDate", "endDate").items():
                sessions[str(ids[row])] = span
            yield from sieve.rejected
        for rows in self._read(CLASSES, _CLASSES):
            if isinstance(rows, Rejected):
                yield rows
                continue
            sieve = Sieve(rows, FEED)
            bounded(sieve)
            yield from sieve.rejected
            for row in np.flatnonzero(sieve.left).tolist():
                terms = str(rows.columns["termSourcedIds"][row]).split(",")
                known = [sessions[term] for term in terms if term in sessions]
                if known:
                    classes[str(rows.columns["sourcedId"][row])] = _hull(known)

    def _spans(self, sieve: Sieve, begin: str, end: str) -> Mapping[int, Span]:
        """The spans of the rows that have both dates or the first; an end is the day after."""
        first = times(sieve, begin, self.zone, None, is_needed=False)
        last = times(sieve, end, self.zone, None, is_needed=False)
        sieve.reject(
            (last != NO_TIME) & (last <= first),
            Reason.IMPOSSIBLE_DATE,
            lambda row: f"{end} is not behind {begin}",
        )
        days, ends = self.zone.days(first), self.zone.days(last) - 1
        return {
            row: Span(Day(int(days[row])), None if last[row] == NO_TIME else Day(int(ends[row])))
            for row in np.flatnonzero(sieve.left & (first != NO_TIME)).tolist()
        }

    def _enrolments(
        self,
        rows: Rows,
        of_classes: Mapping[str, Span],
        enrolments: Mapping[str, list[_Enrolment]],
    ) -> Iterator[LeftOut | Rejected]:
        """Step 2."""
        sieve = Sieve(rows, FEED)
        sieve.skip(
            rows.columns["status"].str.strip_chars().str.to_lowercase() == _DELETED, _DELETED
        )
        bounded(sieve)
        roles = rows.columns["role"].str.strip_chars().str.to_lowercase()
        sieve.skip(roles != "student", "not_a_student")
        users = identifiers(sieve, "userSourcedId")
        spans = {
            row: of_classes[name]
            for row, name in enumerate(rows.columns["classSourcedId"])
            if name in of_classes
        }
        spans.update(self._spans(sieve, "beginDate", "endDate"))
        has_none = np.ones(len(rows), np.bool_)
        has_none[list(spans)] = False
        sieve.reject(
            has_none,
            Reason.MISSING_VALUE,
            lambda row: "beginDate is empty, and the sessions of the class are not known",
        )
        yield from sieve.rejected
        for rule, count in sieve.skipped.items():
            yield from [LeftOut(rule)] * count
        for row in np.flatnonzero(sieve.left).tolist():
            enrolments[str(users[row])].append(
                _Enrolment(spans[row], rows.file, int(rows.lines[row]), rows.raw[row])
            )


def _users(
    rows: Rows, enrolments: dict[str, list[_Enrolment]]
) -> Iterator[StudentRow | LeftOut | Rejected]:
    """Step 3: the users, each with their enrolments, which are taken out."""
    sieve = Sieve(rows, FEED)
    sieve.skip(rows.columns["status"].str.strip_chars().str.to_lowercase() == _DELETED, _DELETED)
    bounded(sieve)
    ids = identifiers(sieve, "sourcedId")
    sieve.skip(~ids.is_in(list(enrolments)), "not_a_student")
    identifiers(sieve, "student")
    held = {scheme: unmarked(sieve, scheme.value) for scheme in Scheme}
    yield from sieve.rejected
    for rule, count in sieve.skipped.items():
        yield from [LeftOut(rule)] * count
    for row in np.flatnonzero(sieve.left).tolist():
        given = {scheme: str(texts[row]) for scheme, texts in held.items() if texts[row]}
        yield StudentRow(given, None, rows.file, int(rows.lines[row]), rows.raw[row])
        of_user = enrolments.pop(str(ids[row]), [])
        _give_periods(of_user)
        for one in of_user:
            yield StudentRow(given, one.period, one.file, one.line, one.raw)


def _give_periods(enrolments: Sequence[_Enrolment]) -> None:
    group: list[_Enrolment] = []
    for one in sorted(enrolments, key=lambda one: one.span.first):
        end = _hull([other.span for other in group]).last if group else None
        if group and end is not None and one.span.first > end + 1 + _GAP_DAYS:
            _give(group)
            group = []
        group.append(one)
    if group:
        _give(group)


def _give(group: Sequence[_Enrolment]) -> None:
    span = _hull([one.span for one in group])
    group[0].period = Period(span.first, span.last, "", "full_time", "", "enrolled")


def _hull(spans: Sequence[Span]) -> Span:
    ends = [span.last for span in spans if span.last is not None]
    return Span(min(span.first for span in spans), max(ends) if len(ends) == len(spans) else None)
