"""Reads a calendar from iCalendar (RFC 5545), as timetable offices and calendar programs write it.

Events last whole days and know no zone. What an event is, its categories say, or else its summary,
by words such as "term", "vacation", "closed", "reading week". A property `X-LEAP-WEIGHT` gives its
days a weight of their own, in percent. Events are read one by one, so that a bad one does not take
its neighbours with it.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

import icalendar

from scoring.calendar import EVERY_WEEKDAY, USUAL_WEIGHTS, Entry, Sort, Weights
from scoring.calendar_reading import CalendarReading, Located, reading
from scoring.days import day_of
from scoring.rounding import DAY_PERCENT

_WORDS: Final = (  # in this order: a "bank holiday" is a closure, a "reading week in term" no term
    (Sort.CLOSURE, r"clos(ed|ures?)|(bank|public) holidays?"),
    (Sort.READING_WEEK, r"(reading|consolidation|study) weeks?"),
    (Sort.VACATION, r"vacations?|holidays?|breaks?|recess"),
    (Sort.TERM, r"terms?|semesters?|trimesters?|teaching"),
)
_REPEATING: Final = ("RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")
_UNREADABLE: Final = (ValueError, TypeError, AttributeError, LookupError)
"""What the library raises for text that is not iCalendar; only the first by its own intention."""
_WEIGHT: Final = "X-LEAP-WEIGHT"


class _Block(NamedTuple):
    line: int
    """On which the event begins."""
    text: str
    is_whole: bool


class _Wrong(Exception):
    """What is wrong with an event."""


def read_icalendar(
    text: str,
    *,
    origin: str,
    weights: Weights = USUAL_WEIGHTS,
    weekday_percent: tuple[int, ...] = EVERY_WEEKDAY,
) -> CalendarReading:
    """Read the events of a calendar; `origin` is its name in the sentences about it."""
    found: list[Located] = []
    wrong: list[tuple[int, str]] = []
    blocks = list(_blocks(text))
    if not blocks:
        wrong.append((1, "is not iCalendar, or holds no event"))
    for block in blocks:
        try:
            entry = _entry(block, weights)
        except _Wrong as reason:
            wrong.append((block.line, str(reason)))
        else:
            if entry is not None:
                found.append(Located(block.line, entry))
    return reading(found, wrong, origin=origin, weights=weights, weekday_percent=weekday_percent)


def _blocks(text: str) -> Iterator[_Block]:
    """Cut a calendar into its events."""
    lines: list[str] = []
    begun = 0  # line of the event that is being read; 0 outside of events
    for number, line in enumerate(text.splitlines(), start=1):
        mark = line.strip().upper()
        if mark in {"BEGIN:VEVENT", "END:VCALENDAR"} and begun:
            yield _Block(begun, "", is_whole=False)
            begun = 0
        if mark == "BEGIN:VEVENT":
            begun, lines = number, []
        if begun:
            lines.append(line)
        if mark == "END:VEVENT" and begun:
            yield _Block(begun, "\r\n".join(lines) + "\r\n", is_whole=True)
            begun = 0
    if begun:
        yield _Block(begun, "", is_whole=False)


def _entry(block: _Block, weights: Weights) -> Entry | None:
    """Give what an event says; None for one that was cancelled."""
    event = _event(block)
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    for name in _REPEATING:
        if name in event:
            raise _Wrong(f"repeats ({name}): write an event for each time")
    first, last = _span(event)
    title = str(event.get("SUMMARY", "")).strip()
    sort = _sort(event, title)
    return Entry(sort, day_of(first), day_of(last), _weight(event, weights.of(sort)), title)


def _event(block: _Block) -> icalendar.Event:
    if not block.is_whole:
        raise _Wrong("the event does not end: END:VEVENT is missing")
    try:
        event = icalendar.Event.from_ical(block.text)
    except _UNREADABLE as error:
        raise _Wrong(f"not iCalendar: {' '.join(str(error).split())}") from error
    if not isinstance(event, icalendar.Event):
        raise _Wrong("not one event")
    if event.errors:
        name, why = event.errors[0]
        raise _Wrong(f"{name or 'a line'} cannot be read: {' '.join(str(why).split())}")
    return event


def _span(event: icalendar.Event) -> tuple[date, date]:
    """Give the first and the last day; an event ends on the day before its DTEND."""
    first = _value(event, "DTSTART")
    if first is None:
        raise _Wrong("DTSTART is missing")
    first = _whole_day("DTSTART", first)
    end = _value(event, "DTEND")
    duration = _value(event, "DURATION")
    length = timedelta(days=1)
    if end is not None:
        length = _whole_day("DTEND", end) - first
    elif duration is not None:
        if not isinstance(duration, timedelta) or duration % timedelta(days=1):
            raise _Wrong(f"DURATION is {duration}, not a number of whole days")
        length = duration
    try:
        last = first + length - timedelta(days=1)
    except OverflowError as error:
        raise _Wrong("lies outside of the years that a date can have") from error
    if last < first:
        raise _Wrong(
            f"ends before it starts: the first day is {first}, and DTEND (or DURATION) makes "
            f"{last} the last; DTEND names the day after the last"
        )
    return first, last


def _value(event: icalendar.Event, name: str) -> object:
    value = event.get(name)
    if isinstance(value, list):
        raise _Wrong(f"{name} is given {len(value)} times")
    try:
        return None if value is None else value.dt
    except (
        _UNREADABLE
    ) as error:  # what the library could not read it lets be, until it is looked at
        raise _Wrong(f"{name} cannot be read: {str(error).rpartition('): ')[2]}") from error


def _whole_day(name: str, value: object) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _Wrong(f"{name} is {value}: only whole days have a weight; write {name};VALUE=DATE")
    return value


def _sort(event: icalendar.Event, title: str) -> Sort:
    given = event.get("CATEGORIES", [])
    lists = given if isinstance(given, list) else [given]
    categories = [str(category) for part in lists for category in part.cats]
    for text in (*categories, title):
        plain = re.sub(r"[_\W]+", " ", text).lower()
        for sort, words in _WORDS:
            if re.search(rf"\b({words})\b", plain):
                return sort
    raise _Wrong(
        f"neither the categories nor the summary {title!r} say whether it is a term, a vacation, a "
        "closure or a reading week; add such a category, or leave the event out"
    )


def _weight(event: icalendar.Event, usual: int) -> int:
    given = event.get(_WEIGHT)
    if given is None:
        return usual
    text = str(given)
    if not re.fullmatch(r"\d{1,3}", text, re.ASCII) or int(text) > DAY_PERCENT:
        raise _Wrong(f"{_WEIGHT} is {text!r}, not a number from 0 to 100")
    return int(text)
