"""The published versions of the campus calendar, and which holds for the closing of a day.

As with policies: of a day, the version with the latest `valid_from` up to it, for the whole window
of that day's closing. Before the first version all days are full days.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day
from scoring.calendar import Calendar

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class CalendarVersion:
    """What each campus day weighs, in percent of a full day."""

    version: int
    valid_from: Day
    first: Day
    percent: Integers
    """Of the days from `first` on."""
    others: Calendar
    """Of the days before and behind these."""

    def weights(self, days: Integers) -> Integers:
        """The weight of each day."""
        weights = self.others.weights(days)
        named = (days >= self.first) & (days < self.first + len(self.percent))
        weights[named] = self.percent[days[named] - self.first]
        return weights


_FULL_DAYS: Final = CalendarVersion(0, Day(0), Day(0), np.zeros(0, np.int64), Calendar())


class Calendars:
    """All versions read so far."""

    def __init__(self) -> None:
        self._versions: dict[int, CalendarVersion] = {}

    def add(self, calendar: CalendarVersion) -> bool:
        """Take in a version; returns whether it is new. A version is never edited in place."""
        if calendar.version in self._versions:
            return False
        self._versions[calendar.version] = calendar
        return True

    @property
    def versions(self) -> frozenset[int]:
        """The versions known."""
        return frozenset(self._versions)

    def start_of(self, version: int) -> Day:
        """The first day whose closing is computed by a version."""
        return self._versions[version].valid_from

    def edges(self) -> Sequence[Day]:
        """The days from which another version holds."""
        return [calendar.valid_from for calendar in self._versions.values()]

    def on(self, day: int) -> CalendarVersion:
        """The calendar that holds for the closing of a day."""
        valid = [one for one in self._versions.values() if one.valid_from <= day]
        return max(valid, key=lambda one: (one.valid_from, one.version), default=_FULL_DAYS)
