"""Campus days and the moments they are made of."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from schemas.types import Day

_EPOCH: Final = date(1970, 1, 1)
_MILLISECOND: Final = timedelta(milliseconds=1)
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)


def campus_day(day: date) -> Day:
    """The number of a local date."""
    return Day((day - _EPOCH).days)


def moment(day: Day, hour: int, zone: ZoneInfo) -> int:
    """UTC milliseconds of a full hour, by the clocks of the campus."""
    local = datetime.combine(_EPOCH + timedelta(days=day), time(hour), zone)
    return (local.astimezone(UTC) - _START) // _MILLISECOND
