"""A file of the dataset whose rows are checked, and what became of each of them."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources.abc import Traversable
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from connectors.oulad.files import find
from connectors.oulad.rows import Rows, read_rows, rejected
from connectors.source import FileRead, Rejected

_MISSING: Final = ("", "?")  # how the dataset's releases write that a value is not known

MODULE: Final = ("code_module", "code_presentation")
STUDENT_NUMBER_LIMIT: Final = 10**15  # far above every student number, and exact in a float


class Checks:
    """Turns the columns of some rows into values; remembers what is wrong with each row.

    Values of a row with a problem are within their range, but mean nothing.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.problems: dict[int, str] = {}

    @property
    def passed(self) -> NDArray[np.bool_]:
        """Whether a row has no problem, [rows]."""
        good = np.ones(len(self.rows.lines), np.bool_)
        good[list(self.problems)] = False
        return good

    def is_given(self, column: str) -> NDArray[np.bool_]:
        """Whether a row has a value there, [rows]."""
        texts = self.rows.columns[column]
        return np.array([text not in _MISSING for text in texts], np.bool_)

    def integers(
        self, column: str, low: int, high: int, needed: NDArray[np.bool_] | None = None
    ) -> NDArray[np.int64]:
        """Whole numbers from `low` to `high`, both included; only where `needed`, if given."""
        texts = self.rows.columns[column]
        series = pl.Series(texts, dtype=pl.String).cast(pl.Int64, strict=False)
        if series.has_nulls():
            stripped = pl.Series([text.strip() for text in texts], dtype=pl.String)
            series = stripped.cast(pl.Int64, strict=False).fill_null(low - 1)
        values = series.to_numpy().copy()
        wrong = np.logical_or(values < low, values > high)
        values[wrong] = low
        if needed is not None:
            wrong &= needed
        for i in np.flatnonzero(wrong).tolist():
            self.refuse(i, f"is {texts[i]!r}, not a whole number from {low} to {high}", column)
        return values

    def found(
        self, columns: Sequence[str], known: Mapping[tuple[str, ...], int], problem: str
    ) -> NDArray[np.int64]:
        """The number under which `known` has the texts of the columns, [rows]."""
        texts = list(zip(*(self.rows.columns[column] for column in columns), strict=True))
        values = np.array([known.get(text, -1) for text in texts], np.int64)
        for i in np.flatnonzero(values < 0).tolist():
            self.refuse(i, f"is {', '.join(texts[i])!r}, {problem}", ", ".join(columns))
        return np.maximum(values, 0)

    def refuse(self, row: int, problem: str, column: str) -> None:
        """Remember a problem; the first one of a row stays."""
        self.problems.setdefault(row, f"{column} {problem}")


class Table:
    """One file; iterating reads it. Rows that are refused are collected in `rejected`."""

    def __init__(
        self, folder: Traversable, prefix: str, needed: Sequence[str], feed: str = ""
    ) -> None:
        self._file = find(folder, prefix)
        self._needed = needed
        self._feed = feed
        self._rows = 0
        self.rejected: list[Rejected] = []

    def __iter__(self) -> Iterator[Checks]:
        for rows in read_rows(self._file, self._needed, self._feed):
            if isinstance(rows, Rejected):
                self.rejected.append(rows)
                self._rows += 1
                continue
            self._rows += len(rows.lines)
            checks = Checks(rows)
            yield checks
            for row, problem in sorted(checks.problems.items()):
                self.reject(rows.lines[row], rows.raw[row], problem)

    def reject(self, line: int, raw: bytes, problem: str) -> None:
        """Reject a row; `problem` is the beginning of a sentence."""
        self.rejected.append(rejected(self._file.name, line, raw, self._feed, problem))

    def account(self, *, left_out: int = 0, events: int = 0) -> FileRead:
        """What became of the rows, once they are read."""
        return FileRead(self._file.name, self._rows, left_out, len(self.rejected), events)
