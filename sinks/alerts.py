"""An alert, as the read side answers with it: a suggestion to a person, which decides nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from schemas.types import Cause, Day, StudentId
from scoring.days import day_of
from sinks.answers import Row


@dataclass(frozen=True, slots=True)
class ToldAlert:
    """In one of its states; what alerts of welfare and of compliance have in common."""

    student: StudentId
    name: str
    """Rule and day raised: with the student, what it is known by."""
    rule: str
    raised: Day
    ended: Day | None
    """None while it is open."""
    state: str
    """`open`, `closed` or `withdrawn`."""
    evidence: str
    note: str
    """That it is a suggestion."""
    policy: int
    revision: int
    cause: Cause
    computed_at: datetime

    @classmethod
    def read(cls, row: Row) -> Self:
        """From a row of its table."""
        fields = {name: value for name, value in row.items() if name != "alert"}
        return cls(
            **fields
            | {
                "name": row["alert"],
                "raised": day_of(row["raised"]),
                "ended": None if row["ended"] is None else day_of(row["ended"]),
                "cause": Cause(row["cause"]),
                "computed_at": row["computed_at"].replace(tzinfo=UTC),
            }
        )

    def stands_on(self, day: int) -> bool:
        """Whether the closing of a day has it: raised by then, and not ended or withdrawn."""
        is_over = self.ended is not None and self.ended <= day
        return self.raised <= day and not is_over and not self.is_withdrawn

    @property
    def is_withdrawn(self) -> bool:
        """Whether a correction took away what it rested on."""
        return self.state == "withdrawn"


@dataclass(frozen=True, slots=True)
class RaisedAlert(ToldAlert):
    """Of welfare."""

    suggestion: str
    """What the person who reads it might do."""


@dataclass(frozen=True, slots=True)
class ComplianceAlert(ToldAlert):
    """What a sponsor of visas has to look at; never mixed with welfare."""

    basis: str
    """The duty that the rule serves."""
