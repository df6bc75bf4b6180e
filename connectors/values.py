"""From the text of a column to values, checked; a row whose cell is wrong is rejected with it."""

import re
from collections.abc import Collection
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from connectors.coding import coded as coded  # with the others, for mappings
from connectors.sieve import Mask, Sieve
from connectors.times import PROBLEMS, DateOrder, moments
from connectors.zones import Zone
from schemas.columns import Nullable
from schemas.reasons import Reason

_SHOWN: Final = 80  # characters of a value that a message quotes
_MARKUP: Final = r"<[a-zA-Z/!]"
_TAGS: Final = re.compile(r"<[a-zA-Z/!][^<>]*>")
NO_TIME: Final = 0
"""1970: no time that anything is read for."""
CELL_BYTES_LIMIT: Final = 4096
NUMBER_LIMIT: Final = 10**15  # far above every id, and exact in a float


def shown(text: str) -> str:
    """A value as a message quotes it."""
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "…")


def bounded(sieve: Sieve) -> None:
    """No cell that is read is longer than anything that a system writes into one of its own.

    Events are encoded many at a time, each as wide as the widest: a cell of a megabyte would take
    as much for each of its neighbours.
    """
    for name, texts in sieve.rows.columns.items():
        _bounded(sieve, name, texts.str.len_bytes())


def _bounded(sieve: Sieve, column: str, lengths: pl.Series) -> None:
    sieve.reject(
        lengths > CELL_BYTES_LIMIT,
        Reason.TOO_LARGE,
        lambda row: (
            f"{column} has {lengths[row]} bytes, more than the {CELL_BYTES_LIMIT} that are accepted"
        ),
    )


def given(sieve: Sieve, column: str) -> pl.Series:
    """A column that may not be empty, without white space around it."""
    texts = sieve.rows.columns[column].str.strip_chars()
    sieve.reject(texts == "", Reason.MISSING_VALUE, lambda row: f"{column} is empty")
    return texts


def identifiers(sieve: Sieve, column: str) -> pl.Series:
    """Ids of people or things: given, and free of markup."""
    given(sieve, column)
    return unmarked(sieve, column)


def unmarked(sieve: Sieve, column: str) -> pl.Series:
    """Ids that may be left out, free of markup, without white space around them."""
    texts = sieve.rows.columns[column].str.strip_chars()
    sieve.reject(
        texts.str.contains(_MARKUP),
        Reason.MARKUP,
        lambda row: f"{column} is {shown(texts[row])}, which holds HTML: export it as plain text",
    )
    return texts


def plain(texts: pl.Series) -> pl.Series:
    """Names for people to read: without HTML tags, white space in its simplest form."""
    if not texts.str.contains(_MARKUP).any():
        return texts.str.strip_chars()
    cleaned = [" ".join(_TAGS.sub(" ", text).split()) for text in texts.to_list()]
    return pl.Series(texts.name, cleaned, dtype=pl.String)


def numbers(
    sieve: Sieve, column: str, *, limit: int = NUMBER_LIMIT, may_be_negative: bool = False
) -> Nullable:
    """Whole numbers below `limit`; null where the cell is empty.

    Of rows that are out, the numbers are 0.
    """
    texts = sieve.rows.columns[column].str.strip_chars()
    is_given = (texts != "").to_numpy()
    parsed = texts.cast(pl.Int64, strict=False)
    is_number = parsed.is_not_null().to_numpy()
    values = parsed.fill_null(0).to_numpy().copy()
    sieve.reject(
        is_given & (~is_number | (np.abs(values) >= limit)),
        Reason.NOT_A_NUMBER,
        lambda row: f"{column} is {shown(texts[row])}, not a whole number below {limit}",
    )
    if not may_be_negative:
        sieve.reject(
            is_given & (values < 0),
            Reason.NEGATIVE_AMOUNT,
            lambda row: f"{column} is {shown(texts[row])}, less than nothing",
        )
    values[~sieve.left] = 0
    return Nullable(is_given & is_number, values)


def decimals(sieve: Sieve, column: str, *, limit: float) -> tuple[Mask, NDArray[np.float64]]:
    """Numbers from 0 below `limit`, such as 12.5: where they are given, and what they are.

    Of rows that are out, and where the cell is empty, the numbers are 0.
    """
    texts = sieve.rows.columns[column].str.strip_chars()
    is_given = (texts != "").to_numpy()
    values = texts.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy().copy()
    sieve.reject(
        is_given & ~(np.abs(values) < limit),
        Reason.NOT_A_NUMBER,
        lambda row: f"{column} is {shown(texts[row])}, not a number below {limit}",
    )
    sieve.reject(
        is_given & (values < 0),
        Reason.NEGATIVE_AMOUNT,
        lambda row: f"{column} is {shown(texts[row])}, less than nothing",
    )
    values[~(sieve.left & is_given)] = 0
    return is_given, values


def needed_numbers(sieve: Sieve, column: str, *, limit: int = NUMBER_LIMIT) -> NDArray[np.int64]:
    """Whole numbers from 0, none of them missing."""
    given(sieve, column)
    values = numbers(sieve, column, limit=limit).column
    if not isinstance(values, np.ndarray):
        raise TypeError(f"{column} is not a column of numbers")
    return values.astype(np.int64, copy=False)


def one_of(sieve: Sieve, column: str, words: Collection[str]) -> pl.Series:
    """Words out of a list, in any case; "" where the cell is empty."""
    texts = sieve.rows.columns[column].str.strip_chars().str.to_lowercase()
    known = texts.is_in([*words, ""])
    allowed = ", ".join(sorted(words))
    sieve.reject(
        ~known,
        Reason.UNKNOWN_VALUE,
        lambda row: f"{column} is {shown(texts[row])}, not one of {allowed}",
    )
    return texts


def times(
    sieve: Sieve, column: str, zone: Zone, order: DateOrder | None, *, is_needed: bool = True
) -> NDArray[np.int64]:
    """Moments, UTC milliseconds; see `connectors.times` for what is read, and how.

    Where none `is_needed`, an empty cell is NO_TIME.
    """
    stripped = sieve.rows.columns[column].str.strip_chars()
    texts = given(sieve, column) if is_needed else stripped
    found = moments(texts, zone, order)
    is_empty = (texts == "").to_numpy()
    for reason, where in found.problems.items():
        _reject_times(sieve, column, texts, reason, where & ~is_empty)
    found.ms[is_empty] = NO_TIME
    return found.ms


def _reject_times(
    sieve: Sieve, column: str, texts: pl.Series, reason: Reason, where: NDArray[np.bool_]
) -> None:
    said = PROBLEMS[reason]
    sieve.reject(where, reason, lambda row: f"{column} is {shown(texts[row])}: {said}")


def where_given(texts: pl.Series) -> Nullable:
    """Texts; null where they are empty."""
    return Nullable((texts != "").to_numpy(), coded(texts))
