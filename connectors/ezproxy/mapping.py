"""What a line of EZproxy's log means: docs/connectors/ezproxy.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from connectors.incremental import Activities, Due
from connectors.rows import Columns, Rows
from connectors.schemes import Scheme
from connectors.sieve import Sieve
from connectors.values import coded, identifiers, times
from connectors.zones import Zone
from schemas.types import Kind

NEEDED: Final = ("user", "time", "url", "status")
_HOUR_MS: Final = 3_600_000
"""What COUNTER, the libraries' code of practice for usage, takes as a session without an id: one
user, one platform, one hour."""
_HOST: Final = r"(?i)^[a-z]+://(?:[^/@]*@)?(?:www\.)?([^/:?#]+)"


@dataclass(frozen=True, slots=True)
class EzproxyLog:
    """A visit: one person, one platform, one hour, however many requests it takes."""

    feed: str
    zone: Zone
    columns: Columns
    scheme: Scheme

    @property
    def kinds(self) -> Sequence[Kind]:
        """Loans, the library's only kind."""
        return (Kind.LIBRARY_LOAN,)

    def read(self, rows: Rows, sieve: Sieve) -> Sequence[Activities | Due]:
        """A visit a row, for the rows that are part of one; the rows of one visit are the same."""
        sieve.skip(rows.columns["user"] == "", "no_user")
        sieve.skip(rows.columns["status"] >= "400", "refused")
        hosts = rows.columns["url"].str.extract(_HOST).fill_null("").str.to_lowercase()
        sieve.skip(hosts == "", "own_page")
        users = identifiers(sieve, "user")
        at = times(sieve, "time", self.zone, None)
        row = np.flatnonzero(sieve.left)
        if not len(row):
            return []
        host = coded(hosts.gather(row))
        return [
            Activities(
                kind=Kind.LIBRARY_LOAN,
                feed=self.feed,
                row=row,
                scheme=self.scheme,
                person=coded(users.gather(row)),
                occurred_at=at[row] // _HOUR_MS * _HOUR_MS,
                recorded_at=at[row],
                source_key=("ezproxy", host),
                fields={"item": host, "library": "EZproxy", "renewal": False},
            )
        ]
