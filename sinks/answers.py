"""What the read side answers with. Days are campus days, instants are in UTC.

`read` of each makes one from a row, by the names of its columns; the client's rows hold dates and
instants without a zone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, Self, TypeAlias

from schemas.types import Band, Cause, Day, Kind, Status, StudentId

Row: TypeAlias = dict[str, Any]

_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one kind of activity gave."""

    kind: Kind
    counted: bool
    reason: str  # empty when counted
    amount: int  # events, distinct days, or items met, in the window that decided the rate
    days: float  # calendar weight of that window
    rate: float  # a week of seven weighted days, or the share of the items due
    points: float
    weight: float  # the most points that the kind can give
    due: int = 0  # items due in that window, of the measure share

    @classmethod
    def read(cls, row: Row) -> Self:
        """From an element of the column `contributions`."""
        return cls(**(row | {"kind": Kind(row["kind"])}))


@dataclass(frozen=True, slots=True)
class CurrentIndicator:
    """A student's indicator as of now."""

    student: StudentId
    as_of: Day
    complete: Day
    status: Status
    band: Band
    score: float | None
    reason: str
    contributions: tuple[Contribution, ...]
    policy: int
    sequence: int
    version: int
    computed_at: datetime

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `indicator`."""
        return cls(
            **row
            | {
                "as_of": _day(row["as_of"]),
                "complete": _day(row["complete"]),
                "status": Status(row["status"]),
                "band": Band(row["band"]),
                "contributions": _contributions(row["contributions"]),
                "computed_at": _instant(row["computed_at"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Closing:
    """A student's indicator as it stood at the end of a campus day."""

    student: StudentId
    day: Day
    status: Status
    band: Band
    score: float | None
    reason: str
    contributions: tuple[Contribution, ...]
    policy: int
    revision: int
    cause: Cause
    computed_at: datetime

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `indicator_day`."""
        return cls(
            **row
            | {
                "day": _day(row["day"]),
                "status": Status(row["status"]),
                "band": Band(row["band"]),
                "contributions": _contributions(row["contributions"]),
                "cause": Cause(row["cause"]),
                "computed_at": _instant(row["computed_at"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a student's status or band."""

    student: StudentId
    sequence: int
    as_of: Day
    previous_status: Status
    previous_band: Band
    status: Status
    band: Band
    score: float | None
    cause: Cause
    policy: int
    changed_at: datetime

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `indicator_change`."""
        return cls(
            **row
            | {
                "as_of": _day(row["as_of"]),
                "previous_status": Status(row["previous_status"]),
                "previous_band": Band(row["previous_band"]),
                "status": Status(row["status"]),
                "band": Band(row["band"]),
                "cause": Cause(row["cause"]),
                "changed_at": _instant(row["changed_at"]),
            }
        )


@dataclass(frozen=True, slots=True)
class Coursework:
    """An item expected of a student."""

    student: StudentId
    item: str
    kind: Kind
    module: str | None
    due: Day

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of `expectation`."""
        return cls(**row | {"kind": Kind(row["kind"]), "due": _day(row["due"])})


def _contributions(rows: Sequence[Row]) -> tuple[Contribution, ...]:
    return tuple(Contribution.read(row) for row in rows)


def _day(day: date) -> Day:
    return Day((day - _EPOCH).days)


def _instant(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC)
