"""What a raw event of Talis Aspire means: docs/connectors/talis.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from connectors.incremental import Activities, Due
from connectors.rows import Columns, Rows
from connectors.schemes import Scheme
from connectors.sieve import Sieve
from connectors.user_table import Users, persons
from connectors.values import coded, identifiers, shown, times, where_given
from connectors.zones import Zone
from schemas.reasons import Reason
from schemas.types import Kind

NEEDED: Final = ("event_class", "event_timestamp", "performed_by", "property_1", "property_2")
OPTIONAL: Final = ("property_3",)
_UTC: Final = Zone("UTC")
"""Of all times in Talis' reporting database."""

_ENTRY: Final = "list.entry_point"
_VIEW: Final = "list.view"
_ITEM: Final = "list.item.view"
_NOBODY: Final = ("", "anon")


@dataclass(frozen=True, slots=True)
class TalisEvents:
    """One event a row; a list, or an item of one, that was looked at."""

    feed: str
    columns: Columns
    scheme: Scheme
    users: Users | None = None
    """Talis' ids of people; None: `performed_by` is what the campus knows."""

    @property
    def kinds(self) -> Sequence[Kind]:
        """Reading lists."""
        return (Kind.READING_LIST,)

    def read(self, rows: Rows, sieve: Sieve) -> Sequence[Activities | Due]:
        """One look at a list a row, for the rows that are one."""
        texts = {name: rows.columns[name].str.strip_chars() for name in self.columns.names}
        classes = texts["event_class"]
        sieve.skip(~classes.is_in([_ENTRY, _VIEW, _ITEM]), "other_event")
        sieve.skip(texts["performed_by"].is_in(_NOBODY), "anonymous")
        is_entry = classes == _ENTRY
        is_viewer = texts["property_3"].str.split(":").list.first() == "view"
        sieve.skip(is_entry & ~is_viewer, "not_as_a_reader")
        known = persons(sieve, "performed_by", identifiers(sieve, "performed_by"), self.users)
        where, which = texts["property_1"], texts["property_2"]
        lists = pl.Series(np.where(is_entry, _behind_colon(where), which), dtype=pl.String)
        entered_by_item = is_entry & which.str.starts_with("item:")
        items = pl.Series(
            np.where(
                entered_by_item,
                _behind_colon(which),
                np.where(classes == _ITEM, texts["property_3"], ""),
            ),
            dtype=pl.String,
        )
        sieve.reject(
            lists == "",
            Reason.MISSING_VALUE,
            lambda row: f"the event {shown(classes[row])} names no list",
        )
        at = times(sieve, "event_timestamp", _UTC, None)
        row = np.flatnonzero(sieve.left)
        if not len(row):
            return []
        read, opened = coded(lists.gather(row)), items.gather(row)
        return [
            Activities(
                kind=Kind.READING_LIST,
                feed=self.feed,
                row=row,
                scheme=self.scheme,
                person=coded(known.gather(row)),
                occurred_at=at[row],
                recorded_at=at[row],
                source_key=("talis", read, coded(opened)),
                fields={"list": read, "item": where_given(opened)},
            )
        ]


def _behind_colon(texts: pl.Series) -> pl.Series:
    """Ids without the name of what they are of, or whose they are."""
    return texts.str.split(":").list.last()
