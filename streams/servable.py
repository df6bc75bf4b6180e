"""Which policies a worker can serve; one that it would apply in part only is refused.

A published policy is a promise to students. What the definition (`scoring.reference`) knows and the
worker does not apply yet is refused by name rather than left out in silence.
"""

from collections.abc import Iterator

from schemas.errors import PolicyError
from scoring.alert_rules import OverdueAndSilent
from scoring.compliance import MissedInARow
from scoring.items import NAMED_BY
from scoring.kind_policy import Measure
from scoring.policy import Policy


def check(policy: Policy, *, look_back: int, amendment: int) -> None:
    """Raise PolicyError, a sentence a problem, unless the policy can be served whole.

    `look_back` and `amendment`: the days that workers of this generation hold.
    """
    problems = [
        *_wrong_lengths(policy, look_back, amendment),
        *_never_met(policy),
    ]
    if problems:
        raise PolicyError(
            "\n".join(f"policy version {policy.version}: {problem}" for problem in problems)
        )


def _wrong_lengths(policy: Policy, look_back: int, amendment: int) -> Iterator[str]:
    if policy.look_back_days > look_back:
        yield (
            f"look_back_days is {policy.look_back_days}, and workers hold {look_back} days: set"
            " LEAP_LOOK_BACK_DAYS, the same for every process"
        )
    if policy.amendment_days != amendment:
        yield (
            f"amendment_days is {policy.amendment_days}, and workers amend closings for"
            f" {amendment} days: set LEAP_AMENDMENT_DAYS, the same for every process"
        )


def _never_met(policy: Policy) -> Iterator[str]:
    """Items of a kind whose activity names none could be met by nobody."""
    paths = [
        *(
            (f"kinds.{kind}.measure: share", kind)
            for kind, rule in policy.kinds.items()
            if rule.measure is Measure.SHARE
        ),
        *(
            (f"alerts.{alert.name}", alert.kind)
            for alert in policy.alerts
            if isinstance(alert, OverdueAndSilent)
        ),
        *(
            (f"compliance.rules.{rule.name}", kind)
            for rule in policy.compliance.rules
            if isinstance(rule, MissedInARow)
            for kind in rule.kinds
        ),
    ]
    for path, kind in paths:
        if kind not in NAMED_BY:
            yield (
                f"{path}: activity of {kind} does not name what it meets, as that of"
                f" {' and '.join(NAMED_BY)} does: choose one of these, or another measure"
            )
