"""A block of students: their windows, found once, and the measures over them."""

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from schemas.types import Kind
from scoring.evaluations import Evaluations
from scoring.panel import Panel
from scoring.policy import KindPolicy
from scoring.tally import tally
from scoring.windows import Schedule, Windows, find_schedules, find_windows

_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some students of a panel, and the windows found for them so far."""

    panel: Panel
    evaluations: Evaluations
    look_back_days: int
    students: slice
    # By the identity of the array of counted days: kinds that share it share their windows.
    schedules: dict[int, list[Schedule]] = field(default_factory=dict)
    windows: dict[tuple[int, int], list[Windows]] = field(default_factory=dict)

    def windows_of(self, kind: Kind, window_days: int) -> list[Windows]:
        """Find the 2E windows of each schedule: the usual one first, then those that override."""
        counted = self.panel.counted[kind]
        key = (id(counted), window_days)
        if key not in self.windows:
            if key[0] not in self.schedules:
                self.schedules[key[0]] = find_schedules(
                    self._part(self.panel.weight_percent), self._part(counted)
                )
            self.windows[key] = [
                find_windows(schedule, self.evaluations, window_days, self.look_back_days)
                for schedule in self.schedules[key[0]]
            ]
        return self.windows[key]

    def measure(self, kind: Kind, rule: KindPolicy) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give amounts, [2E, K], and weights, [2E, K] or [2E, 1] where all students agree."""
        counts = self.panel.counts[kind][self.evaluations.rows, self.students]
        usual, *unusual = self.windows_of(kind, rule.window_days)
        amount = tally(counts, rule.measure, usual, self.evaluations)
        days_percent = usual.days_percent
        for windows in unusual:
            columns = windows.schedule.columns
            amount[:, columns] = tally(counts[:, columns], rule.measure, windows, self.evaluations)
            days_percent = np.broadcast_to(days_percent, amount.shape).copy()
            days_percent[:, columns] = windows.days_percent
        return amount, days_percent

    def _part(self, array: NDArray[_T]) -> NDArray[_T]:
        rows = array[self.evaluations.rows]
        return rows if rows.shape[1] == 1 else rows[:, self.students]
