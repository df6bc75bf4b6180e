"""Texts that repeat, each of them once."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from schemas.columns import Coded

_FEW: Final = 2_000  # below it, what polars needs for a question takes longer than a dictionary


def coded(texts: pl.Series | Sequence[str]) -> Coded:
    """The texts, none of them null, as a table of those that differ in order of appearance."""
    if len(texts) < _FEW:
        return _few(texts.to_list() if isinstance(texts, pl.Series) else texts)
    column = texts if isinstance(texts, pl.Series) else pl.Series(texts, dtype=pl.String)
    values = column.unique(maintain_order=True)
    numbers = pl.Series(np.arange(len(values)), dtype=pl.Int64)
    if len(values) == len(column):
        return Coded(numbers.to_numpy(), values.to_list())
    codes = column.replace_strict(values, numbers, return_dtype=pl.Int64)
    return Coded(codes.to_numpy(), values.to_list())


def _few(texts: Sequence[str]) -> Coded:
    table: dict[str, int] = {}
    codes = np.array([table.setdefault(text, len(table)) for text in texts], np.int64)
    return Coded(codes, list(table))
