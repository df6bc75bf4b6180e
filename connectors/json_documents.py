"""Reads files of JSON objects as services answer with. Keeps to `connectors.rows.RowReader`.

An object is a row wherever it stands: alone, one behind the other, in a list, or in a list that an
envelope holds under a known key, as `{"loans": [{...}, {...}], "totalRecords": 2}`. Objects are cut
out one by one, so the size of a file does not matter. `connectors.json_cells` says what the columns
of one are.

An object that does not end is refused up to the next one that is indented as it is; where there is
none, with the rest of the file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from connectors.gathering import ROW_BYTES_LIMIT, Gathering, Refusal
from connectors.incremental import Position
from connectors.json_cells import json_cells
from connectors.rows import Chunk, Columns, not_unpacked
from connectors.text import Encoding, TextFile, Trace, is_unchanged
from connectors.unpacking import BrokenOff
from schemas.reasons import Reason

_STRING: Final = rb'"(?:[^"\\\n]|\\[^\n])*"'
_BETWEEN: Final = re.compile(
    rb"(?:[\s,\[\]}]|" + _STRING + rb"\s*:\s*(?:" + _STRING + rb"|[-+.\w]+))*"
)
"""What stands between objects, with the plain members of an envelope."""
_NAMED: Final = re.compile(_STRING + rb"\s*:\s*(?=\{)")
"""The name of an envelope's member that is an object."""
_TOKEN: Final = re.compile(_STRING + rb'|["{}]')
_NOT_CLOSED: Final = "an object of the file does not end"
_STRAY: Final = re.compile(rb"[^\n{]+")


class _Piece(NamedTuple):
    """An object, or what is none: where it stands in the buffer."""

    start: int
    end: int
    why: Refusal | None = None


@dataclass(frozen=True, slots=True)
class JsonDocumentsReader:
    """`under`: the key of an envelope's list."""

    under: str
    encoding: Encoding = "utf-8"
    block_bytes: int = 4 << 20
    """How much is read at a time."""

    def read(
        self, path: Path, columns: Columns, after: Position | None, *, is_growing: bool
    ) -> Iterator[Chunk]:
        """The objects behind `after`, or all of them."""
        try:
            text = TextFile.open(path, self.encoding)
        except BrokenOff as damage:
            yield not_unpacked(path, columns, str(damage))
            return
        yield from _Reading(self, text, columns, after).chunks(is_growing=is_growing)

    def unchanged(self, path: Path, place: Position, *, is_growing: bool) -> bool:
        """Whether the file still begins with what was read of it."""
        return is_unchanged(path, place, is_growing=is_growing)


class _Reading:
    """One file, from a place on. The buffer begins where the last object ended."""

    def __init__(
        self, reader: JsonDocumentsReader, text: TextFile, columns: Columns, after: Position | None
    ) -> None:
        self._reader = reader
        self._file = text
        self._rows = Gathering(
            text.path.name, columns, json_cells(columns), text.encoding, text.restored
        )
        plain = rb"\s*:\s*(?:" + _STRING + rb"|[-+.\w]+)\s*,\s*"
        listed = b'"' + re.escape(reader.under.encode()) + rb'"\s*:\s*\['
        self._envelope = re.compile(rb"\{\s*(?:" + _STRING + plain + rb")*?" + listed)
        self._trace = Trace(after)
        self._offset, self._line = 0, 1
        if after and isinstance(offset := after.get("offset"), int):
            self._offset, self._line = offset, int(str(after.get("line", 1)))
        self._buffer = b""
        self._least = 0  # in a buffer smaller than this no object ends

    def chunks(self, *, is_growing: bool) -> Iterator[Chunk]:
        pieces = self._file.pieces(self._offset)
        damage: BrokenOff | None = None
        size = self._reader.block_bytes
        while damage is None:
            try:
                piece = next(pieces, b"")
            except BrokenOff as error:
                damage, piece = error, b""
            if not piece:
                break
            for at in range(0, len(piece), size):
                self._buffer += piece[at : at + size]
                if len(self._buffer) >= self._least:
                    self._take(is_all=False)
                if len(self._rows):
                    yield self._rows.chunk(self._place, self._offset)
        if damage is None and not is_growing:
            self._take(is_all=True)
        elif damage is not None:
            problem = f"the file breaks off in line {self._line} ({damage}): get it anew"
            self._rows.refuse(Refusal(Reason.BROKEN_OFF, problem), self._line, self._buffer)
        if len(self._rows):
            yield self._rows.chunk(self._place, self._offset)

    def _take(self, *, is_all: bool) -> None:
        """All objects that end within the buffer."""
        done = 0
        while piece := self._next(done, is_all=is_all):
            line = self._line + self._buffer.count(b"\n", done, piece.start)
            raw = self._buffer[piece.start : piece.end]
            if piece.why is None:
                self._rows.add(line, raw)
            else:
                self._rows.refuse(piece.why, line, raw)
            self._line = line + raw.count(b"\n")
            self._trace.add(self._buffer[done : piece.end])
            self._offset += piece.end - done
            done = piece.end
        self._buffer = self._buffer[done:]
        # What did not end is looked at again when there is twice as much of it, not at every piece.
        self._least = 2 * len(self._buffer)

    def _next(self, at: int, *, is_all: bool) -> _Piece | None:
        """The next object behind `at`; None where more text is needed, or nothing is left."""
        text = self._buffer
        while True:
            at = _end_of(_BETWEEN, text, at)
            if at == len(text):
                return None
            if envelope := self._envelope.match(text, at):
                at = envelope.end()
            elif named := _NAMED.match(text, at):
                passed = _closed(text, named.end())
                if passed is None:
                    return self._open(at, is_all=is_all)
                at = passed
            elif text[at : at + 1] == b"{":
                end = _closed(text, at)
                return self._open(at, is_all=is_all) if end is None else _Piece(at, end)
            else:
                return self._stray(at, is_all=is_all)

    def _open(self, at: int, *, is_all: bool) -> _Piece | None:
        """An object that does not end in the buffer."""
        text = self._buffer
        line_start = text.rfind(b"\n", 0, at) + 1
        indent = text[line_start:at] if not text[line_start:at].strip() else b""
        following = re.compile(rb"\n" + indent + rb"(?=\{)").search(text, at)
        is_too_long = len(text) - at > ROW_BYTES_LIMIT
        if following is None and not (is_all or is_too_long):
            return None
        if following is not None:
            return _Piece(at, following.end(), Refusal(Reason.MALFORMED_ROW, _NOT_CLOSED))
        reason = Reason.TOO_LARGE if is_too_long else Reason.BROKEN_OFF
        return _Piece(at, len(text), Refusal(reason, _NOT_CLOSED))

    def _stray(self, at: int, *, is_all: bool) -> _Piece | None:
        """What is no JSON, up to the end of its line."""
        end = _end_of(_STRAY, self._buffer, at)
        if end == len(self._buffer) and not is_all and end - at < ROW_BYTES_LIMIT:
            return None
        why = Refusal(Reason.MALFORMED_ROW, "between the objects there is something that is none")
        return _Piece(at, max(end, at + 1), why)

    @property
    def _place(self) -> Position:
        return {"offset": self._offset, "line": self._line, **self._trace.position()}


def _end_of(pattern: re.Pattern[bytes], text: bytes, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()


def _closed(text: bytes, at: int) -> int | None:
    """The end of the object that begins at `at`; None where it does not end."""
    depth = 0
    for token in _TOKEN.finditer(text, at):
        match token.group():
            case b"{":
                depth += 1
            case b"}":
                depth -= 1
                if not depth:
                    return token.end()
            case b'"':
                return None
            case _:
                pass
    return None
