"""What the kernel gives back: the indicators of many students on many days, as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from schemas.types import Band, Kind, Status
from scoring.indicator import Contribution, Indicator, too_few_days
from scoring.policy import Policy

BANDS: Final = tuple(Band)
"""A band's code is its place here."""
STATUSES: Final = tuple(Status)
"""A status's code is its place here; scoring itself gives `SCORED` and `INSUFFICIENT_DATA`."""


@dataclass(frozen=True, slots=True, eq=False)
class KindScores:
    """The contributions of one kind, [E, S] each; the fields mean what `Contribution` says."""

    weight: float
    counted: NDArray[np.bool_]
    amount: NDArray[np.int64]
    days_percent: NDArray[np.int64]
    rate_hundredths: NDArray[np.int64]
    points_hundredths: NDArray[np.int64]

    @classmethod
    def empty(cls, weight: float, shape: tuple[int, int]) -> Self:
        """Make room for E x S contributions."""
        return cls(
            weight,
            np.empty(shape, np.bool_),
            np.empty(shape, np.int64),
            np.empty(shape, np.int64),
            np.empty(shape, np.int64),
            np.empty(shape, np.int64),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """E evaluations of S students; arrays are [E, S]."""

    status: NDArray[np.uint8]
    """Place in `STATUSES`."""
    band: NDArray[np.uint8]
    """Place in `BANDS`."""
    score_hundredths: NDArray[np.int64]
    """0 where there is no score."""
    kinds: Mapping[Kind, KindScores]
    """The policy's kinds, in the order of `KINDS`."""
    minimum_percent: int
    """The policy's minimum of counted days, in percent of a day."""

    @classmethod
    def empty(cls, policy: Policy, evaluations: int, students: int) -> Self:
        """Make room for E x S indicators."""
        shape = (evaluations, students)
        return cls(
            np.empty(shape, np.uint8),
            np.empty(shape, np.uint8),
            np.empty(shape, np.int64),
            {kind: KindScores.empty(rule.weight, shape) for kind, rule in policy.kinds.items()},
            policy.minimum_percent,
        )

    def indicator(self, evaluation: int, student: int) -> Indicator:
        """Give one indicator with its contributions, equal to the one of the reference."""
        at = (evaluation, student)
        contributions = tuple(
            self._contribution(kind, scores, at) for kind, scores in self.kinds.items()
        )
        status = STATUSES[self.status[at]]
        if status is not Status.SCORED:
            return Indicator.insufficient(contributions)
        score = int(self.score_hundredths[at]) / 100
        return Indicator(status, BANDS[self.band[at]], score, "", contributions)

    def _contribution(self, kind: Kind, scores: KindScores, at: tuple[int, int]) -> Contribution:
        counted = bool(scores.counted[at])
        days_percent = int(scores.days_percent[at])
        return Contribution(
            kind=kind,
            counted=counted,
            reason="" if counted else too_few_days(days_percent, self.minimum_percent),
            amount=int(scores.amount[at]),
            days_percent=days_percent,
            rate=int(scores.rate_hundredths[at]) / 100,
            points=int(scores.points_hundredths[at]) / 100,
            weight=scores.weight,
        )
