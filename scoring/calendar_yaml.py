"""Reads a calendar from YAML, for who writes it by hand.

weights: {reading_week: 70}       # of a full day, in percent; what is left out is as usual
weekdays: {saturday: 0, sunday: 0}
entries:
  - {sort: term, first: 2024-10-03, last: 2024-12-13, title: Autumn term}
  - {sort: closure, first: 2024-12-24, last: 2025-01-01}
  - {sort: vacation, first: 2025-03-22, last: 2025-04-21, weight: 20}
"""

import re
from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from schemas.errors import PolicyError
from scoring.calendar import USUAL_WEIGHTS, Calendar, Entry, Sort, Weights
from scoring.calendar_reading import CalendarReading, Located, reading
from scoring.days import day_of
from scoring.problems import field_names, sentences_of
from scoring.rounding import DAY_PERCENT
from scoring.yaml_text import lines_of_items, read_yaml

_ENTRIES: Final = "entries"


def _written_date(value: object) -> object:
    if not isinstance(value, str) or re.fullmatch(r"\d{4}-\d{2}-\d{2}", value, re.ASCII) is None:
        raise PydanticCustomError("date_text", "must be a date such as 2024-10-03")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise PydanticCustomError("date_text", "must be a day that exists") from error


class _Model(BaseModel):
    # not strict: every scalar of the file comes as text (`read_yaml`)
    model_config = ConfigDict(frozen=True, extra="forbid")


_Date = Annotated[date, BeforeValidator(_written_date)]
_Percent = Annotated[int, Field(ge=0, le=DAY_PERCENT)]


class _Entry(_Model):
    sort: Sort
    first: _Date
    last: _Date
    title: str = ""
    weight: _Percent | None = None


class _Weights(_Model):
    term: _Percent = USUAL_WEIGHTS.term
    reading_week: _Percent = USUAL_WEIGHTS.reading_week
    vacation: _Percent = USUAL_WEIGHTS.vacation
    closure: _Percent = USUAL_WEIGHTS.closure


class _Weekdays(_Model):
    monday: _Percent = DAY_PERCENT
    tuesday: _Percent = DAY_PERCENT
    wednesday: _Percent = DAY_PERCENT
    thursday: _Percent = DAY_PERCENT
    friday: _Percent = DAY_PERCENT
    saturday: _Percent = DAY_PERCENT
    sunday: _Percent = DAY_PERCENT


class _File(_Model):
    weights: _Weights = _Weights()
    weekdays: _Weekdays = _Weekdays()
    entries: tuple[object, ...]
    """Each is read by itself, so that a wrong one does not take its neighbours with it."""


_FIELDS: Final = field_names(_Model)


def read_calendar_yaml(text: str, *, origin: str) -> CalendarReading:
    """Read a calendar; `origin` is its name in the sentences about it."""
    try:
        document = read_yaml(text, origin=origin, scalars_are_text=True)
    except PolicyError as error:
        return CalendarReading(Calendar(), tuple(str(error).splitlines()))
    try:
        file = _File.model_validate(document)
    except ValidationError as error:
        problems = (f"{origin}: {sentence}" for sentence in sentences_of(error, _FIELDS))
        return CalendarReading(Calendar(), tuple(problems))
    weights = Weights(**file.weights.model_dump())
    found: list[Located] = []
    wrong: list[tuple[int, str]] = []
    lines = lines_of_items(text, _ENTRIES)
    for line, given in zip(lines, file.entries, strict=True):
        try:
            found.append(Located(line, _entry(given, weights)))
        except ValidationError as error:
            wrong += [
                (line, sentence) for sentence in sentences_of(error, _FIELDS, root="the entry")
            ]
        except ValueError as error:
            wrong.append((line, str(error)))
    weekdays = tuple(file.weekdays.model_dump().values())
    return reading(found, wrong, origin=origin, weights=weights, weekday_percent=weekdays)


def _entry(given: object, weights: Weights) -> Entry:
    entry = _Entry.model_validate(given)
    if entry.last < entry.first:
        raise ValueError(f"ends before it starts: {entry.first} to {entry.last}")
    weight = weights.of(entry.sort) if entry.weight is None else entry.weight
    return Entry(entry.sort, day_of(entry.first), day_of(entry.last), weight, entry.title)
