"""What scoring says of one student on one campus day, and how it came about."""

from dataclasses import dataclass
from typing import Final, Self

from schemas.types import Band, Day, Kind, Status
from scoring.days import date_of
from scoring.rounding import days_text

NOTHING_DUE: Final = "nothing was due"
"""Why a share is left out when no item was due in its window."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """The part of one kind in an indicator.

    The numbers are those of the window that decided, the one with the higher rate; of a kind that
    was left out they are those of the window of complete days, without rate and points.
    """

    kind: Kind
    counted: bool
    """The kind takes part in the score; otherwise `reason` says why it does not."""
    reason: str
    amount: int
    """The measure over the window: events, distinct days, or of a share the items met."""
    days_percent: int
    """The window's calendar weight, in percent of a day."""
    rate: float
    """The measure a full week, or the share of items met; rounded to hundredths."""
    points: float
    """weight * min(1, rate / saturation), rounded to hundredths."""
    weight: float
    """The points the kind can earn."""
    due: int = 0
    """The items due in the window, of a share; 0 for other measures."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One student's engagement; `contributions` in the order of `KINDS`."""

    status: Status
    band: Band
    """`Band.NONE` unless `status` is scored."""
    score: float | None
    """0 to 100, rounded to hundredths; None unless `status` is scored."""
    reason: str
    """Why there is no score; empty when there is one."""
    contributions: tuple[Contribution, ...]

    @classmethod
    def unscored(
        cls, status: Status, reason: str, contributions: tuple[Contribution, ...] = ()
    ) -> Self:
        """Give the indicator of a student who has no score; callers use it for `NOT_SCORED`."""
        return cls(status, Band.NONE, None, reason, contributions)

    @classmethod
    def insufficient(cls, contributions: tuple[Contribution, ...]) -> Self:
        """Give the indicator of a student of whom too little is known; names the kinds."""
        left_out = (part for part in contributions if not part.counted)
        reason = "; ".join(f"{part.kind}: {part.reason}" for part in left_out)
        return cls.unscored(Status.INSUFFICIENT_DATA, reason, contributions)


def too_few_days(days_percent: int, minimum_percent: int) -> str:
    """Say why a kind is left out: "3 of at least 7 days counted"."""
    return f"{days_text(days_percent)} of at least {days_text(minimum_percent)} days counted"


def switched_off(first: Day, last: Day, why: str) -> str:
    """Say why a kind is left out: "switched off from 2020-03-20 to 2020-06-30: campus closed"."""
    return f"switched off from {date_of(first)} to {date_of(last)}: {why}"
