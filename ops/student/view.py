"""Gathers what is known of a student's indicator, and recomputes it from the raw records."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ops.student.question import Question
from schemas.errors import PolicyError
from schemas.types import Clock, Day
from scoring.comparison import Difference, differences
from scoring.days import date_of
from scoring.evidence import Evidence
from scoring.explanation import Explanation
from scoring.recomputation import Recomputation, recompute
from scoring.student_days import Moment
from sinks.alerts import RaisedAlert
from sinks.answers import Closing, CurrentIndicator
from sinks.evidence import Fixed, Records
from sinks.queries import Queries
from sinks.results import indicator_in

Found = Closing | CurrentIndicator


@dataclass(frozen=True, slots=True)
class Verification:
    """What the reference makes of the raw records, held against what was published."""

    recomputed: Recomputation | None
    """None: it could not be recomputed, for the reason in `obstacle`."""
    obstacle: str
    differences: Sequence[Difference]
    unchecked: Sequence[str]
    """What could not be checked, a sentence each."""

    @property
    def is_equal(self) -> bool:
        """Whether everything is equal to the last digit."""
        return self.recomputed is not None and not self.differences


@dataclass(frozen=True, slots=True)
class View:
    """All that a student's page shows."""

    question: Question
    found: Found
    history: Sequence[Closing]
    """Every closing of the day that was known by then, the first one first."""
    alerts: Sequence[RaisedAlert]
    verification: Verification

    def explanation(self) -> Explanation | None:
        """The days behind the indicator; None unless the records give what was published."""
        recomputed = self.verification.recomputed
        return recomputed.explanation() if recomputed and self.verification.is_equal else None


def gather(queries: Queries, question: Question, usual: Fixed) -> View | None:
    """Give the view; None when there is no indicator. `usual`: where ClickHouse does not say."""
    student, day, known_at = question.student, question.day, question.known_at
    history: Sequence[Closing] = ()
    found: Found | None
    if day is None:
        found = queries.current_indicator(student)
    else:
        published = queries.published(student, day)
        history = [one for one in published if known_at is None or one.computed_at <= known_at]
        found = _latest(queries, history, question)
    if found is None:
        return None
    alerts = [alert for alert in queries.alerts(student, known_at) if _concerns(alert, day)]
    records = Records(queries)
    fixed = records.fixed()
    evidence = records.evidence(student, fixed or usual, known_at)
    verification = _verify(found, evidence, fixed or usual, known_at, is_sure=fixed is not None)
    return View(question, found, history, alerts, verification)


def _latest(queries: Queries, history: Sequence[Closing], question: Question) -> Closing | None:
    if question.known_at is not None:
        return history[-1] if history else None
    return None if question.day is None else queries.closing(question.student, question.day)


def _concerns(alert: RaisedAlert, day: Day | None) -> bool:
    """Those that stand, and those that would stand had they not been withdrawn."""
    if alert.is_withdrawn:
        return day is None or alert.raised <= day
    return alert.state == "open" if day is None else alert.stands_on(day)


def _verify(
    found: Found, evidence: Evidence, fixed: Fixed, known_at: datetime | None, *, is_sure: bool
) -> Verification:
    at, by = _moment(found, fixed)
    try:
        recomputed = recompute(evidence, at, by=by)
    except PolicyError as error:
        return Verification(None, str(error), (), ())
    if recomputed is None:
        obstacle = "no version of the policy that holds on the day is in ClickHouse"
        return Verification(None, obstacle, (), ())
    told: list[Difference] = []
    if recomputed.policy.version != found.policy:
        told.append(Difference(None, "policy", found.policy, recomputed.policy.version))
    told += differences(indicator_in(found), recomputed.indicator)
    amendment_days = recomputed.policy.amendment_days
    unchecked = tuple(_unchecked(found, at, amendment_days, known_at, is_sure=is_sure))
    return Verification(recomputed, "", told, unchecked)


def _moment(found: Found, fixed: Fixed) -> tuple[Moment, Day]:
    """When it was evaluated, and the day whose policy, calendar and period decide."""
    if isinstance(found, Closing):
        return Moment.closing(found.day), found.day
    seen = found.complete if fixed.clock is Clock.REPLAY else found.as_of
    return Moment(found.complete, found.as_of, seen), found.as_of


def _unchecked(
    found: Found, at: Moment, amendment_days: int, known_at: datetime | None, *, is_sure: bool
) -> Iterator[str]:
    if not is_sure:
        yield (
            "The record of the generation is not in ClickHouse: clock and campus zone are those of"
            " the settings."
        )
    final = f"more than {amendment_days} days after {date_of(at.complete)}"
    yield (
        f"When an event reached the log is not in ClickHouse: one that came {final} counts here,"
        " though closings that were final by then are published without it; so does one that"
        " workers refused because it lay in the future when it came."
    )
    yield (
        f"Policies and calendars that were published {final}, and changes of the student's record"
        " or of due dates as late as that, count here too."
    )
    if isinstance(found, CurrentIndicator):
        yield (
            f"Events that came after the indicator was computed, at {found.computed_at:%H:%M:%S}"
            " UTC, count here already: where there are any, ask again."
        )
    if known_at is not None:
        yield (
            "Events are left out when their source recorded them later than was asked; the"
            " student's record and due dates are there in their last version only."
        )
