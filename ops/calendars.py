"""Publishes the campus calendar: a version for each change, with the day from which it holds."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from ops.clocks import now
from ops.documents import text_of
from ops.generation import Generation
from schemas import topics
from schemas.errors import PolicyError
from schemas.keys import number_key
from schemas.types import Day
from scoring.calendar import Calendar
from scoring.calendar_reading import CalendarReading
from scoring.calendar_yaml import read_calendar_yaml
from scoring.days import date_of
from scoring.icalendar_text import read_icalendar

_FROM_THE_BEGINNING: Final = Day(0)
_LONGEST_DAYS: Final = 20 * 366  # a record has to stay far below a broker's 1 MB
_CONTENT: Final = ("first", "days", "unnamed_percent", "weekdays")
_ICALENDAR: Final = (".ics", ".ical", ".ifb", ".icalendar")


def read_file(file: Path) -> CalendarReading:
    """What a calendar file says: iCalendar by its suffix, otherwise YAML.

    Raises PolicyError when nothing of it can be read.
    """
    text = text_of(file)
    is_icalendar = file.suffix.lower() in _ICALENDAR
    read = read_icalendar if is_icalendar else read_calendar_yaml
    return read(text, origin=str(file))


def publish_calendar(
    generation: Generation, calendar: Calendar, *, origin: str, valid_from: Day | None = None
) -> tuple[int, Day]:
    """Publish a calendar; returns its version and the first day whose closing it decides.

    The same as the last version again is not published. Without `valid_from` it holds for every
    closing that is not final yet; an earlier day is refused, since these closings stand.
    """
    earliest = _first_open_day(generation)
    start = earliest if valid_from is None else valid_from
    if start < earliest:
        raise PolicyError(
            f"{origin}: closings before {date_of(earliest)} are final: a calendar cannot hold from"
            f" {date_of(start)} on"
        )
    held = generation.read(topics.CALENDAR).sort("version").tail(1).to_dicts()
    version = 1 + (held[-1]["version"] if held else 0)
    record = calendar_record(calendar, version, start, origin, now())
    if held and _content(record) == _content({**held[-1], "first": date_of(held[-1]["first"])}):
        return held[-1]["version"], Day(held[-1]["valid_from"])
    generation.publish(topics.CALENDAR, number_key(version), record)
    return version, start


def calendar_record(
    calendar: Calendar, version: int, valid_from: Day, origin: str, published_at: datetime
) -> dict[str, object]:
    """The record of a version; raises PolicyError when it would be too large."""
    first = min((entry.first for entry in calendar.entries), default=Day(0))
    end = max((entry.last + 1 for entry in calendar.entries), default=0)
    if end - first > _LONGEST_DAYS:
        raise PolicyError(
            f"{origin}: its entries lie between {date_of(first)} and {date_of(end - 1)}, which is"
            f" more than {_LONGEST_DAYS // 366} years: leave out what is long over"
        )
    return {
        "version": version,
        "valid_from": date_of(valid_from),
        "origin": origin,
        "first": date_of(first),
        "days": [
            {"percent": calendar.weight_percent(day), "reason": calendar.reason(day)}
            for day in range(first, end)
        ],
        "unnamed_percent": calendar.unnamed_percent,
        "weekdays": [{"percent": percent} for percent in calendar.weekday_percent],
        "published_at": published_at,
    }


def _content(record: Mapping[str, object]) -> list[object]:
    return [record[field] for field in _CONTENT]


def _first_open_day(generation: Generation) -> Day:
    """The first day whose closing may still change; no day is closed: the beginning."""
    closed = generation.read(topics.DAY_CLOSED)
    if closed.is_empty():
        return _FROM_THE_BEGINNING
    return Day(max(closed["day"].to_list()) + 1 - generation.amendment_days)
