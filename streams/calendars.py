"""The published versions of the campus calendar, and which holds for the closing of a day.

As with policies: of a day, the version with the latest `valid_from` up to it, for the whole window
of that day's closing. Before the first version all days are full days.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day
from scoring.calendar import Calendar
from streams.versions import Versions

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


class Calendars(Versions[CalendarVersion]):
    """Calendars by version."""

    def __init__(self) -> None:
        super().__init__(lambda calendar: calendar.valid_from)

    def on(self, day: int) -> CalendarVersion:
        """The calendar that holds for the closing of a day."""
        return self.latest(day) or _FULL_DAYS

    def weights_of_closings(self, first: Day, last: Day) -> Integers:
        """What the days from `first` to `last` weigh, each by the calendar of its own closing."""
        runs = [(found or _FULL_DAYS).weights(days) for found, days in self.runs(first, last)]
        return np.concatenate(runs) if runs else np.zeros(0, np.int64)
