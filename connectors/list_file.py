"""Files that say of people what holds, all of it: a row a person and period.

Whatever columns are not asked for are not read.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from connectors.delimited.reader import DelimitedReader
from connectors.rows import Columns, Rows, rejected
from connectors.sieve import Sieve
from connectors.source import Rejected
from connectors.times import DateOrder
from connectors.values import times
from connectors.zones import Zone
from schemas.errors import SourceError
from schemas.reasons import Reason

R = TypeVar("R")
_DAYS_A_YEAR = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRow:
    """A row whose form is right; whose it is will be looked up."""

    identifier: str
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


def read_list(
    path: Path, columns: Columns, rows_in: Callable[[Rows], Iterator[R | RefusedRow]]
) -> Iterator[R | RefusedRow]:
    """Every row; SourceError for a file that cannot be opened."""
    try:
        for chunk in DelimitedReader().read(path, columns, None, is_growing=False):
            yield from map(RefusedRow, chunk.rejected)
            if len(chunk.rows):
                yield from rows_in(chunk.rows)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}") from error


def refused_rows(sieve: Sieve) -> dict[int, Rejected]:
    """By line, what a sieve took out."""
    return {int(one.line): one for one in sieve.rejected}


def periods(
    sieve: Sieve, zone: Zone, order: DateOrder | None, *, years: int, may_be_open: bool = False
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """First and last campus days, of no more than some years; and which have a last day.

    Only those that `may_be_open` may have none; what is in its place then means nothing.
    """
    first = zone.days(times(sieve, "first", zone, order))
    ends = (sieve.rows.columns["last"].str.strip_chars() != "").to_numpy()
    last = zone.days(times(sieve, "last", zone, order, is_needed=not may_be_open))
    sieve.reject(
        ends & (last < first), Reason.IMPOSSIBLE_DATE, lambda row: "last is a day before first"
    )
    sieve.reject(
        ends & (last - first >= years * _DAYS_A_YEAR),
        Reason.IMPOSSIBLE_DATE,
        lambda row: f"first and last are more than {years} years apart",
    )
    return first, last, ends
