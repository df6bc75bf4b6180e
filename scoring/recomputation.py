"""An indicator computed once more, by the reference, from the records that it follows from.

Shares nothing with the workers but the definition: what `streams/` does for all students of a
partition at once, in arrays, is done here for one student, in dictionaries.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.types import Day, Kind, Status
from scoring.circumstance import Circumstance, extended
from scoring.evidence import Evidence, Lack
from scoring.explanation import Explanation, Reasons, explain
from scoring.indicator import Indicator
from scoring.policy import Policy, parse_policy
from scoring.published_calendar import PublishedCalendar
from scoring.reference import indicator_of
from scoring.resolution import resolve
from scoring.rules import NotScored, Rules
from scoring.student_days import Moment, StudentDays


@dataclass(frozen=True, slots=True)
class Recomputation:
    """An indicator, and by what it was computed."""

    indicator: Indicator
    policy: Policy
    calendar: PublishedCalendar
    rules: Rules | None
    """None where there is no score: the student is not enrolled, or the policy excludes them."""
    student: StudentDays
    at: Moment
    reasons: Reasons

    def explanation(self) -> Explanation | None:
        """Give what the indicator is made of, day by day; None where there is no score."""
        if self.rules is None:
            return None
        shown = self.policy.shown
        return explain(self.rules, self.student, self.at, reasons=self.reasons, shown=shown)


def recompute(evidence: Evidence, at: Moment, *, by: Day) -> Recomputation | None:
    """Give the indicator at a moment; None when no policy holds.

    `by`: the day whose policy, calendar and period decide: of a closing the closed day, of a
    current indicator the day in progress. Raises PolicyError for a policy that cannot be read.
    """
    published = evidence.policy_on(by)
    if published is None:
        return None
    policy = parse_policy(published.document, origin=f"policy version {published.version}")
    calendar = evidence.calendar_on(by)
    lacks = _lacks(evidence, policy, at)
    amendment_days = policy.amendment_days
    excuses = [one for one in evidence.excuses if one.is_known_to(at.complete, amendment_days)]
    student = StudentDays(
        counts=evidence.counts,
        weight_percent=calendar.weight_percent,
        counted=lambda kind, day: (
            evidence.period_on(day) is not None and (kind, int(day)) not in lacks
        ),
        excused=lambda kind, day: any(excuse.covers(kind, day) for excuse in excuses),
        items={kind: extended(kind, items, excuses) for kind, items in evidence.items.items()},
    )
    indicator, rules = _indicator(evidence, policy, student, at, by)
    return Recomputation(
        indicator,
        policy,
        calendar,
        rules,
        student,
        at,
        Reasons(
            left_out=lambda kind, day: _left_out(evidence, lacks, kind, day),
            weight=lambda kind, day: _why_light(calendar, excuses, kind, day),
        ),
    )


def _indicator(
    evidence: Evidence, policy: Policy, student: StudentDays, at: Moment, by: Day
) -> tuple[Indicator, Rules | None]:
    period = evidence.period_on(by)
    if period is None:
        is_known = evidence.periods is not None
        status = Status.NOT_ENROLLED if is_known else Status.UNKNOWN_STUDENT
        return Indicator.unscored(status, ""), None
    rules = resolve(policy, period.profile)
    if isinstance(rules, NotScored):
        return Indicator.unscored(Status.NOT_SCORED, rules.reason), None
    return indicator_of(rules, student, at), rules


def _lacks(evidence: Evidence, policy: Policy, at: Moment) -> dict[tuple[Kind, int], Lack]:
    holding = [one for one in evidence.lacks if one.holds_for(at.complete, policy.amendment_days)]
    return {
        (kind, int(lack.day)): lack
        for kind, rule in policy.kinds.items()
        for lack in holding
        if lack.feed in rule.feeds
    }


def _why_light(
    calendar: PublishedCalendar, excuses: Sequence[Circumstance], kind: Kind, day: Day
) -> str:
    reasons = [f"excused: {one.sort.replace('_', ' ')}" for one in excuses if one.covers(kind, day)]
    return ", ".join(dict.fromkeys(reasons)) or calendar.reason(day)


def _left_out(evidence: Evidence, lacks: dict[tuple[Kind, int], Lack], kind: Kind, day: Day) -> str:
    if evidence.period_on(day) is None:
        return "outside of the student's periods of study"
    lack = lacks.get((kind, int(day)))
    return f"the feed {lack.feed} lacks this day: {lack.reason}" if lack else "nothing is known"
