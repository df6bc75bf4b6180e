"""When the condition of an alert rule holds, and the evidence for it.

A condition looks at one closing and at those before it, no further back than the policy's
look-back. Of these it sees the ones that speak (`Observation.speaks`): vacations, excused days and
days with too little data are as if they had not been.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, assert_never

from schemas.types import Band
from scoring.alert_rules import AlertRule, BandAtOrBelow, BandDrop, NoActivity, OverdueAndSilent
from scoring.days import date_of
from scoring.observation import Observation

SUGGESTS: Final = "This is a suggestion to a person; it decides nothing."
"""Stands beside every alert."""

_RANK: Final = {band: rank for rank, band in enumerate(Band)}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an alert was raised, to be read and to be checked."""

    sentence: str
    figures: tuple[tuple[str, int], ...]
    """Names and numbers; days are campus days."""


def evidence(rule: AlertRule, back: Sequence[Observation]) -> Evidence | None:
    """Give the evidence that a rule's condition holds at `back[0]`; None when it does not.

    `back`: observations that speak, the latest first, none of them beyond the look-back.
    """
    match rule:
        case BandAtOrBelow():
            return _at_or_below(rule, back)
        case BandDrop():
            return _drop(rule, back)
        case OverdueAndSilent():
            return _overdue(rule, back[0])
        case NoActivity():
            return _silent(rule, back[0])
    assert_never(rule)


def _at_or_below(rule: BandAtOrBelow, back: Sequence[Observation]) -> Evidence | None:
    last = back[: rule.closings]
    if len(last) < rule.closings or any(_RANK[one.band] > _RANK[rule.band] for one in last):
        return None
    first = last[-1].day
    limit = words(rule.band) + ("" if rule.band is Band.VERY_LOW else " or lower")
    return Evidence(
        f"The band was {limit} on each of the last {number_of(rule.closings, 'closing')},"
        f" since {date_of(first)}.",
        (("closings", rule.closings), ("first_day", first)),
    )


def _drop(rule: BandDrop, back: Sequence[Observation]) -> Evidence | None:
    now, first = back[0], back[0].day - rule.within_days
    before = [one for one in back[1:] if one.day >= first]
    best = max(before, key=lambda one: (_RANK[one.band], one.day), default=now)
    bands = _RANK[best.band] - _RANK[now.band]
    if bands < rule.bands:
        return None
    return Evidence(
        f"The band fell from {words(best.band)} on {date_of(best.day)} to {words(now.band)}.",
        (("bands", bands), ("from_day", best.day)),
    )


def _overdue(rule: OverdueAndSilent, now: Observation) -> Evidence | None:
    overdue = now.overdue_days.get(rule.kind, 0)
    if overdue < rule.overdue_days or now.silent_days < rule.silent_days:
        return None
    return Evidence(
        f"An item of {words(rule.kind)} is {number_of(overdue, 'day')} overdue, and there was no"
        f" activity on the last {number_of(now.silent_days, 'day')} that count.",
        (("overdue_days", overdue), ("silent_days", now.silent_days)),
    )


def _silent(rule: NoActivity, now: Observation) -> Evidence | None:
    if now.silent_days < rule.counted_days:
        return None
    return Evidence(
        f"There was no activity on the last {number_of(now.silent_days, 'day')} that count.",
        (("silent_days", now.silent_days),),
    )


def words(name: str) -> str:
    """Give a name of the policy as words: "very low"."""
    return name.replace("_", " ")


def number_of(count: int, unit: str) -> str:
    """Give a number with its unit: "1 day", "2 days"."""
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
