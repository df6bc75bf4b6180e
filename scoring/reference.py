"""The definition of an indicator: one student, one campus day, in plain Python.

Whoever wants to know what a policy does reads this file. `kernel.py` computes the same for all
students at once; the tests hold the two equal to the last digit.

An evaluation knows three campus days:
- `complete`: the last day whose events have all arrived;
- `as_of`: the day in progress, later than `complete`;
- `seen`: the last day whose events are looked at: `complete` for the closing of a day, `as_of`
  for a live indicator.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from schemas.types import Day, Kind, Status
from scoring.indicator import Contribution, Indicator, too_few_days
from scoring.policy import FULL_SCORE, KindPolicy, Measure, Policy
from scoring.rounding import DAY_PERCENT, hundredths

DAYS_A_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class _Window:
    amount: int  # events, or distinct days with any
    days_percent: int  # calendar weight of its days, in percent of a day

    @property
    def rate(self) -> float:
        """The amount a full week of `DAYS_A_WEEK` full days."""
        if self.days_percent == 0:
            return 0.0
        return self.amount * (DAYS_A_WEEK * DAY_PERCENT) / self.days_percent


def evaluate(
    policy: Policy,
    *,
    counts: Mapping[Kind, Mapping[Day, int]],
    complete: Day,
    as_of: Day,
    seen: Day,
    weight_percent: Callable[[Day], int],
    counted: Callable[[Kind, Day], bool],
) -> Indicator:
    """Give a student's indicator: scored, or insufficient data.

    `counts` holds the student's events by kind and campus day; a missing kind or day has none.
    `weight_percent` is the calendar weight of a day, at least 0, in percent of a full day. Where
    `counted` is False the day says nothing about that kind: neither events nor weight are used.

    Raises ValueError unless complete <= seen <= as_of and complete < as_of.
    """
    if not complete <= seen <= as_of or complete == as_of:
        raise ValueError(
            f"complete <= seen <= as_of and complete < as_of must hold: {complete}, {seen}, {as_of}"
        )

    contributions: list[Contribution] = []
    points_earned = 0.0
    points_possible = 0.0
    for kind, rule in policy.kinds.items():
        events = counts.get(kind, {})
        # (a) the window of complete days, and (b) the same moved on to the day in progress. The
        # higher rate decides: a day that has just begun cannot pull anybody down. Both need the
        # minimum of counted days: a single busy day behind a long vacation is not a busy week.
        decided_by = _window(policy, kind, rule, events, complete, seen, weight_percent, counted)
        if decided_by.days_percent < policy.minimum_percent:
            contributions.append(_left_out(policy, kind, rule, decided_by))
            continue
        moved_on = _window(policy, kind, rule, events, as_of, seen, weight_percent, counted)
        if moved_on.days_percent >= policy.minimum_percent and moved_on.rate > decided_by.rate:
            decided_by = moved_on

        rate = decided_by.rate
        points = rule.weight * min(1.0, rate / rule.saturation_per_week)
        points_earned += points
        points_possible += rule.weight
        contributions.append(
            Contribution(
                kind=kind,
                counted=True,
                reason="",
                amount=decided_by.amount,
                days_percent=decided_by.days_percent,
                rate=hundredths(rate) / 100,
                points=hundredths(points) / 100,
                weight=rule.weight,
            )
        )

    if points_possible == 0 or points_possible < policy.minimum_weight:
        return Indicator.insufficient(tuple(contributions))
    score = hundredths(FULL_SCORE * points_earned / points_possible) / 100
    return Indicator(Status.SCORED, policy.band_of(score), score, "", tuple(contributions))


def _window(
    policy: Policy,
    kind: Kind,
    rule: KindPolicy,
    events: Mapping[Day, int],
    end: Day,
    seen: Day,
    weight_percent: Callable[[Day], int],
    counted: Callable[[Kind, Day], bool],
) -> _Window:
    """Go back from `end`, day by day, until the calendar weights add up to the window's length."""
    enough_percent = rule.window_days * DAY_PERCENT
    distinct = rule.measure is Measure.DAYS
    amount = 0
    days_percent = 0
    for day in _back_from(end, policy.look_back_days):
        if not counted(kind, day):
            continue  # left out: says nothing, and the window reaches a day further back
        if day <= seen and day in events:
            amount += min(events[day], 1) if distinct else events[day]
        days_percent += weight_percent(day)
        if days_percent >= enough_percent:
            break
    return _Window(amount, days_percent)


def _back_from(end: Day, number: int) -> Iterable[Day]:
    return cast("Iterable[Day]", range(end, end - number, -1))  # what a Day is, an int, counts down


def _left_out(policy: Policy, kind: Kind, rule: KindPolicy, window: _Window) -> Contribution:
    return Contribution(
        kind=kind,
        counted=False,
        reason=too_few_days(window.days_percent, policy.minimum_percent),
        amount=window.amount,
        days_percent=window.days_percent,
        rate=0.0,
        points=0.0,
        weight=rule.weight,
    )
