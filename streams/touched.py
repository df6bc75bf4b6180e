"""Which students have to be evaluated before the next publication, and why."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from schemas.types import Cause
from streams.students import Rows, grown

_CAUSES: Final = (
    Cause.ACTIVITY,
    Cause.CORRECTION,
    Cause.CIRCUMSTANCE,
    Cause.PROFILE,
    Cause.FEED,
    Cause.CALENDAR,
    Cause.POLICY,
)
"""Where several apply, the last of them is told."""


class Touched:
    """Students whose indicator may differ from the published one."""

    def __init__(self, capacity: int) -> None:
        self._why = np.zeros(capacity, np.int8)  # 1 + place in _CAUSES; 0: nothing happened
        self._moved = np.zeros(capacity, np.bool_)  # evaluated, but not told, since they were told

    def touch(self, rows: Rows, cause: Cause, *, capacity: int) -> None:
        """Something happened to these students, who may be named more than once.

        `capacity`: rows for which there is room now.
        """
        if len(self._why) < capacity:
            self._why = grown(self._why, capacity, 0)
            self._moved = grown(self._moved, capacity, False)
        self._why[rows] = np.maximum(self._why[rows], _CAUSES.index(cause) + 1)

    def due(self, *, also_moved: bool) -> Sequence[tuple[Cause, Rows]]:
        """The students to evaluate, by cause; `also_moved`: those not told yet too."""
        why = np.maximum(self._why, self._moved) if also_moved else self._why
        return [
            (cause, rows)
            for code, cause in enumerate(_CAUSES, start=1)
            if len(rows := np.flatnonzero(why == code))
        ]

    def evaluated(self, rows: Rows, *, told: bool) -> None:
        """They are dealt with; `told`: whatever moved is published."""
        self._why[rows] = 0
        self._moved[rows] = not told
