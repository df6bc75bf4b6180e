"""Dates and times as exports write them: read when they can mean one moment, refused otherwise.

| written | read as |
|---|---|
| 2019-11-09T14:05:33, with a blank for T, without seconds, with a fraction | local time |
| the same with Z, +01:00 or +0100 behind it | that moment |
| 2019-11-09 | the first moment of that day, local time |
| 9/11/19, 14:05 or 09/11/2019 2:05:33 PM, also with - or . | local time, by the order declared |
| 9 November 2019, 2:05 PM, or Nov | local time |
| 1573308333 | seconds since 1970 |

Local is the campus. A year of two digits is of 1970 to 2069. Where the order of day and month was
not declared, 9/11/19 is ambiguous and refused; 13/11/19, 11/13/19 and 9/9/19 mean one day.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from connectors.coding import coded
from connectors.zones import MS_PER_DAY, Zone
from schemas.reasons import Reason

DateOrder: TypeAlias = Literal["day_first", "month_first"]

_CLOCK: Final = (
    r"(?:,?[ T]+(?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\.?)?)?"
)
_OFFSET: Final = r"(?: ?(?P<utc>Z|[+-]\d{2}:?\d{2}))?"
_FORMS: Final = tuple(
    re.compile(form + _CLOCK + _OFFSET + r"\Z", re.ASCII)
    for form in (
        r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})",
        r"(?P<one>\d{1,2})[/.-](?P<two>\d{1,2})[/.-](?P<year>\d{4}|\d{2})",
        r"(?P<day>\d{1,2}) (?P<name>[A-Za-z]{3,9}),? (?P<year>\d{4})",
    )
)
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_MONTH_OF: Final = {
    name[:length]: number
    for number, name in enumerate(_MONTHS, 1)
    for length in {3, 4, len(name)}
    if length <= len(name)
}
_CENTURY_SPLIT: Final = 70  # as POSIX's strptime has it
_EPOCH_SECONDS: Final = re.compile(r"\d{9,10}\Z", re.ASCII)
_ISO: Final = "dddd-dd-ddTdd:dd:ddZ"
_DIGITS: Final = [at for at, letter in enumerate(_ISO) if letter == "d"]
_MARKS: Final = [at for at, letter in enumerate(_ISO) if letter in "-:"]
_START_MS: Final = 631_152_000_000  # 1990-01-01; as the worker has it
_END_MS: Final = 4_102_444_800_000  # 2100-01-01

PROBLEMS: Final = {
    Reason.UNREADABLE_TIME: "no date and time of a form that is known (docs/connectors/README.md)",
    Reason.IMPOSSIBLE_DATE: "there is no such day",
    Reason.IMPOSSIBLE_TIME: "there is no such time between 1990 and 2100",
    Reason.AMBIGUOUS_DATE: "day or month may come first: declare date_order for this source",
    Reason.NONEXISTENT_TIME: "the clocks of the campus went forward over this time, it never was",
}
"""What is wrong with a time, as the end of a sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """What some texts mean: UTC milliseconds, [n], and where, [n], a text means nothing."""

    ms: NDArray[np.int64]
    problems: Mapping[Reason, NDArray[np.bool_]]


class Written(NamedTuple):
    """A text, taken apart: its milliseconds, by the clocks of the campus or UTC."""

    ms: int
    is_local: bool


def moments(texts: pl.Series, zone: Zone, order: DateOrder | None) -> Moments:
    """The moments that texts mean. Those that mean nothing are 0 and stand in `problems`."""
    one_each = coded(texts)  # logs and days repeat them
    found = _moments(pl.Series(one_each.values, dtype=pl.String), zone, order)
    codes = one_each.codes
    return Moments(
        found.ms[codes], {reason: where[codes] for reason, where in found.problems.items()}
    )


def _moments(texts: pl.Series, zone: Zone, order: DateOrder | None) -> Moments:
    ms, is_local = _fixed_width(texts)
    problems: dict[Reason, NDArray[np.bool_]] = {}
    others = np.flatnonzero(ms < 0)
    for row, text in zip(others.tolist(), texts.gather(others).to_list(), strict=True):
        match written(text, order):
            case Reason() as reason:
                problems.setdefault(reason, np.zeros(len(ms), np.bool_))[row] = True
                ms[row], is_local[row] = _START_MS, False
            case found:
                ms[row], is_local[row] = found
    if is_local.any():
        utc, never_was = zone.to_utc(ms[is_local])
        ms[is_local] = utc
        if never_was.any():
            missing = np.zeros(len(ms), np.bool_)
            missing[is_local] = never_was
            problems[Reason.NONEXISTENT_TIME] = missing
            ms[missing] = _START_MS
    outside = (ms < _START_MS) | (ms >= _END_MS)
    if outside.any():
        before = problems.get(Reason.IMPOSSIBLE_TIME)
        problems[Reason.IMPOSSIBLE_TIME] = outside if before is None else outside | before
    return Moments(ms, problems)


def _fixed_width(texts: pl.Series) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The form that logs have, many at once: milliseconds, -1 where a text is of another form."""
    ms = np.full(len(texts), -1, np.int64)
    is_local = np.zeros(len(texts), np.bool_)
    lengths = texts.str.len_bytes().to_numpy()
    for length in (len(_ISO) - 1, len(_ISO)):
        rows = np.flatnonzero(lengths == length)
        if not len(rows):
            continue
        joined = "".join(texts.gather(rows).to_list()).encode()
        letters = np.frombuffer(joined, np.uint8).reshape(-1, length)
        digits = letters[:, _DIGITS].astype(np.int64) - ord("0")
        marks = np.frombuffer(_ISO.encode(), np.uint8)[_MARKS]
        is_form = ((digits >= 0) & (digits <= 9)).all(1) & (letters[:, _MARKS] == marks).all(1)
        is_form &= (letters[:, 10] == ord("T")) | (letters[:, 10] == ord(" "))
        if length == len(_ISO):
            is_form &= letters[:, -1] == ord("Z")
        year = digits[:, :4] @ np.array([1000, 100, 10, 1])
        pairs = digits[:, 4:].reshape(-1, 5, 2) @ np.array([10, 1])
        month, day, hour, minute, second = pairs.T
        is_form &= (year >= 1970) & (month >= 1) & (month <= 12) & (day >= 1)
        is_form &= (hour <= 23) & (minute <= 59) & (second <= 59)
        year, month = np.where(is_form, year, 1970), np.where(is_form, month, 1)
        is_form &= day <= _days_of(year, month)
        months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
        days = months.astype("datetime64[D]").astype(np.int64) + day - 1
        clock = (hour * 60 + minute) * 60 + second
        ms[rows] = np.where(is_form, days * MS_PER_DAY + clock * 1000, -1)
        is_local[rows] = is_form & (length == len(_ISO) - 1)
    return ms, is_local


def written(text: str, order: DateOrder | None) -> Written | Reason:
    """One text, taken apart; or why it cannot be."""
    if _EPOCH_SECONDS.match(text):
        return Written(int(text) * 1000, is_local=False)
    for form in _FORMS:
        if found := form.match(text):
            return _assembled(found.groupdict(), order)
    return Reason.UNREADABLE_TIME


def _assembled(parts: Mapping[str, str | None], order: DateOrder | None) -> Written | Reason:
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") == 2:
        year += 2000 if year < _CENTURY_SPLIT else 1900
    months = _days_and_months(parts, order)
    possible = [(day, month) for day, month in months if _is_day(year, month, day)]
    if not possible:
        return Reason.IMPOSSIBLE_DATE if months else Reason.UNREADABLE_TIME
    if len(set(possible)) > 1:
        return Reason.AMBIGUOUS_DATE
    day, month = possible[0]
    clock = _clock(parts)
    if clock is None:
        return Reason.IMPOSSIBLE_TIME
    ms = _days_since_1970(year, month, day) * MS_PER_DAY + clock
    offset = parts["utc"]
    if offset is None:
        return Written(ms, is_local=True)
    return Written(ms - _offset_ms(offset), is_local=False)


def _days_and_months(
    parts: Mapping[str, str | None], order: DateOrder | None
) -> Sequence[tuple[int, int]]:
    """What day and month may be."""
    if (name := parts.get("name")) is not None:
        month = _MONTH_OF.get(name.lower())
        return [] if month is None else [(int(parts["day"] or 0), month)]
    if (first := parts.get("one")) is None:
        return [(int(parts["day"] or 0), int(parts["month"] or 0))]
    one, two = int(first), int(parts["two"] or 0)
    match order:
        case "day_first":
            return [(one, two)]
        case "month_first":
            return [(two, one)]
    return [(one, two), (two, one)]


def _clock(parts: Mapping[str, str | None]) -> int | None:
    """Milliseconds since midnight."""
    hour, minute, second = (int(parts[name] or 0) for name in ("hour", "minute", "second"))
    half = parts["half"]
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in "pP" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    thousandths = int((parts["part"] or "0").ljust(3, "0")[:3])
    return ((hour * 60 + minute) * 60 + second) * 1000 + thousandths


def _offset_ms(offset: str) -> int:
    if offset == "Z":
        return 0
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return (-minutes if offset[0] == "-" else minutes) * 60_000


def _is_day(year: int, month: int, day: int) -> bool:
    return 1 <= month <= 12 and 1 <= day <= int(_days_of(np.array([year]), np.array([month]))[0])


def _days_of(year: NDArray[np.int64], month: NDArray[np.int64]) -> NDArray[np.int64]:
    """The days of months, 1 to 12."""
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    lengths = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
    days: NDArray[np.int64] = lengths[month - 1] + (is_leap & (month == 2))
    return days


def _days_since_1970(year: int, month: int, day: int) -> int:
    return int(
        (np.datetime64(f"{year:04}-{month:02}-{day:02}") - np.datetime64(0, "D")).astype(int)
    )
