"""Reads Windows event logs, files of the form EVTX. Keeps to `connectors.rows.RowReader`.

A file is a header and chunks of 64 KiB, each of which can be read alone. The library `evtx` reads
the records of a chunk; a column is a path into the JSON that it makes of one.

1. A chunk is read. Unused ones are passed over; what cannot be read of one is refused with it.
2. The place is the last chunk that was used, and how many of its records were read: Windows goes
   on writing there. That these records are still the same, a sum over them says.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from struct import Struct
from typing import Final

from evtx import PyEvtxParser

from connectors.gathering import Gathering, Refusal
from connectors.incremental import Position
from connectors.json_cells import json_cells
from connectors.rows import Chunk, Columns, no_rows, rejected
from connectors.unpacking import BrokenOff, Readable, is_packed, unpacked
from schemas.reasons import Reason

HEADER_BYTES: Final = 4096
CHUNK_BYTES: Final = 65536
_MAGIC: Final = b"ElfFile\0"
_CHUNK_MAGIC: Final = b"ElfChnk\0"
_HEADER: Final = Struct("<8sQQQIHHHH")
_ONE_CHUNK: Final = _HEADER.pack(_MAGIC, 0, 0, 0, 128, 1, 3, HEADER_BYTES, 1).ljust(
    HEADER_BYTES, b"\0"
)
"""The header of a file with one chunk."""


@dataclass(frozen=True, slots=True)
class EvtxReader:
    """`block_chunks`: how many chunks are read at a time."""

    block_chunks: int = 64

    def read(
        self, path: Path, columns: Columns, after: Position | None, *, is_growing: bool
    ) -> Iterator[Chunk]:
        """The records behind `after`, or all of them."""
        try:
            with unpacked(path) as stream:
                header = _taken(stream, HEADER_BYTES)
        except BrokenOff as damage:
            header = str(damage).encode()
        if header.startswith(_MAGIC) and len(header) == HEADER_BYTES:
            yield from _Reading(path, columns, after, is_growing).chunks(self.block_chunks)
        elif header:
            problem = "the file is no Windows event log (EVTX), or is damaged: get it anew"
            bad = rejected(Reason.MALFORMED_ROW, problem, path.name, 1, header)
            yield Chunk(no_rows(path, columns), [bad], {}, 0)

    def unchanged(self, path: Path, place: Position, *, is_growing: bool) -> bool:
        """Whether all chunks before the last one are still the same."""
        offset = _number(place, "offset")
        if is_packed(path) or path.stat().st_size < offset:
            return False
        total = 0
        with path.open("rb") as file:
            for at in range(file.seek(HEADER_BYTES), offset, CHUNK_BYTES):
                total = zlib.crc32(file.read(min(CHUNK_BYTES, offset - at)), total)
        return total == place.get("sum")


class _Reading:
    """One file, from a place on."""

    def __init__(
        self, path: Path, columns: Columns, after: Position | None, is_growing: bool
    ) -> None:
        self._path = path
        self._after = after
        self._is_growing = is_growing
        self._rows = Gathering(path.name, columns, json_cells(columns))
        self._offset = max(_number(after, "offset"), HEADER_BYTES)
        self._line = _number(after, "line")
        self._sum = _number(after, "sum")
        self._place: Position = after or {}

    def chunks(self, block_chunks: int) -> Iterator[Chunk]:
        chunks = 0
        try:
            with unpacked(self._path, self._offset) as stream:
                while chunk := _taken(stream, CHUNK_BYTES):
                    if len(chunk) < CHUNK_BYTES and self._is_growing:
                        break
                    self._take(chunk)
                    chunks += 1
                    if chunks % block_chunks == 0 and len(self._rows):
                        yield self._rows.chunk(self._place, self._offset)
        except BrokenOff as damage:
            self._refuse(Reason.BROKEN_OFF, f"the file breaks off ({damage}): get it anew", b"")
        if len(self._rows):
            yield self._rows.chunk(self._place, self._offset)

    def _take(self, chunk: bytes) -> None:
        """Step 1."""
        is_used = chunk.startswith(_CHUNK_MAGIC)
        if is_used:
            self._records(chunk)
        elif chunk.strip(b"\0"):
            self._refuse(Reason.MALFORMED_ROW, f"{self._where} is no chunk of an event log", chunk)
        if len(chunk) < CHUNK_BYTES:
            self._refuse(Reason.BROKEN_OFF, f"the file breaks off in {self._where}", chunk)
        self._sum = zlib.crc32(chunk, self._sum)
        self._offset += len(chunk)

    def _records(self, chunk: bytes) -> None:
        found, problems = _records_of(chunk.ljust(CHUNK_BYTES, b"\0"))
        first, self._after = self._after, None
        is_known, known = first is not None, 0
        if first is not None:
            known = min(_number(first, "records"), len(found))
            is_known = _sum_of(found[:known]) == first.get("kept")
        for number, record in enumerate(found, self._line + 1):
            if not is_known or number > self._line + known:
                self._rows.add(number, record)
        self._place = {
            "offset": self._offset,
            "sum": self._sum,
            "line": self._line,
            "records": len(found),
            "kept": _sum_of(found),
        }
        self._line += len(found)
        if problems and len(chunk) == CHUNK_BYTES:
            said = f"{len(problems)} records of {self._where} cannot be read ({problems[0]})"
            self._refuse(Reason.MALFORMED_ROW, said, chunk)

    def _refuse(self, reason: Reason, problem: str, raw: bytes) -> None:
        self._rows.refuse(Refusal(reason, problem), self._line + 1, raw)

    @property
    def _where(self) -> str:
        return f"the chunk at byte {self._offset}"


def _records_of(chunk: bytes) -> tuple[list[bytes], list[str]]:
    """The records of a chunk as JSON, and what is wrong with the others."""
    found: list[bytes] = []
    problems: list[str] = []
    records = PyEvtxParser(BytesIO(_ONE_CHUNK + chunk), 1).records_json()
    while True:
        try:
            record = next(records, None)
        except RuntimeError as error:
            problems.append(str(error)[:200].rstrip("."))
            continue
        if record is None:
            return found, problems
        found.append(record["data"].encode())


def _sum_of(records: Sequence[bytes]) -> int:
    return zlib.crc32(b"\n".join(records))


def _taken(stream: Readable, size: int) -> bytes:
    """As much of a stream as there is, up to `size` bytes."""
    found = b""
    while len(found) < size and (piece := stream.read1(size - len(found))):
        found += piece
    return found


def _number(position: Position | None, name: str) -> int:
    value = (position or {}).get(name, 0)
    return value if isinstance(value, int) else 0
