"""What becomes of each row of a block: used, skipped by a rule, or rejected for a reason."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from connectors.rows import Rows, rejected
from connectors.source import Rejected
from schemas.reasons import Reason

Mask: TypeAlias = NDArray[np.bool_]
"""One entry a row of the block."""


class Sieve:
    """Takes rows out of a block; the first verdict on a row is the one that stays.

    Values of rows that are out mean nothing: whoever makes activities takes `left` only.
    """

    def __init__(self, rows: Rows, feed: str) -> None:
        self.rows = rows
        self._feed = feed
        self._left = np.ones(len(rows), np.bool_)
        self._rejected: dict[int, Rejected] = {}
        self._skipped: Counter[str] = Counter()

    @property
    def left(self) -> Mask:
        """The rows without a verdict."""
        return self._left.copy()

    @property
    def rejected(self) -> Sequence[Rejected]:
        """The rows that cannot be used, in their order."""
        return [self._rejected[row] for row in sorted(self._rejected)]

    @property
    def skipped(self) -> Mapping[str, int]:
        """How many rows each rule took out."""
        return dict(self._skipped)

    def skip(self, where: Mask | pl.Series, rule: str) -> None:
        """These rows rightly lead to nothing."""
        taken = self._take(where)
        if len(taken):
            self._skipped[rule] += len(taken)

    def reject(
        self, where: Mask | pl.Series, reason: Reason, problem: Callable[[int], str]
    ) -> None:
        """These rows cannot be used; `problem` of a row is the beginning of a sentence."""
        rows = self.rows
        for row in self._take(where).tolist():
            self._rejected[row] = rejected(
                reason, problem(row), rows.file, int(rows.lines[row]), rows.raw[row], self._feed
            )

    def _take(self, where: Mask | pl.Series) -> NDArray[np.int64]:
        mask = where.to_numpy() if isinstance(where, pl.Series) else where
        taken = np.flatnonzero(mask & self._left)
        self._left[taken] = False
        return taken
