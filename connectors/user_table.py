"""A system's own ids of people, and by what the campus knows them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import polars as pl

from connectors.reference_table import all_accepted, reference_rows
from connectors.rows import Columns
from connectors.sieve import Sieve
from connectors.values import given, shown
from schemas.reasons import Reason

_COLUMNS: Final = Columns(("id", "identifier"))

Users = Mapping[str, str]


def read_users(path: Path | None) -> Users | None:
    """The table in a CSV file: id, identifier. SourceError for a row that is none."""
    if path is None:
        return None
    known: dict[str, str] = {}
    for rows in reference_rows(path, _COLUMNS):
        sieve = Sieve(rows, "")
        ids, identifiers = given(sieve, "id"), given(sieve, "identifier")
        all_accepted(sieve, path)
        known.update(zip(ids.to_list(), identifiers.to_list(), strict=True))
    return known


def persons(sieve: Sieve, column: str, ids: pl.Series, users: Users | None) -> pl.Series:
    """Who the ids of a column are; themselves where there is no table of users."""
    if users is None:
        return ids
    found = ids.replace_strict(
        list(users), list(users.values()), default="", return_dtype=pl.String
    )
    sieve.reject(
        found == "",
        Reason.UNKNOWN_VALUE,
        lambda row: (
            f"{column} is {shown(ids[row])}, which is not in the table of users: add it there"
        ),
    )
    return found
