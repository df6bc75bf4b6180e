"""The header of a delimited file: which delimiter, which columns, and where the rows begin."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from connectors.delimited import exact
from connectors.delimited.cells import cells, undecodable
from connectors.delimited.split import ROW_BYTES_LIMIT
from connectors.rows import Columns, rejected
from connectors.source import Rejected
from connectors.text import TextFile
from connectors.unpacking import BrokenOff
from schemas.reasons import Reason

_DELIMITERS: Final = (",", "\t", ";", "|")


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself. `text`: everything up to the first row; it has `lines` lines."""

    delimiter: int
    width: int
    position: dict[str, int]
    """Where each column of the mapping stands; optional ones that are missing are not in it."""
    text: bytes
    lines: int


class NoHeader(Exception):
    """A file without a usable header; `rejected` is None where it holds nothing at all."""

    def __init__(self, rejected: Rejected | None) -> None:
        super().__init__()
        self.rejected = rejected


def read_header(text: TextFile, columns: Columns, *, is_growing: bool) -> Header:
    """The header, which is the first line that is not blank. Raises NoHeader and BrokenOff."""
    beginning, at_end = _beginning(text)
    blank = len(beginning) - len(beginning.lstrip(b" \r\n"))
    if blank == len(beginning):
        raise NoHeader(None)
    best: tuple[int, Header, list[str]] | None = None
    row = exact.Row([], 0, 0, is_broken=True)
    for delimiter in map(ord, _DELIMITERS):
        try:
            row = exact.next_row(beginning, blank, delimiter, at_end=at_end and not is_growing)
        except exact.NeedsMore:
            if is_growing and len(beginning) < ROW_BYTES_LIMIT:
                raise NoHeader(None) from None
            continue
        if row.is_broken:
            continue
        names = _names(beginning, row)
        if names is None:
            problem = "the header is not text of the encoding that was declared: declare another"
            raise _no_header(Reason.WRONG_ENCODING, problem, text, beginning)
        found = {
            name: names.index(wanted)
            for name in columns.names
            if (wanted := _plain(columns.in_file(name))) in names
        }
        header = Header(delimiter, len(names), found, beginning[: row.next], 0)
        if best is None or len(found) > best[0]:
            best = len(found), header, names
    if best is None:
        problem = "the file does not begin with a line of column names"
        raise _no_header(Reason.MISSING_COLUMN, problem, text, beginning)
    _, header, names = best
    _check(header, names, columns, text, beginning)
    lines = exact.lines_in(beginning, 0, len(header.text))
    return Header(header.delimiter, header.width, header.position, header.text, lines)


def _check(
    header: Header, names: list[str], columns: Columns, text: TextFile, beginning: bytes
) -> None:
    missing = [columns.in_file(n) for n in columns.needed if n not in header.position]
    if missing:
        absent, present = " and no column ".join(missing), ", ".join(names)[:300]
        problem = f"the file has no column {absent}, but {present}"
        if b"\0" in beginning:
            problem += " (if it is UTF-16 without a byte-order mark, declare the encoding)"
        raise _no_header(Reason.MISSING_COLUMN, problem, text, beginning)
    for name in header.position:
        wanted = columns.in_file(name)
        if names.count(_plain(wanted)) > 1:
            problem = f"the file has the column {wanted} {names.count(_plain(wanted))} times"
            raise _no_header(Reason.REPEATED_COLUMN, problem, text, beginning)


def _beginning(text: TextFile) -> tuple[bytes, bool]:
    """As much of a text as holds its header, and whether that is all of it."""
    beginning = b""
    try:
        for piece in text.pieces(0):
            beginning += piece
            if len(beginning) > ROW_BYTES_LIMIT:
                return beginning[:ROW_BYTES_LIMIT], False
    except BrokenOff:
        if len(beginning.lstrip().splitlines()) < 2:
            raise  # within its header, so nothing can be said of its columns
        return beginning, False
    return beginning, True


def _names(beginning: bytes, row: exact.Row) -> list[str] | None:
    places = np.array(row.fields, np.int64).reshape(-1, 2)
    starts, ends = places[:, 0], places[:, 1]
    if undecodable(beginning[: row.next], starts, ends):
        return None
    return [_plain(name) for name in cells(beginning, starts, ends).to_list()]


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def _no_header(reason: Reason, problem: str, text: TextFile, beginning: bytes) -> NoHeader:
    raw = text.restored(beginning[:ROW_BYTES_LIMIT].splitlines()[0] if beginning else b"")
    return NoHeader(
        rejected(reason, f"{problem}: no row of it can be read", text.path.name, 1, raw)
    )
