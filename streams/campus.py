"""Campus days: the local date of an instant in the campus zone, daylight saving included."""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day

DAY_MS: Final = 86_400_000
_EPOCH: Final = date(1970, 1, 1)
_FIRST, _LAST = date(1990, 1, 1), date(2100, 1, 1)


class CampusDays:
    """Maps instants between 1990 and 2100 to campus days, many at once."""

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone
        self._first = (_FIRST - _EPOCH).days
        days = (_LAST - _FIRST).days
        self._midnights = np.array(
            [_midnight_ms(_FIRST + timedelta(n), zone) for n in range(days + 1)], np.int64
        )

    def contains(self, instants_ms: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each instant lies in the span this knows."""
        low, high = self._midnights[1], self._midnights[-2]
        inside: NDArray[np.bool_] = (instants_ms >= low) & (instants_ms < high)
        return inside

    def of(self, instants_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        """The campus day of each instant (milliseconds UTC); all have to lie in the span.

        The UTC day is at most one off: zones are less than a day from UTC.
        """
        guess = instants_ms // DAY_MS - self._first
        later = instants_ms >= self._midnights[guess + 1]
        earlier = instants_ms < self._midnights[guess]
        return guess + later - earlier + self._first

    def day_of(self, instant_ms: int) -> Day:
        """The campus day of one instant."""
        return Day(int(self.of(np.array([instant_ms], np.int64))[0]))

    def start_ms(self, day: Day) -> int:
        """The first instant of a campus day, milliseconds UTC."""
        return int(self._midnights[day - self._first])


def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    local = datetime(day.year, day.month, day.day, tzinfo=zone)
    return int(local.astimezone(UTC).timestamp()) * 1000


def as_date(day: int) -> date:
    """A campus day as a date."""
    return _EPOCH + timedelta(days=day)


def from_date(day: date) -> Day:
    """A date as a campus day."""
    return Day((day - _EPOCH).days)


def as_instant(milliseconds: int) -> datetime:
    """Milliseconds since 1970 as an instant in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
