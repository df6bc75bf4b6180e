"""What one closing tells the alert rules about a student, and how silence and lateness are counted.

The rules see nothing else: not the events, and not what became known after the closing was final.
So the alerts of a student are a function of the student's closings.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from schemas.types import Band, Day, Kind, Status
from scoring.student_days import StudentDays

NOTHING_OVERDUE: Final[Mapping[Kind, int]] = {}


@dataclass(frozen=True, slots=True)
class Observation:
    """A student at the closing of a day on which the student was enrolled."""

    day: Day
    status: Status
    band: Band
    is_quiet: bool = False
    """The day weighs nothing: a vacation, or the student was excused from it."""
    silent_days: int = 0
    """Counted days behind the student's last activity, up to this one."""
    overdue_days: Mapping[Kind, int] = field(default_factory=lambda: NOTHING_OVERDUE)
    """By kind: how many days the item that is missing for longest is overdue."""

    @property
    def speaks(self) -> bool:
        """Whether rules look at it; others neither raise an alert nor end one."""
        return self.status is Status.SCORED and not self.is_quiet

    @property
    def ends_all(self) -> bool:
        """Whether the student is no longer one of whom the policy speaks."""
        return self.status not in {Status.SCORED, Status.INSUFFICIENT_DATA}


def silent_days(student: StudentDays, scored: Iterable[Kind], day: Day, look_back_days: int) -> int:
    """Count the counted days behind the last activity, no further back than `look_back_days`.

    Activity of any kind on any day ends silence. A day without activity counts when it has weight
    and says something about every scored kind: what a feed lacks may be activity.
    """
    kinds = tuple(scored)
    counted = 0
    for number in range(day, day - look_back_days, -1):
        back = Day(number)
        if any(of_kind.get(back, 0) for of_kind in student.counts.values()):
            break
        counted += all(student.counted(kind, back) and student.weight(kind, back) for kind in kinds)
    return counted


def overdue_days(student: StudentDays, kind: Kind, day: Day, look_back_days: int) -> int:
    """Count the days since the oldest item was due that nobody has met by `day`; 0 for none.

    What was due on an excused day is not held against the student, and what was due longer than
    `look_back_days` ago will hardly be handed in.
    """
    return max(
        (
            day - item.due
            for item in student.items.get(kind, ())
            if day - look_back_days < item.due <= day
            and not item.is_met_by(day)
            and not student.excused(kind, item.due)
        ),
        default=0,
    )
