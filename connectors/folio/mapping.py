"""What a loan of FOLIO means: docs/connectors/folio.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from connectors.incremental import Activities, Due
from connectors.rows import Columns, Rows
from connectors.schemes import Scheme
from connectors.sieve import Sieve
from connectors.user_table import Users, persons
from connectors.values import coded, identifiers, plain, times, where_given
from connectors.zones import Zone
from schemas.types import Kind

NEEDED: Final = ("id", "itemId", "loanDate")
OPTIONAL: Final = ("userId", "library")
NAMES: Final = {"library": "item.location.name"}
LIST: Final = "loans"
"""Where an answer of the service holds the loans."""


@dataclass(frozen=True, slots=True)
class FolioLoans:
    """One loan a row, whatever became of it since: it is told when the copy was checked out."""

    feed: str
    zone: Zone
    columns: Columns
    scheme: Scheme
    users: Users | None = None
    """FOLIO's user ids, and by what the campus knows them; None: `userId` is what it knows."""

    @property
    def kinds(self) -> Sequence[Kind]:
        """Loans."""
        return (Kind.LIBRARY_LOAN,)

    def read(self, rows: Rows, sieve: Sieve) -> Sequence[Activities | Due]:
        """One check-out a row."""
        sieve.skip(rows.columns["userId"].str.strip_chars() == "", "anonymised")
        users = identifiers(sieve, "userId")
        loans = identifiers(sieve, "id")
        items = identifiers(sieve, "itemId")
        at = times(sieve, "loanDate", self.zone, None)
        known = persons(sieve, "userId", users, self.users)
        row = np.flatnonzero(sieve.left)
        if not len(row):
            return []
        return [
            Activities(
                kind=Kind.LIBRARY_LOAN,
                feed=self.feed,
                row=row,
                scheme=self.scheme,
                person=coded(known.gather(row)),
                occurred_at=at[row],
                recorded_at=at[row],
                source_key=("folio", coded(loans.gather(row))),
                fields={
                    "item": coded(items.gather(row)),
                    "library": where_given(plain(rows.columns["library"].gather(row))),
                    "renewal": False,
                },
            )
        ]
