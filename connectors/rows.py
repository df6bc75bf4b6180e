"""Rows of a table as columns of text, each with its place in the file: what readers hand over."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, overload

import numpy as np
import polars as pl
from numpy.typing import NDArray

from connectors.incremental import Position
from connectors.source import Rejected
from schemas.reasons import Reason

RAW_BYTES_LIMIT: Final = 1 << 16  # of a rejected row; a quarantine record has to fit a message
_WHAT_TO_DO: Final = "correct the row at the source and read the file again"


@dataclass(frozen=True, slots=True)
class Columns:
    """What a mapping wants to read: `needed` columns, and `optional` ones, "" where missing.

    `renamed` says what a column is called in the file, where that is something else. `empty` are
    the words by which the system that wrote the file says that a cell is empty.
    """

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    renamed: Mapping[str, str] | None = None
    empty: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return self.needed + self.optional

    def in_file(self, name: str) -> str:
        """What the column is called in the file."""
        return (self.renamed or {}).get(name, name)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Some consecutive rows of a file that have the form of its table."""

    file: str
    columns: Mapping[str, pl.Series]
    """Text, one entry a row, under the mapping's own names; never null."""
    lines: NDArray[np.int64]
    """Physical line, or number, of each row."""
    raw: Sequence[bytes]
    """The bytes of each row, as they came."""

    def __len__(self) -> int:
        return len(self.lines)

    def emptied(self, words: Sequence[str]) -> "Rows":
        """The same rows with "" for each of the words."""
        columns = {
            name: texts.replace(list(words), [""] * len(words)) if len(words) else texts
            for name, texts in self.columns.items()
        }
        return Rows(self.file, columns, self.lines, self.raw)


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """What a reader read: rows, and what is no row. `place`: where it goes on."""

    rows: Rows
    rejected: Sequence[Rejected]
    place: Position
    done: int
    """Bytes of the file that are read."""


class RowReader(Protocol):
    """Reads files of one format.

    It raises nothing for what a file holds, and OSError for one that cannot be read. Chunks are
    bounded. `place` of a chunk may be given as `after`, as long as the file is the same up to
    there. With `is_growing`, a last row that is not yet complete is left for the next time.
    `unchanged` says whether the file still begins as it did when the place was taken.
    """

    def read(
        self, path: Path, columns: Columns, after: Position | None, *, is_growing: bool
    ) -> Iterator[Chunk]:
        """The rows behind `after`, or all of them."""

    def unchanged(self, path: Path, place: Position, *, is_growing: bool) -> bool:
        """Whether reading may go on at the place."""


class RawRows(Sequence[bytes]):
    """Rows of a buffer, cut out only when they are wanted, which is seldom."""

    def __init__(
        self,
        buffer: bytes,
        starts: NDArray[np.int64],
        ends: NDArray[np.int64],
        restored: Callable[[bytes], bytes] = bytes,
    ) -> None:
        self._buffer = buffer
        self._starts = starts
        self._ends = ends
        self._restored = restored

    def __len__(self) -> int:
        return len(self._starts)

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[bytes]: ...
    def __getitem__(self, at: int | slice) -> bytes | Sequence[bytes]:
        if isinstance(at, slice):
            return RawRows(self._buffer, self._starts[at], self._ends[at], self._restored)
        return self._restored(self._buffer[self._starts[at] : self._ends[at]])


def rejected(
    reason: Reason, problem: str, file: str, line: int, raw: bytes, feed: str = ""
) -> Rejected:
    """A row that cannot be used; `problem` is the beginning of a sentence."""
    message = f"{problem}; {_WHAT_TO_DO}"
    if len(raw) > RAW_BYTES_LIMIT:
        message += f" (the first {RAW_BYTES_LIMIT} of {len(raw)} bytes are kept)"
    return Rejected(reason, message, file, line, raw[:RAW_BYTES_LIMIT], feed)


def no_rows(path: Path, columns: Columns) -> Rows:
    """No rows of a file."""
    nothing = {name: pl.Series(name, [], dtype=pl.String) for name in columns.names}
    return Rows(path.name, nothing, np.empty(0, np.int64), ())


def not_unpacked(path: Path, columns: Columns, damage: str) -> Chunk:
    """What there is to say of a file that is damaged at its beginning."""
    problem = f"the file cannot be unpacked ({damage}): get it anew"
    broken = rejected(Reason.BROKEN_OFF, problem, path.name, 1, b"")
    return Chunk(no_rows(path, columns), [broken], {}, 0)
