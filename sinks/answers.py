"""What the read side answers with. Days are campus days, instants are in UTC."""

from dataclasses import dataclass
from datetime import datetime

from schemas.types import Band, Cause, Day, Kind, Status, StudentId


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one kind of activity gave; rate, points and weight as in the indicator's schema."""

    kind: Kind
    counted: bool
    reason: str  # empty when counted
    amount: int
    days: float  # calendar weight of the window
    rate: float  # a week of seven weighted days
    points: float
    weight: float


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


@dataclass(frozen=True, slots=True)
class Coursework:
    """An item expected of a student."""

    student: StudentId
    item: str
    kind: Kind
    module: str | None
    due: Day
