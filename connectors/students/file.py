"""Reads the student file: docs/connectors/students.md.

One row a student and period. Names and whatever else the file holds are not read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from connectors.delimited.reader import DelimitedReader
from connectors.rows import Columns, Rows
from connectors.schemes import Scheme
from connectors.sieve import Sieve
from connectors.source import Period, Rejected
from connectors.times import DateOrder
from connectors.values import NO_TIME, bounded, identifiers, one_of, plain, times, unmarked
from connectors.zones import Zone
from schemas.errors import SourceError
from schemas.reasons import Reason
from schemas.types import Day

FEED: Final = "students"
NEEDED: Final = ("student",)
OPTIONAL: Final = (
    *("username", "email", "card", "moodle"),
    *("level", "mode", "programme", "status", "from", "to"),
)
MODES: Final = ("full_time", "part_time")


@dataclass(frozen=True, slots=True)
class StudentRow:
    """A row: identifiers that are given, and the period, if one is."""

    identifiers: Mapping[Scheme, str]
    period: Period | None
    file: str
    line: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A row that rightly leads to nothing, by the rule of this name."""

    rule: str


@dataclass(frozen=True, slots=True)
class StudentFile:
    """A file of students. `columns`: what a column is called in the file."""

    path: Path
    zone: Zone
    order: DateOrder | None = None
    columns: Mapping[str, str] | None = None

    def rows(self) -> Iterator[StudentRow | Rejected]:
        """Every row; SourceError for a file that cannot be opened."""
        columns = Columns(NEEDED, OPTIONAL, self.columns)
        try:
            chunks = DelimitedReader().read(self.path, columns, None, is_growing=False)
            for chunk in chunks:
                yield from chunk.rejected
                yield from self._rows(chunk.rows)
        except OSError as error:
            raise SourceError(f"{self.path} cannot be read: {error.strerror or error}") from error

    def _rows(self, rows: Rows) -> Iterator[StudentRow | Rejected]:
        if not len(rows):
            return
        sieve = Sieve(rows, FEED)
        bounded(sieve)
        identifiers(sieve, "student")
        held = {scheme: unmarked(sieve, scheme.value) for scheme in Scheme}
        modes = one_of(sieve, "mode", MODES)
        first = times(sieve, "from", self.zone, self.order, is_needed=False)
        last = times(sieve, "to", self.zone, self.order, is_needed=False)
        sieve.reject(
            (last != NO_TIME) & (last < first),
            Reason.IMPOSSIBLE_DATE,
            lambda row: "to is a day before from",
        )
        days, ends = self.zone.days(first), self.zone.days(last)
        texts = {name: plain(rows.columns[name]) for name in ("level", "programme", "status")}
        yield from sieve.rejected
        for row in np.flatnonzero(sieve.left).tolist():
            given = {scheme: str(texts_of[row]) for scheme, texts_of in held.items()}
            period = None
            if first[row] != NO_TIME:
                period = Period(
                    Day(int(days[row])),
                    None if last[row] == NO_TIME else Day(int(ends[row])),
                    str(texts["level"][row]),
                    str(modes[row]) or "full_time",
                    str(texts["programme"][row]),
                    str(texts["status"][row]) or "enrolled",
                )
            yield StudentRow(
                {scheme: text for scheme, text in given.items() if text},
                period,
                rows.file,
                int(rows.lines[row]),
                rows.raw[row],
            )
