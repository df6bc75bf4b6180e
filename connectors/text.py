"""Text files as UTF-8, in pieces, from any place on.

A byte-order mark says what a file is: UTF-8, or UTF-16 of either byte order. A file without one is
UTF-8, unless another encoding was declared; nothing is guessed, because a wrong guess would
silently change names of people. What does not decode becomes U+FFFD when the encoding is another
than UTF-8, and stays as it is otherwise: the row that holds it is rejected, its neighbours are not.
"""

import codecs
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from connectors.incremental import Position
from connectors.unpacking import is_packed, unpacked

Encoding: TypeAlias = Literal["utf-8", "cp1252", "utf-16-le", "utf-16-be"]

REPLACEMENT: Final = "\ufffd"
PIECE_BYTES: Final = 4 << 20
_TAIL_BYTES: Final = 4096
_MARKS: Final[tuple[tuple[bytes, Encoding], ...]] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file, and how its bytes are text. `offset` counts bytes of the text as UTF-8."""

    path: Path
    encoding: Encoding
    mark_bytes: int
    is_plain: bool
    """Whether the bytes of the file are those of the text: UTF-8, and not compressed."""

    @classmethod
    def open(cls, path: Path, declared: Encoding) -> "TextFile":
        """Look at how the file begins. Raises OSError, and BrokenOff for a damaged beginning."""
        with unpacked(path) as stream:
            beginning = b""
            while len(beginning) < 3 and (piece := stream.read1(3 - len(beginning))):
                beginning += piece
        encoding, length = declared, 0
        for mark, marked in _MARKS:
            if beginning.startswith(mark):
                encoding, length = marked, len(mark)
                break
        return cls(path, encoding, length, encoding == "utf-8" and not is_packed(path))

    def pieces(self, offset: int) -> Iterator[bytes]:
        """The text from `offset` on. Raises BrokenOff where the file is damaged."""
        if self.encoding == "utf-8":
            with unpacked(self.path, self.mark_bytes + offset) as stream:
                while piece := stream.read1(PIECE_BYTES):
                    yield piece
            return
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        with unpacked(self.path, self.mark_bytes) as stream:
            while piece := stream.read1(PIECE_BYTES):
                text = decoder.decode(piece).encode()
                if offset >= len(text):
                    offset -= len(text)
                    continue
                yield text[offset:]
                offset = 0
            if rest := decoder.decode(b"", final=True).encode():
                yield rest[offset:]

    def restored(self, raw: bytes) -> bytes:
        """Bytes of the text as they stand in the file."""
        if self.encoding == "utf-8":
            return raw
        return raw.decode(errors="replace").encode(self.encoding, "replace")


class Trace:
    """What was read of a plain file, so that it is known again: a sum of all, and of the end."""

    def __init__(self, after: Position | None) -> None:
        self._sum = _number(after, "sum")
        self._tail = b""

    def add(self, piece: bytes) -> None:
        """The next bytes of the text."""
        self._sum = zlib.crc32(piece, self._sum)
        self._tail = (self._tail + piece)[-_TAIL_BYTES:]

    def position(self) -> dict[str, int | str | bool | list[int]]:
        """What to keep."""
        return {"sum": self._sum, "tail": zlib.crc32(self._tail), "tail_bytes": len(self._tail)}


def is_unchanged(path: Path, position: Position, *, is_growing: bool) -> bool:
    """Whether a plain file still begins with what was read of it.

    Of a growing file only the last few KiB before the position are looked at: all of it would be
    read again at every poll. False for a file that is compressed or has to be decoded.
    """
    offset = _number(position, "offset")
    text = TextFile.open(path, "utf-8")
    if not text.is_plain or path.stat().st_size < text.mark_bytes + offset:
        return False
    with path.open("rb") as file:
        if is_growing:
            tail = _number(position, "tail_bytes")
            file.seek(text.mark_bytes + offset - tail)
            return zlib.crc32(file.read(tail)) == position.get("tail")
        file.seek(text.mark_bytes)
        total = 0
        while offset > 0 and (piece := file.read(min(offset, PIECE_BYTES))):
            total = zlib.crc32(piece, total)
            offset -= len(piece)
        return total == position.get("sum")


def _number(position: Position | None, name: str) -> int:
    value = (position or {}).get(name, 0)
    return value if isinstance(value, int) else 0
