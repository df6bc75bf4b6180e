"""Which room a reader is in."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Rooms:
    """Rooms by reader, as the table of readers has them."""

    by_reader: Mapping[str, str]

    def of(self, readers: pl.Series) -> pl.Series:
        """The room of each reader; "" where it is in none."""
        return readers.replace_strict(self.by_reader, default="", return_dtype=pl.String)
