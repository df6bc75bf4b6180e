"""The rules that hold for one student: a policy with its choices made."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from schemas.types import Day, Kind
from scoring.kind_policy import Measure
from scoring.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class OffSpan:
    """Campus days on which a kind is switched off, both ends included."""

    first: Day
    last: Day
    reason: str


@dataclass(frozen=True, slots=True)
class KindRule:
    """How one kind is scored for one student."""

    weight: float
    """The points it can earn; 0 where it earns this student nothing and costs nothing."""
    window_days: int
    measure: Measure
    saturation: float
    """The rate at which all points are earned: the measure a week, or of a share the share."""
    off: tuple[OffSpan, ...] = ()

    def off_on(self, day: int) -> OffSpan | None:
        """Give the span of days with `day` in it on which the kind is switched off."""
        return next((span for span in self.off if span.first <= day <= span.last), None)


@dataclass(frozen=True)
class Rules:
    """What the reference and the kernel score by. Equal rules give equal indicators."""

    version: int
    look_back_days: int
    minimum_percent: int
    """Weight, in percent of a day, that a kind's window needs for the kind to count."""
    minimum_weight_share: float
    thresholds: Thresholds
    kinds: Mapping[Kind, KindRule]
    """In the order of `KINDS`."""

    @cached_property
    def minimum_weight(self) -> float:
        """The sum of weights below which there is no score."""
        total = 0.0
        for rule in self.kinds.values():  # not `sum`, which rounds differently from Python 3.12 on
            total += rule.weight
        return self.minimum_weight_share * total


@dataclass(frozen=True, slots=True)
class NotScored:
    """The policy gives the student no indicator."""

    reason: str
