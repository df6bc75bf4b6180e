"""Campus days and dates: what a person writes, and what is counted with."""

from datetime import date
from typing import Final

from schemas.types import Day

_EPOCH: Final = date(1970, 1, 1).toordinal()


def day_of(when: date) -> Day:
    """Give the campus day of a date."""
    return Day(when.toordinal() - _EPOCH)


def date_of(day: int) -> date:
    """Give the date of a campus day."""
    return date.fromordinal(day + _EPOCH)
