"""What a row of Moodle's log report means: docs/connectors/moodle.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from connectors.incremental import Activities, Due
from connectors.moodle.descriptions import (
    COURSE,
    FAILED_LOGIN,
    LOGGED_IN_AS,
    MODULE,
    USER,
    kinds_of_descriptions,
)
from connectors.moodle.events import GUEST, MOODLE_KINDS, SITE_COURSE, Kinds
from connectors.moodle.fields import fields_of
from connectors.rows import Columns, Rows
from connectors.schemes import Scheme
from connectors.sieve import Sieve
from connectors.times import DateOrder
from connectors.values import coded, given, plain, times
from connectors.zones import Zone
from schemas.columns import Column
from schemas.types import Kind

NAMES: Final = {
    "time": "Time",
    "fullname": "User full name",
    "affected": "Affected user",
    "context": "Event context",
    "component": "Component",
    "event": "Event name",
    "description": "Description",
    "origin": "Origin",
    "ip": "IP address",
}
"""What the nine columns are called in an English report."""
NEEDED: Final = ("time", "description", "origin")
OPTIONAL: Final = ("fullname", "context", "component", "event")

_AS: Final = r" as "  # "Ada Admin as Sam Student": how the report names a session of one as another
_COURSE_CONTEXT: Final = r"^Course: (.*)$"


@dataclass(frozen=True, slots=True)
class ReportMapping:
    """Rows of the report; `module` is the course that it was made for, if it was for one."""

    feed: str
    zone: Zone
    columns: Columns
    order: DateOrder
    courses: Mapping[str, str]
    module: str = ""

    @property
    def kinds(self) -> Sequence[Kind]:
        """Everything that Moodle logs of students."""
        return MOODLE_KINDS

    def read(self, rows: Rows, sieve: Sieve) -> Sequence[Activities | Due]:
        """One activity a row, for the rows that are one."""
        origins = rows.columns["origin"].str.strip_chars().str.to_lowercase()
        for origin in ("cli", "restore"):
            sieve.skip(origins == origin, f"origin_{origin}")
        said = given(sieve, "description")
        sieve.skip(said.str.contains(FAILED_LOGIN), "failed_login")
        is_as = rows.columns["fullname"].str.contains(_AS) | said.str.contains(LOGGED_IN_AS)
        sieve.skip(is_as, "logged_in_as")
        users = said.str.extract(USER).fill_null("")
        sieve.skip(users.is_in(["", "0"]) | users.str.starts_with("-"), "no_user")
        sieve.skip(users == str(GUEST), "guest")
        kinds = kinds_of_descriptions(said, origins)
        sieve.skip(~kinds.any, "other_event")
        courses = said.str.extract(COURSE).fill_null("")
        sieve.skip(courses == str(SITE_COURSE), "site_home")
        at = times(sieve, "time", self.zone, self.order)
        found: list[Activities] = []
        for kind, is_kind in kinds.of.items():
            row = np.flatnonzero(is_kind & sieve.left)
            if not len(row):
                continue
            found.append(
                Activities(
                    kind=kind,
                    feed=self.feed,
                    row=row,
                    scheme=Scheme.MOODLE,
                    person=coded(users.gather(row)),
                    occurred_at=at[row],
                    recorded_at=at[row],
                    # The report has no ids of its rows: what it says is all that names them.
                    source_key=("moodle.report", coded(said.gather(row))),
                    fields={}
                    if kind is Kind.MOODLE_LOGIN
                    else self._fields(kind, rows, kinds, said, courses, row),
                )
            )
        return found

    def _fields(
        self,
        kind: Kind,
        rows: Rows,
        kinds: Kinds,
        said: pl.Series,
        courses: pl.Series,
        row: NDArray[np.int64],
    ) -> dict[str, Column]:
        contexts = plain(rows.columns["context"].gather(row))
        named = contexts.str.extract(_COURSE_CONTEXT).fill_null("").to_list()
        ids = courses.gather(row).to_list()
        modules = [
            self.module or self.courses.get(number, "") or name or number
            for number, name in zip(ids, named, strict=True)
        ]
        return fields_of(
            kind,
            kinds,
            row,
            module=pl.Series(modules, dtype=pl.String),
            place=said.gather(row).str.extract(MODULE).fill_null(""),
            component=plain(rows.columns["component"].gather(row)),
        )
