"""The rules of a block's students: one number where they agree, an array where they do not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from schemas.types import Kind
from scoring.resolution import Groups
from scoring.rules import KindRule, NotScored, Rules
from scoring.thresholds import Thresholds

_T = TypeVar("_T")
Where = NDArray[np.bool_]
"""Cells of a block, [1, K] or [E, K]."""


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """The rules that hold for K students; `of` says whose are whose: [1, K], or [E, K]."""

    rules: Sequence[Rules]
    of: NDArray[np.int64]
    not_scored: Where | None
    """Who gets no score, whatever the rules say; None where all do."""

    @classmethod
    def of_block(cls, groups: Groups | None, usual: Rules, students: slice) -> Self:
        """Give the terms of some students; where the policy excludes any, the usual rules stand."""
        if groups is None:
            return cls((usual,), np.zeros((1, 1), np.int64), None)
        places, of = np.unique(groups.of[:, students], return_inverse=True)
        of = of.reshape(len(groups.of), -1)
        resolved = [groups.resolved[place] for place in places.tolist()]
        excluded = np.array([isinstance(rules, NotScored) for rules in resolved])
        return cls(
            [usual if isinstance(rules, NotScored) else rules for rules in resolved],
            of,
            excluded[of] if excluded.any() else None,
        )

    def weight(self, kind: Kind) -> float | NDArray[np.float64]:
        """Give the points that a kind can earn."""
        return self._each([rule.weight for rule in self._of_kind(kind)])

    def saturation(self, kind: Kind) -> float | NDArray[np.float64]:
        """Give the rate at which a kind earns all of its points."""
        return self._each([rule.saturation for rule in self._of_kind(kind)])

    @property
    def minimum_weight(self) -> float | NDArray[np.float64]:
        """The sum of weights below which there is no score."""
        return self._each([rules.minimum_weight for rules in self.rules])

    def windows(self, kind: Kind) -> list[tuple[int, Where | None]]:
        """Give the lengths of a kind's window, the most common one first and for all.

        The others are with the cells for which they hold instead.
        """
        return self._distinct([rule.window_days for rule in self._of_kind(kind)])

    @property
    def thresholds(self) -> list[tuple[Thresholds, Where | None]]:
        """The thresholds, in the same way."""
        return self._distinct([rules.thresholds for rules in self.rules])

    def _of_kind(self, kind: Kind) -> list[KindRule]:
        return [rules.kinds[kind] for rules in self.rules]

    def _each(self, values: Sequence[float]) -> float | NDArray[np.float64]:
        if len(set(values)) == 1:
            return values[0]
        each: NDArray[np.float64] = np.array(values)[self.of]
        return each

    def _distinct(self, values: Sequence[_T]) -> list[tuple[_T, Where | None]]:
        if all(value == values[0] for value in values):
            return [(values[0], None)]
        sizes = np.bincount(self.of.ravel(), minlength=len(values))
        usual = values[int(sizes.argmax())]
        different = [value for value in values if value != usual]
        distinct = [value for at, value in enumerate(different) if value not in different[:at]]
        wheres = [np.array([value == one for value in values])[self.of] for one in distinct]
        return [(usual, None), *zip(distinct, wheres, strict=True)]
