"""The cells of a column, cut out of the text."""

import numpy as np
from numpy.typing import NDArray

from connectors.delimited.split import QUOTE


def cells(text: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> list[str]:
    """The cells, without their quotes. The text has to be UTF-8 between the places given."""
    if not (ends > starts).any():
        return [""] * len(starts)
    data = np.frombuffer(text, np.uint8)
    first = data[np.minimum(starts, len(data) - 1)]
    quoted = (first == QUOTE) & (ends > starts)
    firsts, lasts = (starts + quoted).tolist(), (ends - quoted).tolist()
    if text.isascii():
        letters = text.decode("ascii")
        found = [letters[a:b] for a, b in zip(firsts, lasts, strict=True)]
    else:
        found = [text[a:b].decode() for a, b in zip(firsts, lasts, strict=True)]
    for row in np.flatnonzero(quoted).tolist():
        if '""' in found[row]:
            found[row] = found[row].replace('""', '"')
    return found


def undecodable(text: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> list[int]:
    """The rows that are not UTF-8."""
    if text.isascii():
        return []
    try:
        text.decode()
    except UnicodeDecodeError:
        pass
    else:
        return []
    return [row for row in range(len(starts)) if not _is_utf8(text[starts[row] : ends[row]])]


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
