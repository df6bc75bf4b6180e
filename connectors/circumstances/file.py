"""Reads the file of circumstances: docs/CIRCUMSTANCES.md. One row a period of a student.

Whatever else the file holds is not read: why somebody is excused is nobody's business here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from connectors.delimited.reader import DelimitedReader
from connectors.rows import Columns, Rows, rejected
from connectors.sieve import Sieve
from connectors.source import Rejected
from connectors.times import DateOrder
from connectors.values import identifiers, numbers, one_of, shown, times
from connectors.zones import Zone
from schemas.columns import Nullable
from schemas.errors import SourceError
from schemas.reasons import Reason
from schemas.types import KINDS, CircumstanceSort, Day, Kind
from scoring.items import EXTENSION_LIMIT_DAYS

NEEDED: Final = ("student", "sort", "first", "last")
OPTIONAL: Final = ("kinds", "extend_days")
LONGEST_DAYS: Final = 3 * 366  # of a period; more is one too

_SORTS: Final = tuple(sort.value for sort in CircumstanceSort)
_ALL_KINDS: Final = ("", "all")
_BETWEEN: Final = re.compile(r"[\s;,+]+")


@dataclass(frozen=True, slots=True)
class CircumstanceRow:
    """A row whose form is right; whose it is will be looked up."""

    identifier: str
    sort: CircumstanceSort
    kinds: tuple[Kind, ...]
    first: Day
    last: Day
    extend_days: int
    file: str
    line: int
    raw: bytes

    def refused(self, reason: Reason, problem: str) -> Rejected:
        """The row, refused after all."""
        return rejected(reason, problem, self.file, self.line, self.raw)


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is refused; `identifier`: whose it is, as far as that could be read."""

    rejected: Rejected
    identifier: str = ""


@dataclass(frozen=True, slots=True)
class CircumstanceFile:
    """A file of circumstances. `columns`: what a column is called in the file."""

    path: Path
    zone: Zone
    order: DateOrder | None = None
    columns: Mapping[str, str] | None = None

    def rows(self) -> Iterator[CircumstanceRow | RefusedRow]:
        """Every row; SourceError for a file that cannot be opened."""
        columns = Columns(NEEDED, OPTIONAL, self.columns)
        try:
            chunks = DelimitedReader().read(self.path, columns, None, is_growing=False)
            for chunk in chunks:
                yield from map(RefusedRow, chunk.rejected)
                yield from self._rows(chunk.rows)
        except OSError as error:
            raise SourceError(f"{self.path} cannot be read: {error.strerror or error}") from error

    def _rows(self, rows: Rows) -> Iterator[CircumstanceRow | RefusedRow]:
        if not len(rows):
            return
        sieve = Sieve(rows, "")
        students = identifiers(sieve, "student")
        sorts = one_of(sieve, "sort", _SORTS)
        sieve.reject(sorts == "", Reason.MISSING_VALUE, lambda row: "sort is empty")
        kinds = [_kinds_in(text) for text in rows.columns["kinds"].to_list()]
        sieve.reject(
            np.array([isinstance(found, str) for found in kinds]),
            Reason.UNKNOWN_VALUE,
            lambda row: f"kinds names {kinds[row]}, which is no kind: {', '.join(KINDS)}, or all",
        )
        firsts = times(sieve, "first", self.zone, self.order)
        lasts = times(sieve, "last", self.zone, self.order)
        first, last = self.zone.days(firsts), self.zone.days(lasts)
        sieve.reject(last < first, Reason.IMPOSSIBLE_DATE, lambda row: "last is a day before first")
        sieve.reject(
            last - first >= LONGEST_DAYS,
            Reason.IMPOSSIBLE_DATE,
            lambda row: f"first and last are more than {LONGEST_DAYS // 366} years apart",
        )
        extend = _filled(numbers(sieve, "extend_days", limit=EXTENSION_LIMIT_DAYS + 1))
        refused = {int(one.line): one for one in sieve.rejected}
        left = sieve.left
        for row, line in enumerate(rows.lines.tolist()):
            found = kinds[row]
            if not left[row] or isinstance(found, str):
                yield RefusedRow(refused[line], students[row])
                continue
            yield CircumstanceRow(
                students[row],
                CircumstanceSort(sorts[row]),
                found,
                Day(int(first[row])),
                Day(int(last[row])),
                int(extend[row]),
                rows.file,
                line,
                rows.raw[row],
            )


def _kinds_in(text: str) -> tuple[Kind, ...] | str:
    """The kinds that a cell names, or what it names that is none."""
    words = text.strip().lower()
    if words in _ALL_KINDS:
        return ()
    found: set[Kind] = set()
    for word in filter(None, _BETWEEN.split(words)):
        if word not in set(Kind):
            return shown(word)
        found.add(Kind(word))
    return tuple(sorted(found))


def _filled(numbers: Nullable) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    column = numbers.column
    if not isinstance(column, np.ndarray):
        raise TypeError("a column of numbers is an array")
    return np.where(numbers.valid, column, 0).astype(np.int64)
