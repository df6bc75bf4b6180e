"""The definition of an indicator: one student, one campus day, in plain Python.

Whoever wants to know what a policy does reads this file. `kernel.py` computes the same for all
students at once; the tests hold the two equal to the last digit.

An evaluation knows three campus days:
- `complete`: the last day whose events have all arrived;
- `as_of`: the day in progress, later than `complete`;
- `seen`: the last day whose events are looked at: `complete` for the closing of a day, `as_of`
  for a live indicator.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from schemas.types import Day, Kind, Status
from scoring.indicator import NOTHING_DUE, Contribution, Indicator, switched_off, too_few_days
from scoring.items import Item
from scoring.kind_policy import Measure
from scoring.policy import Policy
from scoring.rounding import DAY_PERCENT, hundredths
from scoring.rules import KindRule, Rules
from scoring.student_days import Moment, StudentDays, never
from scoring.thresholds import FULL_SCORE

DAYS_A_WEEK: Final = 7
NO_ITEMS: Final[Mapping[Kind, Sequence[Item]]] = {}


@dataclass(frozen=True, slots=True)
class Window:
    """The days over which a kind is measured."""

    end: Day
    """The day from which it goes back, whether it counts or not."""
    days: Sequence[Day]
    """The days that count, the latest first."""
    days_percent: int
    """Their weight, in percent of a day."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A kind over one window."""

    window: Window
    amount: int
    """Events, distinct days with any, or items met."""
    due: int
    """Items due; 0 for other measures."""
    rate: float
    """The amount a full week of `DAYS_A_WEEK` full days, or the share of items met."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a kind contributes."""

    measured: Measured
    """Over the window that decides."""
    reason: str
    """Why the kind is left out; empty when it takes part."""
    points: float
    """0 when it is left out."""


def evaluate(
    policy: Policy | Rules,
    *,
    counts: Mapping[Kind, Mapping[Day, int]],
    complete: Day,
    as_of: Day,
    seen: Day,
    weight_percent: Callable[[Day], int],
    counted: Callable[[Kind, Day], bool],
    excused: Callable[[Kind, Day], bool] = never,
    items: Mapping[Kind, Sequence[Item]] = NO_ITEMS,
) -> Indicator:
    """Give a student's indicator: scored, or insufficient data.

    `policy`: the rules that hold for the student (`scoring.resolution`); of a policy, the usual
    ones. The other arguments mean what `StudentDays` and `Moment` say.

    Raises ValueError unless complete <= seen <= as_of and complete < as_of.
    """
    student = StudentDays(counts, weight_percent, counted, excused, items)
    rules = policy if isinstance(policy, Rules) else policy.usual
    return indicator_of(rules, student, Moment(complete, as_of, seen))


def indicator_of(rules: Rules, student: StudentDays, at: Moment) -> Indicator:
    """Give a student's indicator: points earned out of the points possible, as 0 to 100."""
    contributions: list[Contribution] = []
    points_earned = 0.0
    points_possible = 0.0
    for kind, rule in rules.kinds.items():
        standing = standing_of(rules, kind, student, at)
        contributions.append(_contribution(kind, rule, standing))
        if not standing.reason:
            points_earned += standing.points
            points_possible += rule.weight

    if points_possible == 0 or points_possible < rules.minimum_weight:
        return Indicator.insufficient(tuple(contributions))
    score = hundredths(FULL_SCORE * points_earned / points_possible) / 100
    band = rules.thresholds.band_of(score)
    return Indicator(Status.SCORED, band, score, "", tuple(contributions))


def standing_of(rules: Rules, kind: Kind, student: StudentDays, at: Moment) -> Standing:
    """Measure a kind over the window of complete days, and over the same moved on to the present.

    The higher rate decides: a day that has just begun cannot pull anybody down. Both need the
    minimum of counted days: a single busy day behind a long vacation is not a busy week.
    """
    rule = rules.kinds[kind]
    measured = _measured(rules, kind, student, at.complete, at)
    reason = _reason_to_leave_out(rules, kind, measured, at)
    if reason:
        return Standing(measured, reason, 0.0)
    moved_on = _measured(rules, kind, student, at.as_of, at)
    if moved_on.window.days_percent >= rules.minimum_percent and moved_on.rate > measured.rate:
        measured = moved_on
    return Standing(measured, "", rule.weight * min(1.0, measured.rate / rule.saturation))


def window_of(rules: Rules, kind: Kind, student: StudentDays, end: Day) -> Window:
    """Go back from `end`, day by day, until the weights add up to the window's length."""
    enough_percent = rules.kinds[kind].window_days * DAY_PERCENT
    days: list[Day] = []
    days_percent = 0
    for day in _back_from(end, rules.look_back_days):
        if not student.counted(kind, day) or rules.kinds[kind].off_on(day):
            continue  # left out: says nothing, and the window reaches a day further back
        days.append(day)
        days_percent += student.weight(kind, day)
        if days_percent >= enough_percent:
            break
    return Window(end, days, days_percent)


def _measured(rules: Rules, kind: Kind, student: StudentDays, end: Day, at: Moment) -> Measured:
    window = window_of(rules, kind, student, end)
    measure = rules.kinds[kind].measure
    if measure is Measure.SHARE:
        met, due = items_met_and_due(kind, student, window.days, at)
        return Measured(window, met, due, met / due if due else 0.0)
    events = student.counts.get(kind, {})
    amount = 0
    for day in window.days:
        if day <= at.seen and day in events:
            amount += min(events[day], 1) if measure is Measure.DAYS else events[day]
    rate = 0.0  # of a window without weight, whatever events its days hold
    if window.days_percent > 0:
        rate = amount * (DAYS_A_WEEK * DAY_PERCENT) / window.days_percent
    return Measured(window, amount, 0, rate)


def items_met_and_due(
    kind: Kind, student: StudentDays, days: Sequence[Day], at: Moment
) -> tuple[int, int]:
    """Give the items met and the items due over days; each counts once, on its own day.

    What is due on a day that is not over yet, or was due on an excused day, counts when it is met
    and is not held against anybody when it is not.
    """
    met = 0
    due = 0
    for item in student.items.get(kind, ()):
        if item.due > at.seen or item.due not in days:
            continue
        is_met = item.is_met_by(at.seen)
        is_forgiven = item.due > at.complete or student.excused(kind, item.due)
        met += is_met
        due += is_met or not is_forgiven
    return met, due


def _reason_to_leave_out(rules: Rules, kind: Kind, measured: Measured, at: Moment) -> str:
    """Say why a kind takes no part; empty when it does. Only the complete days decide."""
    rule = rules.kinds[kind]
    off = rule.off_on(at.complete)
    if off is not None:
        return switched_off(off.first, off.last, off.reason)
    if measured.window.days_percent < rules.minimum_percent:
        return too_few_days(measured.window.days_percent, rules.minimum_percent)
    if rule.measure is Measure.SHARE and measured.due == 0:
        return NOTHING_DUE
    return ""


def _back_from(end: Day, number: int) -> Iterable[Day]:
    return cast("Iterable[Day]", range(end, end - number, -1))  # what a Day is, an int, counts down


def _contribution(kind: Kind, rule: KindRule, standing: Standing) -> Contribution:
    measured = standing.measured
    return Contribution(
        kind=kind,
        counted=not standing.reason,
        reason=standing.reason,
        amount=measured.amount,
        days_percent=measured.window.days_percent,
        rate=0.0 if standing.reason else hundredths(measured.rate) / 100,
        points=hundredths(standing.points) / 100,
        weight=rule.weight,
        due=measured.due,
    )
