"""The definition of alerts: one student, in plain Python. `alert_kernel.py` does the same for many.

A rule raises an alert on the first closing that speaks and on which its condition holds, and the
alert ends with the first later closing that speaks and on which it does not. Behind the end the
rule keeps quiet for its cool-down. An alert also ends when the student is not enrolled or not
scored any more, and when the policy no longer has the rule.

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

from schemas.types import Day
from scoring.alert_conditions import Evidence, evidence
from scoring.alert_rules import AlertRule
from scoring.days import date_of
from scoring.observation import Observation
from scoring.policy import Policy


@dataclass(frozen=True, slots=True)
class Alert:
    """A suggestion to a person to look after a student; it decides nothing."""

    rule: str
    raised: Day
    policy: int
    """Version of the policy by which it was raised."""
    suggestion: str
    evidence: Evidence
    ended: Day | None = None
    """The day whose closing ended it; None while it is open."""

    @property
    def name(self) -> str:
        """What it is known by among the alerts of its student."""
        return f"{self.rule}@{date_of(self.raised)}"


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
    alerts: list[Alert] = []
    for number in range(first, last + 1):
        day = Day(number)
        policy = policy_on(day)
        if policy is None:
            continue
        back = _back(by_day, day, policy.look_back_days)
        alerts = [_followed(alert, policy, by_day.get(day), back, day) for alert in alerts]
        if back and back[0].day == day:
            alerts += [
                Alert(rule.name, day, policy.version, rule.suggestion, found)
                for rule in policy.alerts
                if (found := evidence(rule, back)) and _may_be_raised(rule, alerts, day)
            ]
    return tuple(alerts)


def _back(by_day: dict[Day, Observation], day: Day, look_back_days: int) -> list[Observation]:
    days = map(Day, range(day, day - look_back_days, -1))
    return [by_day[back] for back in days if back in by_day and by_day[back].speaks]


def _followed(
    alert: Alert, policy: Policy, now: Observation | None, back: Sequence[Observation], day: Day
) -> Alert:
    if alert.ended is not None:
        return alert
    rule = next((rule for rule in policy.alerts if rule.name == alert.rule), None)
    is_over = now is None or now.ends_all or rule is None
    if not is_over and now is not None and rule is not None:
        is_over = now.speaks and evidence(rule, back) is None
    return replace(alert, ended=day) if is_over else alert


def _may_be_raised(rule: AlertRule, alerts: Sequence[Alert], day: Day) -> bool:
    """Whether none is open, and the last that ended is far enough behind."""
    return all(
        alert.ended is not None and day > alert.ended + rule.cool_down_days
        for alert in alerts
        if alert.rule == rule.name
    )
