"""What each campus day weighs: terms, reading weeks, vacations, closures.

A day's weight, in percent of a full day, is how much of a day it is when windows are filled
(`reference.window_of`). Days of daylight-saving changes are whole days: a calendar knows no hours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day
from scoring.days import date_of
from scoring.rounding import DAY_PERCENT

DAYS_A_WEEK: Final = 7
_THURSDAY: Final = 3  # of campus day 0, 1970-01-01, counted from Monday
EVERY_WEEKDAY: Final = (DAY_PERCENT,) * DAYS_A_WEEK


class Sort(StrEnum):
    """What an entry of a calendar is; where entries overlap, the later sort holds."""

    TERM = "term"
    VACATION = "vacation"
    READING_WEEK = "reading_week"
    CLOSURE = "closure"


SORTS: Final = tuple(Sort)


@dataclass(frozen=True, slots=True)
class Weights:
    """The weight of a day by the sort of its entry, unless the entry says another."""

    term: int = DAY_PERCENT
    reading_week: int = 50  # no teaching, but study goes on
    vacation: int = 0
    closure: int = 0

    def of(self, sort: Sort) -> int:
        """Give the weight of a sort, in percent of a day."""
        return {
            Sort.TERM: self.term,
            Sort.READING_WEEK: self.reading_week,
            Sort.VACATION: self.vacation,
            Sort.CLOSURE: self.closure,
        }[sort]


USUAL_WEIGHTS: Final = Weights()


@dataclass(frozen=True, slots=True)
class Entry:
    """A span of campus days, both ends included."""

    sort: Sort
    first: Day
    last: Day
    weight_percent: int
    title: str

    def covers(self, day: int) -> bool:
        """Say whether a day lies in the span."""
        return self.first <= day <= self.last

    def contradicts(self, other: "Entry") -> bool:
        """Say whether both give a day different weights and neither has the last word."""
        return (
            self.sort is other.sort
            and self.weight_percent != other.weight_percent
            and self.first <= other.last
            and other.first <= self.last
        )


@dataclass(frozen=True, slots=True)
class Calendar:
    """The weight of every campus day; without entries all days are full days."""

    entries: tuple[Entry, ...] = ()
    unnamed_percent: int = DAY_PERCENT
    """Weight of days that no entry names."""
    weekday_percent: tuple[int, ...] = EVERY_WEEKDAY
    """Monday first: how much of its weight a day keeps, such as 0 at weekends."""

    @classmethod
    def of(
        cls,
        entries: Sequence[Entry],
        weights: Weights,
        weekday_percent: tuple[int, ...] = EVERY_WEEKDAY,
    ) -> "Calendar":
        """Make a calendar. Where it names terms, days outside of its entries are vacation."""
        has_terms = any(entry.sort is Sort.TERM for entry in entries)
        unnamed = weights.vacation if has_terms else DAY_PERCENT
        return cls(tuple(entries), unnamed, weekday_percent)

    def entry_on(self, day: int) -> Entry | None:
        """Give the entry that decides a day: of the latest sort, and of these the first."""
        covering = [entry for entry in self.entries if entry.covers(day)]
        return max(covering, key=lambda entry: SORTS.index(entry.sort), default=None)

    def weight_percent(self, day: int) -> int:
        """Give the weight of a campus day, in percent of a full day, rounded down."""
        entry = self.entry_on(day)
        weight = self.unnamed_percent if entry is None else entry.weight_percent
        return weight * self.weekday_percent[weekday(day)] // DAY_PERCENT

    def weights(self, days: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give the weights of many campus days, of the same shape."""
        weight = np.full(days.shape, self.unnamed_percent, np.int64)
        for sort in SORTS:
            for entry in reversed(self.entries):
                if entry.sort is sort:
                    weight[(days >= entry.first) & (days <= entry.last)] = entry.weight_percent
        kept = np.array(self.weekday_percent, np.int64)[(days + _THURSDAY) % DAYS_A_WEEK]
        return weight * kept // DAY_PERCENT

    def reason(self, day: int) -> str:
        """Say why a day weighs what it does: "vacation: Christmas"; empty for a full day."""
        if self.weight_percent(day) == DAY_PERCENT:
            return ""
        entry = self.entry_on(day)
        parts = ["outside of term"] if entry is None and self.unnamed_percent < DAY_PERCENT else []
        if entry is not None and entry.weight_percent < DAY_PERCENT:
            name = entry.sort.replace("_", " ")
            parts.append(f"{name}: {entry.title}" if entry.title else name)
        if self.weekday_percent[weekday(day)] < DAY_PERCENT:
            parts.append(f"{date_of(day):%A}")
        return ", ".join(parts)


def weekday(day: int) -> int:
    """Give the day of the week, Monday is 0."""
    return (day + _THURSDAY) % DAYS_A_WEEK
