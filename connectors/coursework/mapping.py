"""What the rows of a coursework system's three tables mean: docs/connectors/coursework.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from connectors.incremental import Activities, Due
from connectors.one_kind import Table
from connectors.rows import Columns, Rows
from connectors.schemes import Scheme
from connectors.sieve import Sieve
from connectors.times import DateOrder
from connectors.values import (
    NO_TIME,
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

DUE: Final = (("student", "assignment", "due"), ("module", "extension"))
"""Needed and optional columns of what is due."""
PAGES: Final = ("brief", "submission", "feedback")
_ATTEMPTS_LIMIT: Final = 2**31


def _attempt(sieve: Sieve) -> Column:
    return numbers(sieve, "attempt", limit=_ATTEMPTS_LIMIT)


def _page(sieve: Sieve) -> Column:
    return where_given(one_of(sieve, "page", PAGES))


UPLOADS: Final = Table(
    system="coursework",
    kind=Kind.FASER_UPLOAD,
    item="assignment",
    texts=("module",),
    others={"attempt": _attempt},
)
VIEWS: Final = Table(
    system="coursework",
    kind=Kind.FASER_VIEW,
    item="assignment",
    texts=("module",),
    others={"page": _page},
)


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
