"""What the rows of a coursework system's three tables mean: docs/connectors/coursework.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from connectors.incremental import Activities, Due
from connectors.picking import picked
from connectors.rows import Columns, Rows
from connectors.schemes import Scheme
from connectors.sieve import Sieve
from connectors.times import DateOrder
from connectors.values import (
    NO_TIME,
    coded,
    identifiers,
    numbers,
    one_of,
    plain,
    times,
    where_given,
)
from connectors.zones import Zone
from schemas.columns import Column
from schemas.reasons import Reason
from schemas.types import Day, Kind

UPLOADS: Final = (("student", "assignment", "time"), ("module", "attempt"))
VIEWS: Final = (("student", "assignment", "time"), ("module", "page"))
DUE: Final = (("student", "assignment", "due"), ("module", "extension"))
"""Needed and optional columns of each table."""
PAGES: Final = ("brief", "submission", "feedback")
_ATTEMPTS_LIMIT: Final = 2**31


@dataclass(frozen=True, slots=True)
class ActivityMapping:
    """Uploads or views, one a row; `scheme` is what the column `student` holds."""

    kind: Kind
    feed: str
    zone: Zone
    columns: Columns
    scheme: Scheme
    order: DateOrder | None = None

    @property
    def kinds(self) -> Sequence[Kind]:
        """The one kind."""
        return (self.kind,)

    def read(self, rows: Rows, sieve: Sieve) -> Sequence[Activities | Due]:
        """One activity a row."""
        students = identifiers(sieve, "student")
        assignments = identifiers(sieve, "assignment")
        at = times(sieve, "time", self.zone, self.order)
        own: dict[str, Column] = {}
        if self.kind is Kind.FASER_UPLOAD:
            own["attempt"] = numbers(sieve, "attempt", limit=_ATTEMPTS_LIMIT)
        else:
            own["page"] = where_given(one_of(sieve, "page", PAGES))
        row = np.flatnonzero(sieve.left)
        if not len(row):
            return []
        assignment = coded(assignments.gather(row))
        fields: dict[str, Column] = {
            "module": where_given(plain(rows.columns["module"].gather(row))),
            "assignment": assignment,
            **{name: picked(column, row) for name, column in own.items()},
        }
        return [
            Activities(
                kind=self.kind,
                feed=self.feed,
                row=row,
                scheme=self.scheme,
                person=coded(students.gather(row)),
                occurred_at=at[row],
                recorded_at=at[row],
                source_key=("coursework", assignment),
                fields=fields,
            )
        ]


@dataclass(frozen=True, slots=True)
class DueMapping:
    """One assignment of one student a row; an extension takes the place of the date due."""

    feed: str
    zone: Zone
    columns: Columns
    scheme: Scheme
    order: DateOrder | None = None

    @property
    def kinds(self) -> Sequence[Kind]:
        """None: an expectation is no activity."""
        return ()

    def read(self, rows: Rows, sieve: Sieve) -> Sequence[Activities | Due]:
        """One expectation a row."""
        students = identifiers(sieve, "student")
        assignments = identifiers(sieve, "assignment")
        due = self.zone.days(times(sieve, "due", self.zone, self.order))
        extension = times(sieve, "extension", self.zone, self.order, is_needed=False)
        extended = np.where(extension == NO_TIME, due, self.zone.days(extension))
        sieve.reject(
            extended < due,
            Reason.IMPOSSIBLE_DATE,
            lambda row: "extension is a day before due: give the later date, or none",
        )
        modules = plain(rows.columns["module"])
        return [
            Due(
                row=row,
                feed=self.feed,
                scheme=self.scheme,
                person=str(students[row]),
                item=str(assignments[row]),
                kind=Kind.FASER_UPLOAD,
                module=str(modules[row]),
                due=Day(int(extended[row])),
            )
            for row in np.flatnonzero(sieve.left).tolist()
        ]
