"""Reads the list of sponsored students: docs/COMPLIANCE.md. One row a period of a student.

Whatever else the file holds is not read: no nationality, no number of a visa, no reason.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from connectors.list_file import ListRow, RefusedRow, periods, read_list, refused_rows
from connectors.rows import Columns, Rows
from connectors.sieve import Sieve
from connectors.times import DateOrder
from connectors.values import bounded, identifiers
from connectors.zones import Zone
from schemas.types import Day

NEEDED: Final = ("student", "first", "last")
LONGEST_YEARS: Final = 10  # of a period; more is a slip of the pen


@dataclass(frozen=True, slots=True, kw_only=True)
class SponsorshipRow(ListRow):
    """A row whose form is right; whose it is will be looked up."""

    first: Day
    last: Day | None
    """None: it is open."""


@dataclass(frozen=True, slots=True)
class SponsorshipFile:
    """A list of sponsored students. `columns`: what a column is called in the file."""

    path: Path
    zone: Zone
    order: DateOrder | None = None
    columns: Mapping[str, str] | None = None

    def rows(self) -> Iterator[SponsorshipRow | RefusedRow]:
        """Every row; SourceError for a file that cannot be opened."""
        return read_list(self.path, Columns(NEEDED, (), self.columns), self._rows)

    def _rows(self, rows: Rows) -> Iterator[SponsorshipRow | RefusedRow]:
        sieve = Sieve(rows, "")
        bounded(sieve)
        students = identifiers(sieve, "student")
        first, last, ends = periods(
            sieve, self.zone, self.order, years=LONGEST_YEARS, may_be_open=True
        )
        refused, left = refused_rows(sieve), sieve.left
        for row, line in enumerate(rows.lines.tolist()):
            if not left[row]:
                yield RefusedRow(refused[line], students[row])
                continue
            yield SponsorshipRow(
                identifier=students[row],
                first=Day(int(first[row])),
                last=Day(int(last[row])) if ends[row] else None,
                file=rows.file,
                line=line,
                raw=rows.raw[row],
            )
