"""Reads files with one JSON object a line. Keeps to `connectors.rows.RowReader`.

A column is a key of the object, or a path of keys with dots between them. Numbers and truth values
become text, null and a missing key become "", lists and objects their JSON.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
import polars as pl

from connectors.incremental import Position
from connectors.rows import Chunk, Columns, Rows, no_rows, rejected
from connectors.source import Rejected
from connectors.text import REPLACEMENT, Encoding, TextFile, Trace, is_unchanged
from connectors.unpacking import BrokenOff
from schemas.reasons import Reason

LINE_BYTES_LIMIT: Final = 1 << 20

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
_MISSING: Final = ""


@dataclass(frozen=True, slots=True)
class JsonLinesReader:
    """`encoding` is that of files without a byte-order mark."""

    encoding: Encoding = "utf-8"
    block_bytes: int = 4 << 20
    """How much is read at a time."""

    def read(
        self, path: Path, columns: Columns, after: Position | None, *, is_growing: bool
    ) -> Iterator[Chunk]:
        """The rows behind `after`, or all of them."""
        try:
            text = TextFile.open(path, self.encoding)
        except BrokenOff as damage:
            problem = f"the file cannot be unpacked ({damage}): get it anew"
            broken = rejected(Reason.BROKEN_OFF, problem, path.name, 1, b"")
            yield Chunk(no_rows(path, columns), [broken], {}, 0)
            return
        yield from _Reading(text, columns, after, self.block_bytes).chunks(is_growing=is_growing)

    def unchanged(self, path: Path, place: Position, *, is_growing: bool) -> bool:
        """Whether the file still begins with what was read of it."""
        return is_unchanged(path, place, is_growing=is_growing)


class _Reading:
    """One file, from a place on."""

    def __init__(
        self, text: TextFile, columns: Columns, after: Position | None, block_bytes: int
    ) -> None:
        self._file = text
        self._columns = columns
        self._block_bytes = block_bytes
        self._trace = Trace(after)
        self._offset = self._line = 0
        if after and isinstance(offset := after.get("offset"), int):
            self._offset, self._line = offset, int(str(after.get("line", 0)))
        self._rest = b""
        self._is_too_long = False  # the beginning of this line was rejected already

    def chunks(self, *, is_growing: bool) -> Iterator[Chunk]:
        pieces = self._file.pieces(self._offset)
        damage: BrokenOff | None = None
        while True:
            try:
                piece = next(pieces, b"")
            except BrokenOff as error:
                damage, piece = error, b""
            if not piece:
                break
            for at in range(0, len(piece), self._block_bytes):
                yield from self._lines(piece[at : at + self._block_bytes])
        if damage is not None:
            problem = (
                f"the file breaks off after line {self._line} ({damage}): the rows up to there"
                " are read, what follows is missing; get the file anew"
            )
            yield self._chunk([], [self._rejected(Reason.BROKEN_OFF, problem, 1, self._rest)])
        elif self._rest.strip() and not is_growing and not self._is_too_long:
            # A line without an end is read again when the file grows: the place stays before it.
            yield self._chunk([self._rest], [])

    def _lines(self, piece: bytes) -> Iterator[Chunk]:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if self._is_too_long:
            if not lines:
                self._pass(self._rest, 0)
                self._rest = b""
                return
            self._is_too_long = False
            self._pass(lines.pop(0) + b"\n", 1)
        if lines:
            yield self._chunk(lines, [], ends=True)
        if len(self._rest) > LINE_BYTES_LIMIT:
            problem = f"the line is longer than the {LINE_BYTES_LIMIT} bytes that are accepted"
            too_long = self._rejected(Reason.TOO_LARGE, problem, 1, self._rest)
            self._pass(self._rest, 0)
            self._rest, self._is_too_long = b"", True
            yield self._chunk([], [too_long])

    def _pass(self, text: bytes, lines: int) -> None:
        self._offset += len(text)
        self._line += lines
        self._trace.add(text)

    def _chunk(self, lines: list[bytes], bad: list[Rejected], *, ends: bool = False) -> Chunk:
        numbers: list[int] = []
        raws: list[bytes] = []
        cells: dict[str, list[str]] = {name: [] for name in self._columns.names}
        wanted = [(cells[name], self._columns.in_file(name)) for name in self._columns.names]
        for number, line in enumerate(lines, 1):
            raw = line.removesuffix(b"\r")
            if not raw.strip():
                continue
            found = self._row(raw)
            if isinstance(found, dict):
                texts = [_text(_at(found, path)) for _, path in wanted]
                if all(map(_is_text, texts)):
                    for (column, _), text in zip(wanted, texts, strict=True):
                        column.append(text)
                    numbers.append(self._line + number)
                    raws.append(self._file.restored(raw))
                    continue
                found = Reason.WRONG_ENCODING, "the row holds half of a character"
            bad.append(self._rejected(*found, number, raw))
        if ends:
            self._pass(b"".join(line + b"\n" for line in lines), len(lines))
        columns = {name: pl.Series(name, texts, dtype=pl.String) for name, texts in cells.items()}
        rows = Rows(self._file.path.name, columns, np.array(numbers, np.int64), raws)
        place: Position = {"offset": self._offset, "line": self._line, **self._trace.position()}
        return Chunk(rows, bad, place, self._offset)

    def _row(self, raw: bytes) -> dict[str, Json] | tuple[Reason, str]:
        if len(raw) > LINE_BYTES_LIMIT:
            problem = f"the line has {len(raw)} bytes, more than the {LINE_BYTES_LIMIT} accepted"
            return Reason.TOO_LARGE, problem
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            return Reason.WRONG_ENCODING, f"the row is not UTF-8 (byte {error.start + 1})"
        if self._file.encoding != "utf-8" and REPLACEMENT in text:
            return Reason.WRONG_ENCODING, "the row is not text of the file's encoding"
        try:
            row = json.loads(text)
        except (ValueError, RecursionError) as error:
            return Reason.MALFORMED_ROW, f"the line is no JSON ({str(error)[:100]})"
        if not isinstance(row, dict):
            return Reason.MALFORMED_ROW, "the line is JSON, but no object"
        return row

    def _rejected(self, reason: Reason, problem: str, number: int, raw: bytes) -> Rejected:
        name, line = self._file.path.name, self._line + number
        return rejected(reason, problem, name, line, self._file.restored(raw))


def _at(row: Mapping[str, Json], path: str) -> Json:
    if path in row:
        return row[path]
    found: Json = dict(row)
    for key in path.split("."):
        if not isinstance(found, dict) or key not in found:
            return None
        found = found[key]
    return found


def _text(value: Json) -> str:
    match value:
        case str():
            return value
        case None:
            return _MISSING
        case bool():
            return str(int(value))
        case float() if value.is_integer():
            return str(int(value))
        case int() | float():
            return str(value)
    return json.dumps(value, ensure_ascii=False)


def _is_text(text: str) -> bool:
    """Whether it can be UTF-8: JSON may name halves of characters, which are none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
