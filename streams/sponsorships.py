"""Who is sponsored, and when: whom compliance rules are about, and nobody else.

The last record of a student counts, and a deletion says that there is nothing any more. As with
student records nothing is remembered of what was said before: closings that are not final follow.
No score, indicator, cohort or welfare alert looks at this.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from broker.decoder import Decoded
from schemas.types import Day, StudentId
from streams.last_said import last_said
from streams.spans import cells_of, columns_among
from streams.students import Rows, Students

Integers = NDArray[np.int64]
Bits = NDArray[np.bool_]

Sponsored: TypeAlias = tuple[Day, Day | None]
"""First and last campus day, both included; None: it is open."""
SaidOfSponsors: TypeAlias = Mapping[StudentId, tuple[Sponsored, ...]]

_OPEN: Final = 1 << 30


def sponsorships_in(decoded: Sequence[Decoded]) -> SaidOfSponsors:
    """What decoded slices of the topic say, in order of offset."""
    return last_said(decoded, _rows, lambda key: StudentId(int.from_bytes(key)), ())


def sponsorships_in_frame(frame: pl.DataFrame) -> SaidOfSponsors:
    """What records say that lie in order of offset, as far as each student's go."""
    return dict(_rows(frame))


def _rows(frame: pl.DataFrame) -> Iterator[tuple[StudentId, tuple[Sponsored, ...]]]:
    for student, periods in frame.select("student", "periods").iter_rows():
        yield StudentId(student), tuple((one["first_day"], one["last_day"]) for one in periods)


class Sponsorships:
    """Of one partition."""

    def __init__(self, students: Students) -> None:
        self._students = students
        self._held: dict[StudentId, tuple[Sponsored, ...]] = {}
        self._columns: tuple[Integers, Integers, Integers] | None = None  # of what is held now

    def take(self, said: SaidOfSponsors) -> Rows:
        """Take in records; whose sponsorship they change.

        A student of whom nothing else is known is nobody yet.
        """
        changed = [one for one, spans in said.items() if self._held.get(one, ()) != spans]
        for student in changed:
            if spans := said[student]:
                self._held[student] = spans
            else:
                del self._held[student]
            self._columns = None
        rows, found = self._students.known_rows(np.array(changed, np.int64))
        return rows[found]

    def within(self, days: Integers, rows: Rows) -> Bits:
        """Who of `rows`, which ascend, is sponsored on any of some consecutive days."""
        students, first, last = self._all()
        overlaps = (first <= days[-1]) & (last >= days[0])
        known, found = self._students.known_rows(students[overlaps])
        is_sponsored: Bits = np.isin(rows, known[found])
        return is_sponsored

    def on(self, days: Integers, rows: Rows) -> Bits:
        """Who of `rows`, which ascend, is sponsored on each of some consecutive days: [T, S]."""
        students, first, last = self._all()
        inside = (first <= days[-1]) & (last >= days[0]) & (first <= last)
        known, found = self._students.known_rows(students[inside])
        columns, among = columns_among(rows, known)
        found &= among
        return cells_of(first[inside][found], last[inside][found], columns[found], days, len(rows))

    def _all(self) -> tuple[Integers, Integers, Integers]:
        """Students, first and last days of all periods."""
        if self._columns is None:
            held = [
                (student, first, _OPEN if last is None else last)
                for student, spans in self._held.items()
                for first, last in spans
            ]
            students, first, last = np.array(held, np.int64).reshape(-1, 3).T
            self._columns = (students, first, last)
        return self._columns
