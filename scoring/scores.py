"""What the kernel gives back: the indicators of many students on many days, as arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from schemas.types import Band, Kind, Status
from scoring.indicator import (
    NOTHING_DUE,
    Contribution,
    Indicator,
    switched_off,
    too_few_days,
)
from scoring.kind_policy import Measure
from scoring.resolution import Groups
from scoring.rules import KindRule, NotScored, Rules

BANDS: Final = tuple(Band)
"""A band's code is its place here."""
STATUSES: Final = tuple(Status)
"""A status's code is its place here; scoring itself gives `SCORED` and `INSUFFICIENT_DATA`, and
`NOT_SCORED` where the policy gives no indicator."""


class LeftOut(IntEnum):
    """Why a kind takes no part in a score."""

    NOT = 0  # it takes part
    TOO_FEW_DAYS = 1
    NOTHING_DUE = 2
    OFF = 3  # by the first of the kind's spans of days; 4 by the second, and so on


@dataclass(frozen=True, slots=True, eq=False)
class KindScores:
    """The contributions of one kind, [E, S] each; the fields mean what `Contribution` says."""

    weight: float
    """By the usual rules; `Scores.weight` knows those of each student."""
    counted: NDArray[np.bool_]
    amount: NDArray[np.int64]
    days_percent: NDArray[np.int64]
    rate_hundredths: NDArray[np.int64]
    points_hundredths: NDArray[np.int64]
    due: NDArray[np.int64] | None = None
    """None where the measure is no share."""
    left_out: NDArray[np.uint8] | None = None
    """`LeftOut`; None says that only days can be too few."""
    off_reasons: tuple[str, ...] = ()
    """What is said while the kind is switched off, by its spans of days."""

    @classmethod
    def empty(cls, rule: KindRule, shape: tuple[int, int]) -> Self:
        """Make room for E x S contributions."""
        return cls(
            rule.weight,
            np.empty(shape, np.bool_),
            np.empty(shape, np.int64),
            np.empty(shape, np.int64),
            np.empty(shape, np.int64),
            np.empty(shape, np.int64),
            np.empty(shape, np.int64) if rule.measure is Measure.SHARE else None,
            np.empty(shape, np.uint8),
            tuple(switched_off(span.first, span.last, span.reason) for span in rule.off),
        )

    @property
    def columns(self) -> tuple[NDArray[np.generic], ...]:
        """All arrays, always in the same order."""
        arrays = (
            self.counted,
            self.amount,
            self.days_percent,
            self.rate_hundredths,
            self.points_hundredths,
            self.due,
            self.left_out,
        )
        return tuple(array for array in arrays if array is not None)

    def of(self, students: slice) -> Self:
        """Give the part of some students: writing to it writes to the whole."""
        return type(self)(
            self.weight,
            self.counted[:, students],
            self.amount[:, students],
            self.days_percent[:, students],
            self.rate_hundredths[:, students],
            self.points_hundredths[:, students],
            None if self.due is None else self.due[:, students],
            None if self.left_out is None else self.left_out[:, students],
            self.off_reasons,
        )

    def picked(self, places: NDArray[np.int64]) -> Self:
        """Give n cells, by their places in E rows of S one behind the other, as [1, n]."""
        return type(self)(
            self.weight,
            self.counted.take(places)[None],
            self.amount.take(places)[None],
            self.days_percent.take(places)[None],
            self.rate_hundredths.take(places)[None],
            self.points_hundredths.take(places)[None],
            None if self.due is None else self.due.take(places)[None],
            None if self.left_out is None else self.left_out.take(places)[None],
            self.off_reasons,
        )

    def why(self, left_out: int, days_percent: int, minimum_percent: int) -> str:
        """Say why a kind is left out; the sentence of the reference."""
        match left_out:
            case LeftOut.NOT:
                return ""
            case LeftOut.TOO_FEW_DAYS:
                return too_few_days(days_percent, minimum_percent)
            case LeftOut.NOTHING_DUE:
                return NOTHING_DUE
        return self.off_reasons[left_out - LeftOut.OFF]


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
    groups: Groups | None = None
    """Whose rules are whose; None where the same rules hold for all."""

    @classmethod
    def empty(
        cls, rules: Rules, evaluations: int, students: int, groups: Groups | None = None
    ) -> Self:
        """Make room for E x S indicators."""
        shape = (evaluations, students)
        return cls(
            np.empty(shape, np.uint8),
            np.empty(shape, np.uint8),
            np.empty(shape, np.int64),
            {kind: KindScores.empty(rule, shape) for kind, rule in rules.kinds.items()},
            rules.minimum_percent,
            groups,
        )

    def of(self, students: slice) -> Self:
        """Give the part of some students: writing to it writes to the whole."""
        return type(self)(
            self.status[:, students],
            self.band[:, students],
            self.score_hundredths[:, students],
            {kind: scores.of(students) for kind, scores in self.kinds.items()},
            self.minimum_percent,
        )

    def withhold(self, where: NDArray[np.bool_]) -> None:
        """Say `NOT_SCORED` in these cells, and nothing else."""
        for column in self.columns:
            np.copyto(column, np.zeros((), column.dtype), where=where)
        np.copyto(self.status, STATUSES.index(Status.NOT_SCORED), where=where)
        np.copyto(self.band, BANDS.index(Band.NONE), where=where)

    @property
    def columns(self) -> tuple[NDArray[np.generic], ...]:
        """All arrays, always in the same order."""
        own = (self.status, self.band, self.score_hundredths)
        return own + tuple(array for kind in self.kinds.values() for array in kind.columns)

    def picked(self, evaluations: NDArray[np.int64], students: NDArray[np.int64]) -> Self:
        """Give n cells, at `evaluations` and `students` [n] each, as [1, n]."""
        places = evaluations * self.status.shape[1] + students
        groups = self.groups
        if groups is not None:
            of = groups.of[0 if len(groups.of) == 1 else evaluations, students]
            groups = Groups(groups.resolved, of[None])
        return type(self)(
            self.status.take(places)[None],
            self.band.take(places)[None],
            self.score_hundredths.take(places)[None],
            {kind: scores.picked(places) for kind, scores in self.kinds.items()},
            self.minimum_percent,
            groups,
        )

    def weight(self, kind: Kind) -> NDArray[np.float64]:
        """Give the points that a kind can earn each student: [1, 1], [1, S] or [E, S]."""
        if self.groups is None:
            return np.full((1, 1), self.kinds[kind].weight)
        of_group = [
            rules.kinds[kind].weight if isinstance(rules, Rules) else 0.0
            for rules in self.groups.resolved
        ]
        return np.array(of_group, np.float64)[self.groups.of]

    def indicator(self, evaluation: int, student: int) -> Indicator:
        """Give one indicator with its contributions, equal to the one of the reference."""
        at = (evaluation, student)
        rules = None if self.groups is None else self.groups.at(evaluation, student)
        if isinstance(rules, NotScored):
            return Indicator.unscored(Status.NOT_SCORED, rules.reason)
        contributions = tuple(
            self._contribution(kind, scores, at, rules) for kind, scores in self.kinds.items()
        )
        status = STATUSES[self.status[at]]
        if status is not Status.SCORED:
            return Indicator.insufficient(contributions)
        score = int(self.score_hundredths[at]) / 100
        return Indicator(status, BANDS[self.band[at]], score, "", contributions)

    def _contribution(
        self, kind: Kind, scores: KindScores, at: tuple[int, int], rules: Rules | None
    ) -> Contribution:
        counted = bool(scores.counted[at])
        days_percent = int(scores.days_percent[at])
        left_out = LeftOut.NOT if counted else LeftOut.TOO_FEW_DAYS
        code = left_out if scores.left_out is None else int(scores.left_out[at])
        return Contribution(
            kind=kind,
            counted=counted,
            reason=scores.why(code, days_percent, self.minimum_percent),
            amount=int(scores.amount[at]),
            days_percent=days_percent,
            rate=int(scores.rate_hundredths[at]) / 100,
            points=int(scores.points_hundredths[at]) / 100,
            weight=scores.weight if rules is None else rules.kinds[kind].weight,
            due=0 if scores.due is None else int(scores.due[at]),
        )
