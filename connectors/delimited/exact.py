"""Splits delimited text row by row: the definition, and the way for whatever is not well-formed."""

import re
from typing import Final, NamedTuple

import numpy as np

from connectors.delimited.split import (
    BROKEN_QUOTES,
    CR,
    LF,
    QUOTE,
    ROW_BYTES_LIMIT,
    Bad,
    Split,
    too_long,
    wrong_width,
)
from schemas.reasons import Reason

_LINE_END: Final = re.compile(rb"\r\n|\r|\n")


class Row(NamedTuple):
    """A row as it lies in the text; `next` is where the one after it begins."""

    fields: list[tuple[int, int]]
    end: int
    next: int
    is_broken: bool = False


class NeedsMore(Exception):
    """The text ends before it is clear what the row is."""


def next_row(text: bytes, start: int, delimiter: int, *, at_end: bool) -> Row:
    """The row that begins at `start`; NeedsMore where it may go on behind the text."""
    fields: list[tuple[int, int]] = []
    size = len(text)
    stops = _stops(delimiter)
    at = start
    while True:
        first = at
        if at < size and text[at] == QUOTE:
            at = _behind_quotes(text, at, at_end=at_end)
            if at < 0 or (at < size and text[at] not in (delimiter, CR, LF)):
                return Row([], start, start, is_broken=True)
        else:
            found = stops.search(text, at)
            at = found.start() if found else size
        if at == size and not at_end:
            raise NeedsMore
        fields.append((first, at))
        if at == size:
            return Row(fields, size, size)
        if text[at] == delimiter:
            at += 1
            continue
        return Row(fields, at, _behind_line_end(text, at, at_end=at_end))


def _behind_quotes(text: bytes, at: int, *, at_end: bool) -> int:
    """Behind the closing quote of the field at `at`; -1 where there is none."""
    while True:
        closing = text.find(b'"', at + 1)
        if closing < 0:
            if not at_end:
                raise NeedsMore
            return -1
        if closing + 1 == len(text) and not at_end:
            raise NeedsMore  # another quote may follow
        if text[closing + 1 : closing + 2] != b'"':
            return closing + 1
        at = closing + 1


def _behind_line_end(text: bytes, at: int, *, at_end: bool) -> int:
    if text[at] == CR:
        if at + 1 == len(text) and not at_end:
            raise NeedsMore  # a LF may follow
        if text[at + 1 : at + 2] == b"\n":
            return at + 2
    return at + 1


def split(
    text: bytes, width: int, delimiter: int, *, at_end: bool, is_final: bool, until: int
) -> Split:
    """Rows up to the first one that begins at or behind `until`.

    `at_end`: no text follows. `is_final`: more text would not help, because there is more already
    than a row may hold; then a row without an end is bad.
    """
    starts: list[list[int]] = []
    ends: list[list[int]] = []
    row_lines: list[int] = []
    bad: list[Bad] = []
    at = line = 0
    while at < min(until, len(text)):
        try:
            row = next_row(text, at, delimiter, at_end=at_end)
        except NeedsMore:
            if not is_final:
                break
            row = Row([], at, at, is_broken=True)
        count = len(row.fields)
        problem, reason = "", Reason.MALFORMED_ROW
        if row.is_broken:
            problem, reason = BROKEN_QUOTES, Reason.BROKEN_QUOTES
        elif row.end - at > ROW_BYTES_LIMIT and count == width:
            problem, reason = too_long(row.end - at), Reason.TOO_LARGE
        elif count != width:
            if _is_blank(text[at : row.end], width):
                line, at = line + 1, row.next
                continue
            problem = wrong_width(count, width)
        end, following = row.end, row.next
        if problem and reason is not Reason.TOO_LARGE:
            try:
                end, following = _line(text, at, at_end=at_end or is_final)
            except NeedsMore:
                break
            if end - at > ROW_BYTES_LIMIT:
                problem, reason = too_long(end - at), Reason.TOO_LARGE
        if problem:
            bad.append(Bad(line, at, end, reason, problem))
        elif width == 1 and row.end == at:
            pass  # a row of nothing
        else:
            starts.append([first for first, _ in row.fields])
            ends.append([last for _, last in row.fields])
            row_lines.append(line)
        line += lines_in(text, at, following)
        at = following
    shape = (len(starts), width)
    return Split(
        np.array(starts, np.int64).reshape(shape),
        np.array(ends, np.int64).reshape(shape),
        np.array(row_lines, np.int64),
        bad,
        at,
        line,
    )


def _line(text: bytes, start: int, *, at_end: bool) -> tuple[int, int]:
    """Where the line at `start` ends, and where the next one begins."""
    found = _LINE_END.search(text, start)
    if found is None:
        if not at_end:
            raise NeedsMore
        return len(text), len(text)
    if found.end() == len(text) and found.group() == b"\r" and not at_end:
        raise NeedsMore
    return found.start(), found.end()


def lines_in(text: bytes, start: int, end: int) -> int:
    """How many line ends lie between two places."""
    return sum(1 for _ in _LINE_END.finditer(text, start, end))


def _is_blank(row: bytes, width: int) -> bool:
    return not (row.strip(b" ") if width > 1 else row)


def _stops(delimiter: int) -> re.Pattern[bytes]:
    return re.compile(b"[" + re.escape(bytes([delimiter])) + b"\r\n]")
