"""Reads files of delimited text. Keeps to `connectors.rows.RowReader`.

1. The byte-order mark and the header are read, wherever reading goes on. The header says which of
   the usual delimiters it is: the one with which it names the columns that are needed.
2. Text is taken in pieces, and a window of it is split: `fast`, or `exact` where that declines.
   The window shrinks around irregular rows, and grows until it holds a whole row.
3. Rows become columns. A row that does not decode is rejected, like one that does not split.
4. Damage ends the reading, with one rejection for all that is missing behind it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from connectors.delimited import exact, fast
from connectors.delimited.cells import cells, undecodable
from connectors.delimited.header import Header, NoHeader, read_header
from connectors.delimited.split import ROW_BYTES_LIMIT, Split
from connectors.incremental import Position
from connectors.rows import Chunk, Columns, RawRows, Rows, no_rows, not_unpacked, rejected
from connectors.text import REPLACEMENT, Encoding, TextFile, Trace, is_unchanged
from connectors.unpacking import BrokenOff
from schemas.reasons import Reason

_HELD_BYTES: Final = 16 * ROW_BYTES_LIMIT  # of a row that is looked through for its end
_REPLACED: Final = REPLACEMENT.encode()
_NOT_TEXT: Final = "the row is not text of the file's encoding: declare another one"


@dataclass(frozen=True, slots=True)
class DelimitedReader:
    """`encoding` is that of files without a byte-order mark."""

    encoding: Encoding = "utf-8"
    is_fast: bool = True
    """False: every row takes the exact path. The results are the same."""
    window_bytes: int = 4 << 20
    """How much is split at a time, at most; around irregular rows, a 64th of it."""

    @property
    def smallest_bytes(self) -> int:
        """How much is split at a time, at least."""
        return max(1, self.window_bytes // 64)

    def read(
        self, path: Path, columns: Columns, after: Position | None, *, is_growing: bool
    ) -> Iterator[Chunk]:
        """The rows behind `after`, or all of them."""
        try:
            text = TextFile.open(path, self.encoding)
            header = read_header(text, columns, is_growing=is_growing)
        except BrokenOff as damage:
            yield not_unpacked(path, columns, str(damage))
            return
        except NoHeader as error:
            if error.rejected is not None:
                yield Chunk(no_rows(path, columns), [error.rejected], {}, 0)
            return
        yield from _Reading(self, text, columns, header, after, is_growing).chunks()

    def unchanged(self, path: Path, place: Position, *, is_growing: bool) -> bool:
        """Whether the file still begins with what was read of it."""
        return is_unchanged(path, place, is_growing=is_growing)


class _Reading:
    """One file, from a place on."""

    def __init__(
        self,
        reader: DelimitedReader,
        text: TextFile,
        columns: Columns,
        header: Header,
        after: Position | None,
        is_growing: bool,
    ) -> None:
        self._reader = reader
        self._file = text
        self._columns = columns
        self._header = header
        self._is_growing = is_growing
        self._trace = Trace(after)
        self._offset, self._line = len(header.text), header.lines
        if after and isinstance(offset := after.get("offset"), int) and offset >= self._offset:
            self._offset, self._line = offset, int(str(after.get("line", 0)))
        else:
            self._trace.add(header.text)
        self._buffer = b""
        self._at = 0
        self._window = reader.window_bytes
        self._least = 0  # a window smaller than this does not hold a whole row
        self._is_within_line = False  # of which the beginning was rejected

    def chunks(self) -> Iterator[Chunk]:
        pieces = self._file.pieces(self._offset)
        has_ended = False
        while not has_ended:
            damage = None
            try:
                piece = next(pieces, b"")
            except BrokenOff as error:
                damage, piece = error, b""
            has_ended = not piece
            self._buffer, self._at = self._buffer[self._at :] + piece, 0
            is_all = has_ended and damage is None and not self._is_growing
            yield from self._split(is_all=is_all)
            if damage is not None:
                yield self._broken_off(damage)

    def _split(self, *, is_all: bool) -> Iterator[Chunk]:
        """Everything in the buffer that can be split; all of it, if no more text follows."""
        while self._at < len(self._buffer):
            if self._is_within_line:
                self._leave_line()
                continue
            size = max(self._window, self._least)
            text = self._buffer[self._at : self._at + size]
            is_whole = self._at + size >= len(self._buffer)
            if is_whole and not is_all and len(text) < self._least:
                return
            split = self._rows_of(text)
            if split is None:
                continue
            if split.consumed:
                yield self._chunk(text, split, is_complete=True)
            elif not is_whole:
                self._least = min(4 * len(text), _HELD_BYTES)
            elif is_all:
                last = exact.split(
                    text, *self._form, at_end=True, is_final=True, until=self._reader.smallest_bytes
                )
                ends_line = text[: last.consumed].endswith((b"\n", b"\r"))
                yield self._chunk(text, last, is_complete=ends_line)
            else:
                self._least = min(4 * len(text), _HELD_BYTES)
                return

    @property
    def _form(self) -> tuple[int, int]:
        return self._header.width, self._header.delimiter

    def _rows_of(self, text: bytes) -> Split | None:
        """The rows of a window; None when a smaller window should be tried."""
        if self._reader.is_fast:
            split = fast.split(text, *self._form)
            if split is not None:
                self._window = min(2 * self._window, self._reader.window_bytes)
                return split
            if len(text) > max(self._least, self._reader.smallest_bytes):
                self._window = max(self._window // 8, self._reader.smallest_bytes)
                return None
        is_final = len(text) >= _HELD_BYTES
        return exact.split(
            text, *self._form, at_end=False, is_final=is_final, until=self._reader.smallest_bytes
        )

    def _leave_line(self) -> None:
        """Pass over the rest of a line of which the beginning was rejected as too long."""
        rest = self._buffer[self._at :]
        ends = [at for at in (rest.find(b"\n"), rest.find(b"\r")) if at >= 0]
        passed = min(ends) if ends else len(rest)
        if ends:
            self._is_within_line = False
            is_crlf = rest[passed : passed + 2] == b"\r\n"
            passed += 2 if is_crlf else 1
            self._line += 1
        self._pass(rest[:passed])

    def _pass(self, text: bytes) -> None:
        self._at += len(text)
        self._offset += len(text)
        self._trace.add(text)

    def _chunk(self, text: bytes, split: Split, *, is_complete: bool) -> Chunk:
        """The rows of a split. A last row without a line end is read again when the file grows."""
        place = self._place()
        first_line, path = self._line + 1, self._file.path
        restored = self._file.restored
        bad = [
            rejected(one.reason, one.problem, path.name, first_line + one.line, raw)
            for one in split.bad
            for raw in [restored(text[one.start : one.end])]
        ]
        row_starts, row_ends = split.starts[:, 0], split.ends[:, -1]
        lost = self._lost(text[: split.consumed], row_starts, row_ends)
        for row in lost:
            raw = restored(text[row_starts[row] : row_ends[row]])
            line = first_line + int(split.lines[row])
            bad.append(rejected(Reason.WRONG_ENCODING, _NOT_TEXT, path.name, line, raw))
        bad.sort(key=lambda one: one.line)
        kept = np.ones(len(row_starts), np.bool_)
        kept[lost] = False
        columns = {
            name: self._column(name, text, split.starts[kept], split.ends[kept])
            for name in self._columns.names
        }
        lines = split.lines[kept] + first_line
        raws = RawRows(text, row_starts[kept], row_ends[kept], restored)
        self._pass(text[: split.consumed])
        self._line += split.lines_consumed
        self._least = 0
        ends_line = text[: split.consumed].endswith((b"\n", b"\r"))
        self._is_within_line = is_complete and not ends_line
        done = place if not is_complete else self._place()
        return Chunk(Rows(path.name, columns, lines, raws), bad, done, self._offset)

    def _column(
        self, name: str, text: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> pl.Series:
        at = self._header.position.get(name)
        if at is None:
            return pl.Series(name, [""], dtype=pl.String).new_from_index(0, len(starts))
        return cells(text, starts[:, at], ends[:, at]).rename(name)

    def _lost(self, text: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> list[int]:
        """The rows that are no text of the file's encoding."""
        if self._file.encoding == "utf-8":
            return undecodable(text, starts, ends)
        if _REPLACED not in text:
            return []
        places = zip(starts.tolist(), ends.tolist(), strict=True)
        return [row for row, (a, b) in enumerate(places) if _REPLACED in text[a:b]]

    def _place(self) -> Position:
        return {"offset": self._offset, "line": self._line, **self._trace.position()}

    def _broken_off(self, damage: BrokenOff) -> Chunk:
        raw = self._file.restored(self._buffer[self._at :])
        problem = (
            f"the file breaks off after line {self._line} ({damage}): the rows up to there are"
            " read, what follows is missing; get the file anew"
        )
        file = self._file.path
        broken = rejected(Reason.BROKEN_OFF, problem, file.name, self._line + 1, raw)
        return Chunk(no_rows(file, self._columns), [broken], self._place(), self._offset)
