"""Texts that repeat, each of them once."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from schemas.columns import Coded


def coded(texts: pl.Series | Sequence[str]) -> Coded:
    """The texts, none of them null, as a table of those that differ in order of appearance."""
    column = texts if isinstance(texts, pl.Series) else pl.Series(texts, dtype=pl.String)
    values = column.unique(maintain_order=True)
    numbers = pl.Series(np.arange(len(values)), dtype=pl.Int64)
    if len(values) == len(column):
        return Coded(numbers.to_numpy(), values.to_list())
    codes = column.replace_strict(values, numbers, return_dtype=pl.Int64)
    return Coded(codes.to_numpy(), values.to_list())
