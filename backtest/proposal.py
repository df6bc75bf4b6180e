"""A proposal: what was found on a training span, and how it does where it was not looked for."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from backtest.bands import changes
from backtest.course import Course, History
from backtest.estimates import Estimate, draw
from backtest.policy_text import changed, policy_yaml
from backtest.replay import replay
from backtest.report import HEADLINE_WEEKS
from backtest.sample import Replayed, by_band, by_score, mean_auc
from backtest.tuning import Goal, alert_load, tune_alerts, tune_order
from schemas.errors import SettingsError
from scoring.policy import Policy
from scoring.policy_diff import policy_diff


@dataclass(frozen=True, slots=True)
class Trial:
    """Both policies on one span."""

    courses: Sequence[str]
    students: int
    auc_before: Estimate | None
    auc_after: Estimate | None
    gain: Estimate | None
    """AUC of the proposal less that of the policy."""
    bands_before: Estimate | None
    bands_after: Estimate | None
    changes_before: Estimate | None
    changes_after: Estimate | None
    alerts_before: float
    """Alerts about low bands, per 100 students and week."""
    alerts_after: float


@dataclass(frozen=True, slots=True)
class Proposal:
    """A policy with other numbers. It changes nothing until somebody publishes it."""

    policy: Policy
    goal: Goal
    differences: Sequence[str]
    trained: Trial
    held_out: Trial

    @property
    def verdict(self) -> str:
        """Say in a sentence what the held-out span says."""
        if not self.differences:
            return "Nothing is proposed: no change gained enough on the training span."
        if self.goal is Goal.ALERTS:
            return (
                f"On the held-out span the load goes from {self.held_out.alerts_before:.2f} to"
                f" {self.held_out.alerts_after:.2f} alerts per 100 students and week."
            )
        gain = self.held_out.gain
        if gain is None:
            return "The held-out span has too few students of either outcome to judge."
        interval = f"AUC {gain.value:+.3f}, interval {gain.low:+.3f} to {gain.high:+.3f}"
        if gain.low > 0:
            return f"The proposal orders the held-out students better: {interval}."
        if gain.high < 0:
            return f"The proposal orders the held-out students worse: {interval}. Do not take it."
        return f"On the held-out span the difference is within what chance does: {interval}."

    def as_record(self) -> dict[str, object]:
        """For machines."""
        return {
            "goal": self.goal.value,
            "differences": list(self.differences),
            "trained": asdict(self.trained),
            "held_out": asdict(self.held_out),
            "verdict": self.verdict,
        }

    def as_yaml(self) -> str:
        """Write the proposed policy, with where it comes from as a comment."""
        head = [
            "A proposal of `leap policy tune`. Nothing has been changed: read it, try it with",
            "`leap backtest`, edit title and valid_from, and publish it if you agree.",
            f"Goal: {self.goal.value}. Tuned on {', '.join(self.trained.courses)};"
            f" held out: {', '.join(self.held_out.courses)}.",
            self.verdict,
            *(["What differs:"] if self.differences else []),
            *(f"  {difference}" for difference in self.differences),
        ]
        return "".join(f"# {line}\n" for line in head) + "\n" + policy_yaml(self.policy)


def propose(
    policy: Policy,
    history: History,
    *,
    goal: Goal,
    train: Sequence[str] = (),
    test: Sequence[str] = (),
    alerts_per_100: float | None = None,
) -> Proposal:
    """Tune a policy on some courses, and try the result on others.

    Without names, the earlier half of the courses trains and the later half is held out. Students
    of both spans are taken out of the held-out one. Raises SettingsError for unknown names, and
    where a span would be empty.
    """
    trained, held_out = spans(history.courses, train, test)
    if goal is Goal.ALERTS:
        if alerts_per_100 is None:
            raise SettingsError("the goal alerts needs --alerts-per-100, the load to stay below")
        found = tune_alerts(policy, trained, alerts_per_100)
    else:
        found = tune_order(policy, trained)
    differences = [str(one) for one in policy_diff(policy, found)]
    found = changed(found, {"version": policy.version + 1, "title": f"{policy.title}, proposal"})
    return Proposal(
        found, goal, differences, _trial(policy, found, trained), _trial(policy, found, held_out)
    )


def spans(
    courses: Sequence[Course], train: Sequence[str], test: Sequence[str]
) -> tuple[list[Course], list[Course]]:
    """Give the courses to tune on, and those to test on without the students of the former."""
    names = [course.name for course in courses]
    unknown = sorted({*train, *test} - set(names))
    if unknown:
        raise SettingsError(f"there is no course {unknown[0]}; there are {', '.join(names)}")
    if set(train) & set(test):
        raise SettingsError("a course cannot be tuned on and held out at once")
    if not train:
        free = [name for name in names if name not in test]
        train = free if test else free[: len(free) // 2]
    tested = test or [name for name in names if name not in train]
    if not train or not tested:
        raise SettingsError(
            f"a span to tune on and one to hold out need two courses; there is {', '.join(names)}"
        )
    trained = [course for course in courses if course.name in train]
    known = {name for course in trained for name in course.students}
    held_out = [
        course.of(np.array([name not in known for name in course.students], np.bool_))
        for course in courses
        if course.name in tested
    ]
    return trained, held_out


def _trial(before: Policy, after: Policy, courses: Sequence[Course]) -> Trial:
    drawn = draw(courses)
    first, second = (
        [
            Replayed(course, replay(policy, course), None, of)
            for course, of in zip(courses, drawn, strict=True)
        ]
        for policy in (before, after)
    )
    auc_before, auc_after = (mean_auc(one, HEADLINE_WEEKS, by_score) for one in (first, second))
    bands_before, bands_after = (mean_auc(one, HEADLINE_WEEKS, by_band) for one in (first, second))
    return Trial(
        courses=[course.name for course in courses],
        students=sum(course.size for course in courses),
        auc_before=Estimate.of(auc_before),
        auc_after=Estimate.of(auc_after),
        gain=Estimate.of(auc_after - auc_before),
        bands_before=Estimate.of(bands_before),
        bands_after=Estimate.of(bands_after),
        changes_before=Estimate.of(changes(first)),
        changes_after=Estimate.of(changes(second)),
        alerts_before=alert_load(before, courses, [one.closings for one in first]),
        alerts_after=alert_load(after, courses, [one.closings for one in second]),
    )
