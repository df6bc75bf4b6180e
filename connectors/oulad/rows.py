"""Rows of a CSV file, as columns of text, each with its physical line.

A row is a line: no field of the dataset holds a line break. So a quote that is never closed spoils
its own row and no other.
"""

import csv
import lzma
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from io import BufferedIOBase
from typing import Final

from connectors.oulad.files import opened
from connectors.source import Rejected
from schemas.errors import SourceError
from schemas.reasons import Reason

HEADER_LINE: Final = 1
_READ_BYTES: Final = 1 << 20
_RAW_BYTES_LIMIT: Final = 1 << 16  # of a rejected row; a quarantine record has to fit a message
_WHAT_TO_DO: Final = "correct the row at the source and read the file again"


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Some rows of a file that have as many fields as its header."""

    lines: Sequence[int]
    raw: Sequence[bytes]
    columns: Mapping[str, Sequence[str]]


class _BrokenOff(Exception):
    """A file cannot be read any further; `rest` is the beginning of a line."""

    def __init__(self, rest: bytes, cause: str) -> None:
        super().__init__(cause)
        self.rest = rest


class _BadRow(Exception):
    """A line that is no row of the table."""


def rejected(file: str, line: int, raw: bytes, feed: str, problem: str) -> Rejected:
    """A row that cannot be used; `problem` is the beginning of a sentence."""
    message = f"{problem}; {_WHAT_TO_DO}"
    if len(raw) > _RAW_BYTES_LIMIT:
        message += f" (the first {_RAW_BYTES_LIMIT} of {len(raw)} bytes are kept)"
    return Rejected(Reason.MALFORMED_ROW, message, file, line, raw[:_RAW_BYTES_LIMIT], feed)


def read_rows(
    file: Traversable, needed: Sequence[str], feed: str = ""
) -> Iterator[Rows | Rejected]:
    """The rows of a file, its `needed` columns in whatever order the file has them.

    Raises SourceError, naming file and column, when the header cannot be read or lacks one. Damage
    further on ends the reading with a `Rejected`; every row before it has been yielded by then.
    """
    try:
        with opened(file) as stream:
            blocks = _blocks(stream)
            first = next(blocks, [b""])
            header = _header(file, first.pop(0), needed)
            line = HEADER_LINE + 1
            try:
                while True:
                    yield from _table(file.name, header, needed, feed, first, line)
                    line += len(first)
                    first = next(blocks, [])
                    if not first:
                        return
            except _BrokenOff as end:
                yield rejected(
                    file.name,
                    line,
                    end.rest,
                    feed,
                    f"the file breaks off after line {line - 1} ({end}): the rows up to there are"
                    " read, what follows is missing; get the file anew",
                )
    except (_BrokenOff, OSError) as error:
        raise SourceError(
            f"{file.name} cannot be read ({error}): get the file anew, or give it the suffix of"
            " what it is"
        ) from error


def _blocks(stream: BufferedIOBase) -> Iterator[list[bytes]]:
    """The lines of a stream, many at a time."""
    rest = b""
    try:
        # read1: where the stream is damaged, `read` would drop what it had unpacked before.
        while block := stream.read1(_READ_BYTES):
            *lines, rest = (rest + block).split(b"\n")
            if lines:
                yield lines
    except (EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise _BrokenOff(rest, str(error).rstrip(".")) from error
    if rest:
        yield [rest]


def _header(file: Traversable, raw: bytes, needed: Sequence[str]) -> list[str]:
    try:
        names = [name.strip() for name in _fields(raw.removeprefix(b"\xef\xbb\xbf"))]
    except _BadRow as error:
        raise SourceError(f"{file.name}:{HEADER_LINE}: the header {error}") from error
    for name in needed:
        if names.count(name) != 1:
            held = "twice" if name in names else f"not among {', '.join(names) or 'no columns'}"
            raise SourceError(
                f"{file.name}: the column {name} is {held}; the file's first line has to name the"
                f" columns {', '.join(needed)}"
            )
    return names


def _table(
    file: str,
    header: Sequence[str],
    needed: Sequence[str],
    feed: str,
    block: Sequence[bytes],
    first_line: int,
) -> Iterator[Rows | Rejected]:
    plain = _plain(header, needed, block)
    if plain is not None:
        yield Rows(range(first_line, first_line + len(block)), block, plain)
        return
    table: list[list[str]] = []
    lines: list[int] = []
    raws: list[bytes] = []
    for line, raw in enumerate(block, first_line):
        try:
            fields = _fields(raw)
            if len(fields) != len(header):
                if not raw.strip():
                    continue  # a blank line is no row
                raise _BadRow(f"has {len(fields)} fields instead of {len(header)}")
        except _BadRow as error:
            yield rejected(file, line, raw, feed, f"the row {error}")
            continue
        table.append(fields)
        lines.append(line)
        raws.append(raw)
    if table:
        columns = list(zip(*table, strict=True))
        yield Rows(lines, raws, {name: columns[header.index(name)] for name in needed})


def _plain(
    header: Sequence[str], needed: Sequence[str], block: Sequence[bytes]
) -> dict[str, list[str]] | None:
    """The columns of lines that hold neither quotes nor mistakes; None of all others.

    Nearly all are so, and this takes a quarter of what reading line by line does.
    """
    commas = len(header) - 1
    if not block or any(line.count(b",") != commas for line in block):
        return None
    whole = b"\n".join([*block, b""]).replace(b"\r\n", b"\n")
    if b'"' in whole or b"\r" in whole or not commas:
        return None
    try:
        fields = whole.decode().replace("\n", ",").split(",")
    except UnicodeDecodeError:
        return None
    return {name: fields[header.index(name) : -1 : len(header)] for name in needed}


def _fields(raw: bytes) -> list[str]:
    try:
        text = raw.removesuffix(b"\r").decode()
    except UnicodeDecodeError as error:
        raise _BadRow(f"is not UTF-8 (byte {error.start + 1} of the line)") from error
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error as error:
        raise _BadRow(f"is no CSV ({error})") from error
