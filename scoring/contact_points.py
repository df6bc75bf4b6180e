"""The definition of compliance alerts: one sponsored student, in plain Python.

`contact_kernel.py` does the same for many. A rule looks at the days of its look-back as the closing
of a day knows them, and never at an indicator, a band or a welfare alert. A day *counts* for some
kinds of activity when the student is enrolled and sponsored on it, the calendar weighs it, the
student is excused from none of the kinds, no feed of theirs lacks it, and none is switched off. So
a vacation, an authorised absence and a broken feed are held against nobody. What happened on a day
that does not count is contact all the same.

On a day that does not count for its kinds a rule neither raises an alert nor ends one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import assert_never

from schemas.types import Day, Kind
from scoring.alert_conditions import Evidence, number_of, words
from scoring.alerts import OVER, QUIET, Alert, Verdict, course_of
from scoring.compliance import ComplianceRule, ContactPoints, MissedInARow
from scoring.days import date_of
from scoring.policy import Policy
from scoring.student_days import StudentDays


@dataclass(frozen=True, slots=True)
class SponsoredDays:
    """A student as the closing of a day knows them."""

    student: StudentDays
    is_sponsored: Callable[[Day], bool]

    def count(self, policy: Policy, kinds: Iterable[Kind], day: Day) -> bool:
        """Say whether a day counts for all of some kinds."""
        return self.is_sponsored(day) and all(
            self.student.counted(kind, day)
            and self.student.weight(kind, day) > 0
            and policy.usual.kinds[kind].off_on(day) is None
            for kind in kinds
        )

    def has_contact(self, kinds: Iterable[Kind], day: Day) -> bool:
        """Say whether there was activity of any of some kinds."""
        return any(self.student.counts.get(kind, {}).get(day, 0) for kind in kinds)


def compliance_alerts_of(
    seen_on: Callable[[Day], SponsoredDays | None],
    policy_on: Callable[[Day], Policy | None],
    first: Day,
    last: Day,
) -> tuple[Alert, ...]:
    """Give all compliance alerts of a student over the closed days from `first` to `last`.

    `seen_on`: what the closing of a day knows; None where the student is not enrolled and sponsored
    on that day.
    """

    def verdict(rule: ComplianceRule, policy: Policy, day: Day) -> Verdict:
        seen = seen_on(day)
        return OVER if seen is None else verdict_on(rule, policy, seen, day)

    return course_of(lambda policy: policy.compliance.rules, verdict, policy_on, first, last)


def verdict_on(rule: ComplianceRule, policy: Policy, seen: SponsoredDays, day: Day) -> Verdict:
    """Give what a rule says at the closing of a day on which the student is sponsored."""
    if not seen.count(policy, rule.kinds, day):
        return QUIET
    match rule:
        case ContactPoints():
            return _contacts(rule, policy, seen, day)
        case MissedInARow():
            return _missed(rule, policy, seen, day)
    assert_never(rule)


def _contacts(rule: ContactPoints, policy: Policy, seen: SponsoredDays, day: Day) -> Verdict:
    """Back from the day, as far as it takes to collect `within_days` days that count.

    With fewer of them within the look-back it cannot be said that there was too little contact.
    """
    counted = contacts = 0
    back = day
    for number in range(day, day - policy.look_back_days, -1):
        back = Day(number)
        contacts += seen.has_contact(rule.kinds, back)
        counted += seen.count(policy, rule.kinds, back)
        if counted == rule.within_days:
            break
    if contacts >= rule.at_least:
        return Verdict()
    return QUIET if counted < rule.within_days else Verdict(evidence_of(rule, contacts, back))


def _missed(rule: MissedInARow, policy: Policy, seen: SponsoredDays, day: Day) -> Verdict:
    """The items due behind the day of the last one that was met.

    One that was not met, and was due on a day that does not count for its kind, is passed over.
    """
    due = [
        (kind, item)
        for kind in rule.kinds
        for item in seen.student.items.get(kind, ())
        if day - policy.look_back_days < item.due <= day
    ]
    last_met = max((item.due for _, item in due if item.is_met_by(day)), default=None)
    missed = [
        item.due
        for kind, item in due
        if not item.is_met_by(day)
        and (last_met is None or item.due > last_met)
        and seen.count(policy, [kind], item.due)
    ]
    if len(missed) < rule.items:
        return Verdict()
    return Verdict(evidence_of(rule, len(missed), min(missed)))


def evidence_of(rule: ComplianceRule, number: int, since: Day) -> Evidence:
    """Give the evidence: `number` is of days with contact, or of items missed, from `since` on."""
    match rule:
        case ContactPoints():
            return Evidence(
                f"There was contact on {number_of(number, 'day')} of the last"
                f" {rule.within_days} that count, since {date_of(since)}; the rule looks for"
                f" {rule.at_least}.",
                (
                    ("contact_days", number),
                    ("counted_days", rule.within_days),
                    ("first_day", since),
                ),
            )
        case MissedInARow():
            kinds = " or ".join(words(kind) for kind in rule.kinds)
            return Evidence(
                f"The last {number_of(number, 'expected item')} ({kinds}) had no activity, since"
                f" {date_of(since)}.",
                (("missed_items", number), ("first_day", since)),
            )
    assert_never(rule)
