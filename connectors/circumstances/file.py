"""Reads the file of circumstances: docs/CIRCUMSTANCES.md. One row a period of a student.

Whatever else the file holds is not read: why somebody is excused is nobody's business here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from connectors.list_file import ListRow, RefusedRow, periods, read_list, refused_rows
from connectors.rows import Columns, Rows
from connectors.sieve import Sieve
from connectors.times import DateOrder
from connectors.values import bounded, identifiers, numbers, one_of, shown
from connectors.zones import Zone
from schemas.columns import Nullable
from schemas.reasons import Reason
from schemas.types import KINDS, CircumstanceSort, Day, Kind
from scoring.items import EXTENSION_LIMIT_DAYS

NEEDED: Final = ("student", "sort", "first", "last")
OPTIONAL: Final = ("kinds", "extend_days")
LONGEST_YEARS: Final = 3  # of a period; more is one too

_SORTS: Final = tuple(sort.value for sort in CircumstanceSort)
_ALL_KINDS: Final = ("", "all")
_BETWEEN: Final = re.compile(r"[\s;,+]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CircumstanceRow(ListRow):
    """A row whose form is right; whose it is will be looked up."""

    sort: CircumstanceSort
    kinds: tuple[Kind, ...]
    first: Day
    last: Day
    extend_days: int


@dataclass(frozen=True, slots=True)
class CircumstanceFile:
    """A file of circumstances. `columns`: what a column is called in the file."""

    path: Path
    zone: Zone
    order: DateOrder | None = None
    columns: Mapping[str, str] | None = None

    def rows(self) -> Iterator[CircumstanceRow | RefusedRow]:
        """Every row; SourceError for a file that cannot be opened."""
        return read_list(self.path, Columns(NEEDED, OPTIONAL, self.columns), self._rows)

    def _rows(self, rows: Rows) -> Iterator[CircumstanceRow | RefusedRow]:
        sieve = Sieve(rows, "")
        bounded(sieve)
        students = identifiers(sieve, "student")
        sorts = one_of(sieve, "sort", _SORTS)
        sieve.reject(sorts == "", Reason.MISSING_VALUE, lambda row: "sort is empty")
        kinds = [_kinds_in(text) for text in rows.columns["kinds"].to_list()]
        sieve.reject(
            np.array([isinstance(found, str) for found in kinds]),
            Reason.UNKNOWN_VALUE,
            lambda row: f"kinds names {kinds[row]}, which is no kind: {', '.join(KINDS)}, or all",
        )
        first, last, _ = periods(sieve, self.zone, self.order, years=LONGEST_YEARS)
        extend = _filled(numbers(sieve, "extend_days", limit=EXTENSION_LIMIT_DAYS + 1))
        refused, left = refused_rows(sieve), sieve.left
        for row, line in enumerate(rows.lines.tolist()):
            found = kinds[row]
            if not left[row] or isinstance(found, str):
                yield RefusedRow(refused[line], students[row])
                continue
            yield CircumstanceRow(
                identifier=students[row],
                sort=CircumstanceSort(sorts[row]),
                kinds=found,
                first=Day(int(first[row])),
                last=Day(int(last[row])),
                extend_days=int(extend[row]),
                file=rows.file,
                line=line,
                raw=rows.raw[row],
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
