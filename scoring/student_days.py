"""One student's days, as the reference and the explanation read them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.types import Day, Kind
from scoring.items import Item


def never(kind: Kind, day: Day) -> bool:
    """Give what holds on no day."""
    return False


@dataclass(frozen=True, slots=True)
class StudentDays:
    """What a student did, what was expected, and what each campus day says and weighs."""

    counts: Mapping[Kind, Mapping[Day, int]]
    """Events by kind and campus day; a missing kind or day has none."""
    weight_percent: Callable[[Day], int]
    """Calendar weight of a day, at least 0, in percent of a full day."""
    counted: Callable[[Kind, Day], bool]
    """Where False, the day says nothing about the kind: nothing of it is used, not even weight."""
    excused: Callable[[Kind, Day], bool] = never
    """Where True, the day weighs nothing, what happened on it counts, and what was due on it and
    not met is not held against the student."""
    items: Mapping[Kind, Sequence[Item]] = field(default_factory=dict)
    """What was expected, for kinds whose measure is a share; a missing kind had nothing due."""

    def weight(self, kind: Kind, day: Day) -> int:
        """Give the weight of a day for a kind, in percent of a full day."""
        return 0 if self.excused(kind, day) else self.weight_percent(day)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a student is evaluated, in campus days: complete <= seen <= as_of, complete < as_of."""

    complete: Day
    """The last day whose events have all arrived."""
    as_of: Day
    """The day in progress."""
    seen: Day
    """The last day whose events are looked at."""

    @classmethod
    def closing(cls, day: Day) -> "Moment":
        """Give the first moment of the next day, nothing of which is looked at."""
        return cls(day, Day(day + 1), day)

    def __post_init__(self) -> None:
        if not self.complete <= self.seen <= self.as_of or self.complete == self.as_of:
            raise ValueError(
                "complete <= seen <= as_of and complete < as_of must hold: "
                f"{self.complete}, {self.seen}, {self.as_of}"
            )
