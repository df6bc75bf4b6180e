"""What is simulated: how many students, which term, and what goes wrong."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Behaviour(StrEnum):
    """How a student goes about a term."""

    STEADY = "steady"
    FADING = "fading"
    BURSTY = "bursty"
    PART_TIME = "part_time"
    ILL = "ill"


@dataclass(frozen=True, slots=True)
class Plan:
    """A term and its faults. The same plan gives the same bytes."""

    seed: int
    students: int
    first: date
    """A Monday."""
    weeks: int
    duplicate_share: float = 0.01
    """Of the rows: written a second time."""
    late_share: float = 0.02
    """Of the rows: written at the end of the file."""
    disorder: int = 3
    """How many rows a row may be from its place; 0: rows lie by time."""
    outages: int = 1
    """Feeds that write nothing on one day of the term each."""
    shared_cards: int = 1
    """Students who lend their card to another for a week."""

    @property
    def days(self) -> list[date]:
        """All days of the term."""
        return [self.first + timedelta(days=n) for n in range(7 * self.weeks)]

    def is_teaching(self, day: date) -> bool:
        """Weekdays, but for the reading week in the middle of a term of six weeks or more."""
        week = (day - self.first).days // 7
        return day.weekday() < 5 and not (self.weeks >= 6 and week == self.weeks // 2)
