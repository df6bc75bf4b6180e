"""Where rows and fields begin and end in a piece of delimited text.

The grammar, which `exact` follows byte by byte and `fast` follows with arrays:

- A line end is LF, CR LF or CR. A row ends at a line end outside quotes, or at the end of the text.
- A field that begins with `"` is quoted: it ends with a `"` that no `"` follows, and `""` within it
  stands for one. What follows has to be a delimiter, a line end or the end of the text.
- In any other field a `"` is a character like others.
- A row of nothing, or of blanks where the table has several columns, is no row.
- A row with another number of fields than the header, or whose quotes do not match, is bad. Only
  its first line is rejected, and reading goes on with the next line: a quote that is never closed
  spoils its own line, and not the rest of the file.
- So is a row longer than ROW_BYTES_LIMIT; of that, all of its lines are rejected as one row.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.reasons import Reason

ROW_BYTES_LIMIT: Final = 1 << 20  # of a row that can be accepted
QUOTE: Final = ord('"')
CR: Final = ord("\r")
LF: Final = ord("\n")


class Bad(NamedTuple):
    """A line, or several, that are no row of the table."""

    line: int  # counted from 0 within the piece
    start: int
    end: int
    reason: Reason
    problem: str


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """The rows of a piece of text that has `n` of them, and how far it could be read."""

    starts: NDArray[np.int64]
    """Where each field begins, [n, width]; of a quoted one, its first quote."""
    ends: NDArray[np.int64]
    """Where each field ends, [n, width]."""
    lines: NDArray[np.int64]
    """The line of each row, counted from 0 within the piece, [n]."""
    bad: list[Bad] = field(default_factory=list)
    consumed: int = 0
    """Bytes that are accounted for; what follows needs more text."""
    lines_consumed: int = 0


def wrong_width(found: int, width: int) -> str:
    """The beginning of a sentence."""
    return f"the row has {found} fields instead of {width}"


def too_long(length: int) -> str:
    """The beginning of a sentence."""
    return f"the row has {length} bytes, more than the {ROW_BYTES_LIMIT} that are accepted"


BROKEN_QUOTES: Final = "a quoted field of the row does not end where a field may end"
