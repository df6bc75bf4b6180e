"""The campus calendar as it was published: the weight of each day, with its reason."""

from dataclasses import dataclass
from typing import Final

from schemas.types import Day
from scoring.calendar import Calendar


@dataclass(frozen=True, slots=True)
class PublishedCalendar:
    """One version."""

    version: int
    valid_from: Day
    """The first campus day whose closing is computed by it."""
    first: Day
    days: tuple[tuple[int, str], ...]
    """Of each campus day from `first` on: percent of a full day, and why it is none."""
    others: Calendar
    """What days before and behind these weigh."""

    def weight_percent(self, day: int) -> int:
        """Give the weight of a campus day, in percent of a full day."""
        place = day - self.first
        if 0 <= place < len(self.days):
            return self.days[place][0]
        return self.others.weight_percent(day)

    def reason(self, day: int) -> str:
        """Say why a day is no full day; empty for one that is."""
        place = day - self.first
        return self.days[place][1] if 0 <= place < len(self.days) else self.others.reason(day)


FULL_DAYS: Final = PublishedCalendar(0, Day(0), Day(0), (), Calendar())
"""What holds before the first version."""
