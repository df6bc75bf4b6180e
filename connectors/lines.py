"""Reads files with one record a line. Keeps to `connectors.rows.RowReader`.

What a record is, a parser says (`connectors.gathering.ParserOf`): `connectors.json_lines` brings
one for JSON, `connectors.ezproxy` one for the lines of a log.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from connectors.gathering import ROW_BYTES_LIMIT, Gathering, ParserOf, Refusal
from connectors.incremental import Position
from connectors.rows import Chunk, Columns, not_unpacked
from connectors.text import Encoding, TextFile, Trace, is_unchanged
from connectors.unpacking import BrokenOff
from schemas.reasons import Reason

LINE_BYTES_LIMIT: Final = ROW_BYTES_LIMIT


@dataclass(frozen=True, slots=True)
class LineReader:
    """`encoding` is that of files without a byte-order mark."""

    encoding: Encoding = "utf-8"
    block_bytes: int = 4 << 20
    """How much is read at a time."""
    parser_of: ParserOf = field(kw_only=True)

    def read(
        self, path: Path, columns: Columns, after: Position | None, *, is_growing: bool
    ) -> Iterator[Chunk]:
        """The rows behind `after`, or all of them."""
        try:
            text = TextFile.open(path, self.encoding)
        except BrokenOff as damage:
            yield not_unpacked(path, columns, str(damage))
            return
        reading = _Reading(text, columns, self.parser_of, after, self.block_bytes)
        yield from reading.chunks(is_growing=is_growing)

    def unchanged(self, path: Path, place: Position, *, is_growing: bool) -> bool:
        """Whether the file still begins with what was read of it."""
        return is_unchanged(path, place, is_growing=is_growing)


class _Reading:
    """One file, from a place on."""

    def __init__(
        self,
        text: TextFile,
        columns: Columns,
        parser_of: ParserOf,
        after: Position | None,
        block_bytes: int,
    ) -> None:
        self._file = text
        self._rows = Gathering(
            text.path.name, columns, parser_of(columns), text.encoding, text.restored
        )
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
            yield self._refused(Refusal(Reason.BROKEN_OFF, problem), self._rest)
        elif self._rest.strip() and not is_growing and not self._is_too_long:
            # A line without an end is read again when the file grows: the place stays before it.
            yield self._chunk([self._rest])

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
            yield self._chunk(lines, ends=True)
        if len(self._rest) > LINE_BYTES_LIMIT:
            problem = f"the line is longer than the {LINE_BYTES_LIMIT} bytes that are accepted"
            self._rows.refuse(Refusal(Reason.TOO_LARGE, problem), self._line + 1, self._rest)
            self._pass(self._rest, 0)
            self._rest, self._is_too_long = b"", True
            yield self._rows.chunk(self._place, self._offset)

    def _pass(self, text: bytes, lines: int) -> None:
        self._offset += len(text)
        self._line += lines
        self._trace.add(text)

    def _chunk(self, lines: list[bytes], *, ends: bool = False) -> Chunk:
        for number, line in enumerate(lines, self._line + 1):
            raw = line.removesuffix(b"\r")
            if raw.strip():
                self._rows.add(number, raw)
        if ends:
            self._pass(b"".join(line + b"\n" for line in lines), len(lines))
        return self._rows.chunk(self._place, self._offset)

    def _refused(self, why: Refusal, raw: bytes) -> Chunk:
        self._rows.refuse(why, self._line + 1, raw)
        return self._rows.chunk(self._place, self._offset)

    @property
    def _place(self) -> Position:
        return {"offset": self._offset, "line": self._line, **self._trace.position()}
