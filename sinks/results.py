"""A published result in the words of scoring, to be held against what the reference gives."""

from scoring.indicator import Contribution as Scored
from scoring.indicator import Indicator
from scoring.rounding import hundredths
from sinks.answers import Closing, Contribution, CurrentIndicator


def indicator_in(found: Closing | CurrentIndicator) -> Indicator:
    """The indicator that a row holds."""
    parts = tuple(_contribution(part) for part in found.contributions)
    return Indicator(found.status, found.band, found.score, found.reason, parts)


def _contribution(part: Contribution) -> Scored:
    return Scored(
        kind=part.kind,
        counted=part.counted,
        reason=part.reason,
        amount=part.amount,
        days_percent=hundredths(part.days),
        rate=part.rate,
        points=part.points,
        weight=part.weight,
        due=part.due,
    )
