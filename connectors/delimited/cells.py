"""The cells of a column, cut out of the text."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from connectors.delimited.split import QUOTE


def cells(text: bytes, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> pl.Series:
    """The cells, without their quotes. The text has to be UTF-8 between the places given."""
    if not (ends > starts).any():
        return pl.Series([""], dtype=pl.String).new_from_index(0, len(starts))
    data = np.frombuffer(text, np.uint8)
    first = data[np.minimum(starts, len(data) - 1)]
    quoted = (first == QUOTE) & (ends > starts)
    lengths = ends - starts - 2 * quoted
    # A column of one text, which stands for as many as wanted: as a literal it takes ten times as
    # long, for polars looks through literals.
    whole = pl.lit(pl.Series([text], dtype=pl.Binary))
    cut = whole.bin.slice(_column(starts + quoted), _column(lengths)).cast(pl.String)
    found = pl.select(cut).to_series()
    if quoted.any():
        # Elsewhere two quotes are two quotes.
        inside = pl.Series(quoted)
        found = found.str.replace_all('""', '"', literal=True).zip_with(inside, found)
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


def _column(numbers: NDArray[np.int64]) -> pl.Expr:
    return pl.lit(pl.Series(numbers))


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
