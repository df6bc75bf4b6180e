"""Why this band: what an indicator is made of, day by day, for a student or a tutor to repeat.

Everything is told by the reference, so that an explanation cannot differ from the indicator.
`explanation_text.py` puts it into sentences.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from schemas.types import Day, Kind
from scoring.indicator import Contribution, Indicator, switched_off
from scoring.items import Item
from scoring.kind_policy import Measure, ShownKind
from scoring.next_band import NextBand, next_band
from scoring.reference import indicator_of, items_met_and_due, standing_of
from scoring.rounding import DAY_PERCENT
from scoring.rules import KindRule, Rules
from scoring.student_days import Moment, StudentDays


@dataclass(frozen=True, slots=True)
class Reasons:
    """What a caller knows of days, in words; an empty text says that there is nothing to tell."""

    left_out: Callable[[Kind, Day], str] = lambda kind, day: "nothing is known of these days"
    """Why a day says nothing: "the feed moodle lacks this day"."""
    weight: Callable[[Kind, Day], str] = lambda kind, day: ""
    """Why a day is no full day: "vacation: Christmas", "excused: illness"."""


@dataclass(frozen=True, slots=True)
class DayOfWindow:
    """A day that counts."""

    day: Day
    weight_percent: int
    amount: int
    """Events, or items met."""
    due: int
    """Items due, of a share."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days in a row of which the same is to be said; both ends included."""

    first: Day
    last: Day
    reason: str


@dataclass(frozen=True, slots=True)
class Extension:
    """An item that a circumstance put off."""

    due: Day
    """The day that was set first."""
    extended_to: Day
    """The day on which it counts."""


@dataclass(frozen=True, slots=True)
class KindExplanation:
    """One kind: its contribution, and the days it comes from."""

    contribution: Contribution
    rule: KindRule
    days: tuple[DayOfWindow, ...]
    """The window that decided, the earliest day first."""
    light: tuple[Span, ...]
    """Days of the window that weigh less than a full day."""
    left_out: tuple[Span, ...]
    """Days between the window's first and last that say nothing."""
    extensions: tuple[Extension, ...]
    """Of items that were put off and would have lain, or lie, in these days; the earliest first."""


@dataclass(frozen=True, slots=True)
class ShownAmount:
    """A kind that is only shown."""

    kind: Kind
    measure: Measure
    amount: int
    days: int
    """The calendar days, up to the last complete one, over which it was counted."""
    reason: str
    """Why it is not scored."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """An indicator, and how it came about."""

    indicator: Indicator
    rules: Rules
    points_earned: float
    """Not rounded: the score is 100 * earned / possible."""
    points_possible: float
    kinds: tuple[KindExplanation, ...]
    shown: tuple[ShownAmount, ...]
    next_band: NextBand | None
    """None when there is no score, or no band above."""


def explain(
    rules: Rules,
    student: StudentDays,
    at: Moment,
    *,
    reasons: Reasons | None = None,
    shown: Mapping[Kind, ShownKind] | None = None,
) -> Explanation:
    """Explain the indicator of a student for whom `rules` hold; `shown` is the policy's."""
    why = reasons or Reasons()
    indicator = indicator_of(rules, student, at)
    counted = [part.kind for part in indicator.contributions if part.counted]
    return Explanation(
        indicator=indicator,
        rules=rules,
        points_earned=sum(standing_of(rules, kind, student, at).points for kind in counted),
        points_possible=sum(rules.kinds[kind].weight for kind in counted),
        kinds=tuple(_explain(rules, part, student, at, why) for part in indicator.contributions),
        shown=tuple(_shown(kind, one, student, at) for kind, one in (shown or {}).items()),
        next_band=next_band(rules, student, at, indicator),
    )


def _explain(
    rules: Rules, part: Contribution, student: StudentDays, at: Moment, why: Reasons
) -> KindExplanation:
    kind, rule = part.kind, rules.kinds[part.kind]
    window = standing_of(rules, kind, student, at).measured.window
    days = sorted(window.days)
    first = window.end - rules.look_back_days + 1
    if days and window.days_percent >= rule.window_days * DAY_PERCENT:
        first = days[0]
    skipped = [Day(day) for day in range(first, window.end + 1) if day not in window.days]
    light = [day for day in days if student.weight(kind, day) < DAY_PERCENT]
    return KindExplanation(
        contribution=part,
        rule=rule,
        days=tuple(_day(rule, kind, student, day, at) for day in days),
        light=_spans((day, why.weight(kind, day)) for day in light),
        left_out=_spans((day, _why_left_out(rule, kind, day, why)) for day in skipped),
        extensions=_extensions(rule, student.items.get(kind, ()), first, window.end),
    )


def _extensions(
    rule: KindRule, items: Iterable[Item], first: int, last: int
) -> tuple[Extension, ...]:
    """What was due on or before `last`, and is due on `first` or later."""
    if rule.measure is not Measure.SHARE:
        return ()
    extensions = [
        Extension(item.extended_from, item.due)
        for item in items
        if item.extended_from is not None and item.extended_from <= last and item.due >= first
    ]
    return tuple(sorted(extensions, key=lambda one: (one.due, one.extended_to)))


def _why_left_out(rule: KindRule, kind: Kind, day: Day, why: Reasons) -> str:
    off = rule.off_on(day)
    if off is not None:
        return switched_off(off.first, off.last, off.reason)
    return why.left_out(kind, day)


def _day(rule: KindRule, kind: Kind, student: StudentDays, day: Day, at: Moment) -> DayOfWindow:
    weight = student.weight(kind, day)
    if rule.measure is Measure.SHARE:
        met, due = items_met_and_due(kind, student, [day], at)
        return DayOfWindow(day, weight, met, due)
    events = student.counts.get(kind, {}).get(day, 0) if day <= at.seen else 0
    return DayOfWindow(day, weight, events, 0)


def _shown(kind: Kind, shown: ShownKind, student: StudentDays, at: Moment) -> ShownAmount:
    days = range(at.complete - shown.window_days + 1, at.complete + 1)
    counts = student.counts.get(kind, {})
    numbers = [counts.get(Day(day), 0) for day in days]
    is_days = shown.measure is Measure.DAYS
    amount = sum(number > 0 for number in numbers) if is_days else sum(numbers)
    return ShownAmount(kind, shown.measure, amount, shown.window_days, shown.reason)


def _spans(days: Iterable[tuple[Day, str]]) -> tuple[Span, ...]:
    """Put days in a row with the same reason together; `days` ascend."""
    numbered = enumerate(days)
    rows = [list(row) for _, row in groupby(numbered, lambda one: (one[1][0] - one[0], one[1][1]))]
    return tuple(Span(row[0][1][0], row[-1][1][0], row[0][1][1]) for row in rows)
