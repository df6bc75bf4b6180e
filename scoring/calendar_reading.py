"""What a calendar file gave: the calendar of everything valid in it, and what was not."""

from collections.abc import Sequence
from dataclasses import dataclass

from scoring.calendar import Calendar, Entry, Weights
from scoring.days import date_of


@dataclass(frozen=True, slots=True)
class CalendarReading:
    """The entries that are valid make a calendar, whatever is wrong with the others."""

    calendar: Calendar
    problems: tuple[str, ...]
    """One sentence a problem: file, line where there is one, reason."""


@dataclass(frozen=True, slots=True)
class Located:
    """An entry, and the line on which it begins."""

    line: int
    entry: Entry


def without_contradictions(found: Sequence[Located]) -> tuple[list[Entry], list[tuple[int, str]]]:
    """Give the entries that fit together, and for each other one its line and what is wrong.

    Of two that contradict each other, the later in the file is refused.
    """
    kept: list[Located] = []
    problems: list[tuple[int, str]] = []
    for one in found:
        against = next((k for k in kept if one.entry.contradicts(k.entry)), None)
        if against is None:
            kept.append(one)
            continue
        entry, other = one.entry, against.entry
        problems.append(
            (
                one.line,
                f"{_name(entry)} gives days of {_name(other)} (line {against.line}) the weight "
                f"{entry.weight_percent}, not {other.weight_percent}; give each day one weight",
            )
        )
    return [one.entry for one in kept], problems


def reading(
    found: Sequence[Located],
    wrong: Sequence[tuple[int, str]],
    *,
    origin: str,
    weights: Weights,
    weekday_percent: tuple[int, ...],
) -> CalendarReading:
    """Give the reading of a file: `wrong` are lines and what is wrong with them."""
    entries, contradictions = without_contradictions(found)
    return CalendarReading(
        Calendar.of(entries, weights, weekday_percent),
        tuple(f"{origin}: line {line}: {text}" for line, text in sorted([*wrong, *contradictions])),
    )


def _name(entry: Entry) -> str:
    title = f" {entry.title!r}" if entry.title else ""
    return f"{entry.sort}{title}, {date_of(entry.first)} to {date_of(entry.last)},"
