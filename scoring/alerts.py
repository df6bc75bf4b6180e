"""The definition of alerts: one student, in plain Python. `alert_kernel.py` does the same for many.

A rule raises an alert on the first closing of which it speaks and on which its condition holds, and
the alert ends with the first later closing of which it speaks and on which it does not. Behind the
end the rule keeps quiet for its cool-down. An alert also ends when the student is not one of whom
the rule speaks any more (for welfare: enrolled and scored), and when the policy no longer has it.
The course is that of welfare and of compliance (`contact_points.py`) alike.

Identity. An alert is known by student, rule and the day on which it was raised, all of which
follow from the closings alone: whoever computes the alerts of the same closings names the same
alerts, in whatever order corrections came. Of a student and rule the alerts lie one behind the
other, so there is at most one that was raised on a day, and at most one is open. A correction
leaves an alert what it is as long as the day of its raising stays; where that day moves, the one
alert is withdrawn and another raised, each with its own evidence. One that was withdrawn and is in
the set again is the same alert again.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeVar

from schemas.types import Day
from scoring.alert_conditions import Evidence, evidence
from scoring.alert_rules import AlertRule
from scoring.days import date_of
from scoring.observation import Observation
from scoring.policy import Policy


class Rule(Protocol):
    """What welfare and compliance rules have in common."""

    @property
    def name(self) -> str:
        """By which its alerts are known."""

    @property
    def cool_down_days(self) -> int:
        """Days behind the end of an alert on which the rule raises none."""

    @property
    def purpose(self) -> str:
        """What is written beside its alerts."""


_R = TypeVar("_R", bound=Rule)


@dataclass(frozen=True, slots=True)
class Alert:
    """A suggestion to a person to look after a student; it decides nothing."""

    rule: str
    raised: Day
    policy: int
    """Version of the policy by which it was raised."""
    purpose: str
    """What its reader might do; of a compliance alert the duty that it serves."""
    evidence: Evidence
    ended: Day | None = None
    """The day whose closing ended it; None while it is open."""

    @property
    def name(self) -> str:
        """What it is known by among the alerts of its student."""
        return f"{self.rule}@{date_of(self.raised)}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of a student at the closing of a day."""

    evidence: Evidence | None = None
    """Why its condition holds; None when it does not."""
    speaks: bool = True
    """Otherwise nothing is raised or ended."""
    is_over: bool = False
    """The student is not one of whom the rule speaks: whatever is open ends."""


QUIET: Final = Verdict(speaks=False)
OVER: Final = Verdict(speaks=False, is_over=True)


def alerts_of(
    observations: Sequence[Observation],
    policy_on: Callable[[Day], Policy | None],
    first: Day,
    last: Day,
) -> tuple[Alert, ...]:
    """Give all alerts of a student over the closed days from `first` to `last`, as raised.

    `observations`: one for each of these days on which the student was enrolled, in order.
    """
    by_day = {one.day: one for one in observations}

    def verdict(rule: AlertRule, policy: Policy, day: Day) -> Verdict:
        now = by_day.get(day)
        if now is None or now.ends_all:
            return OVER
        if not now.speaks:
            return QUIET
        return Verdict(evidence(rule, _back(by_day, day, policy.look_back_days)))

    return course_of(lambda policy: policy.alerts, verdict, policy_on, first, last)


def course_of(
    rules_of: Callable[[Policy], Sequence[_R]],
    verdict: Callable[[_R, Policy, Day], Verdict],
    policy_on: Callable[[Day], Policy | None],
    first: Day,
    last: Day,
) -> tuple[Alert, ...]:
    """Give all alerts that rules raise over the closed days from `first` to `last`."""
    alerts: list[Alert] = []
    for number in range(first, last + 1):
        day = Day(number)
        policy = policy_on(day)
        if policy is None:
            continue
        rules = rules_of(policy)
        said = {rule.name: verdict(rule, policy, day) for rule in rules}
        alerts = [_followed(alert, said.get(alert.rule, OVER), day) for alert in alerts]
        alerts += [
            Alert(rule.name, day, policy.version, rule.purpose, found)
            for rule in rules
            if (found := said[rule.name].evidence) and _may_be_raised(rule, alerts, day)
        ]
    return tuple(alerts)


def _back(by_day: dict[Day, Observation], day: Day, look_back_days: int) -> list[Observation]:
    days = map(Day, range(day, day - look_back_days, -1))
    return [by_day[back] for back in days if back in by_day and by_day[back].speaks]


def _followed(alert: Alert, now: Verdict, day: Day) -> Alert:
    if alert.ended is None and (now.is_over or (now.speaks and now.evidence is None)):
        return replace(alert, ended=day)
    return alert


def _may_be_raised(rule: Rule, alerts: Sequence[Alert], day: Day) -> bool:
    """Whether none is open, and the last that ended is far enough behind."""
    return all(
        alert.ended is not None and day > alert.ended + rule.cool_down_days
        for alert in alerts
        if alert.rule == rule.name
    )
