"""A block of students: their windows, found once, and the measures over them."""

from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from schemas.types import Kind
from scoring.evaluations import Evaluations
from scoring.kind_policy import Measure
from scoring.panel import Panel
from scoring.rules import KindRule, OffSpan
from scoring.share import Items, met_and_due
from scoring.tally import tally
from scoring.terms import Where
from scoring.windows import Schedule, Windows, find_schedules, find_windows

_T = TypeVar("_T", bound=np.generic)
_Integers = NDArray[np.int64]
_Counts = NDArray[np.uint32]
_Days = tuple[int, int, tuple[OffSpan, ...]]
"""Which days a kind has: the identities of its arrays, and when it is switched off."""


class Measured(NamedTuple):
    """A kind over the 2E windows of K students."""

    amount: _Integers
    """[2E, K]"""
    due: _Integers | None
    """[2E, K] of a share; None of other measures."""
    days_percent: _Integers
    """[2E, K], or [2E, 1] where all students agree."""

    def overridden(
        self, own: "Measured", columns: slice | NDArray[np.intp], where: Where | None = None
    ) -> "Measured":
        """Give the same with other numbers for some students, on all or some evaluations."""
        amount, due, _ = self
        days_percent = np.broadcast_to(self.days_percent, amount.shape).copy()  # kinds share it
        _override(amount, own.amount, columns, where)
        _override(days_percent, own.days_percent, columns, where)
        if due is not None and own.due is not None:
            _override(due, own.due, columns, where)
        return Measured(amount, due, days_percent)


def _override(
    into: _Integers, own: _Integers, columns: slice | NDArray[np.intp], where: Where | None
) -> None:
    if where is not None and not where.all():
        # `where` is [E, K]: it holds alike for the windows of complete days and those moved on.
        own = np.where(np.concatenate((where, where)), own, into[:, columns])
    into[:, columns] = own


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some students of a panel, and the windows found for them so far."""

    panel: Panel
    evaluations: Evaluations
    look_back_days: int
    students: slice
    """With both ends."""
    schedules: dict[_Days, list[Schedule]] = field(default_factory=dict)
    """Kinds that share their arrays share their windows."""
    windows: dict[tuple[_Days, int], list[Windows]] = field(default_factory=dict)

    def measure_all(
        self, kind: Kind, rule: KindRule, windows: list[tuple[int, Where | None]]
    ) -> Measured:
        """Measure a kind over windows whose length may differ between students (`Terms`)."""
        (usual_days, _), *others = windows
        measured = self._measure(kind, rule, usual_days, slice(None))
        for window_days, where in others:
            if where is not None and where.any():
                columns = np.flatnonzero(where.any(axis=0))
                own = self._measure(kind, rule, window_days, columns)
                measured = measured.overridden(own, columns, where[:, columns])
        return measured

    def _measure(
        self, kind: Kind, rule: KindRule, window_days: int, students: slice | NDArray[np.intp]
    ) -> Measured:
        """Measure a kind of some students over the windows of complete days, and those moved on."""
        cells = (
            self._items(kind).of(students)
            if rule.measure is Measure.SHARE
            else self._counts(kind)[:, students]
        )
        usual, *unusual = self._windows_of(kind, rule, window_days)
        measured = self._measured(cells, rule, usual.of(students))
        for windows in unusual:
            few = windows.of(students)
            own = self._measured(cells, rule, few)
            measured = measured.overridden(own, few.schedule.columns)
        return measured

    def _measured(self, cells: Items | _Counts, rule: KindRule, windows: Windows) -> Measured:
        schedule = windows.schedule
        if isinstance(cells, Items):
            met, due = met_and_due(cells.of(schedule.columns), windows, self.evaluations)
            return Measured(met, due, windows.days_percent)
        if not isinstance(schedule.columns, slice):
            cells = cells[:, schedule.columns]
        distinct = rule.measure is Measure.DAYS
        stop = self.evaluations.stop
        amount = tally(cells, schedule.counted, windows.start, stop, distinct=distinct)
        return Measured(amount, None, windows.days_percent)

    def _windows_of(self, kind: Kind, rule: KindRule, window_days: int) -> list[Windows]:
        """Find the 2E windows of each schedule: the usual one first, then those that override."""
        days = (id(self.panel.counted[kind]), id(self.panel.excused.get(kind)), rule.off)
        key = (days, window_days)
        if key not in self.windows:
            if days not in self.schedules:
                self.schedules[days] = self._find_schedules(kind, rule)
            self.windows[key] = [
                find_windows(schedule, self.evaluations, window_days, self.look_back_days)
                for schedule in self.schedules[days]
            ]
        return self.windows[key]

    def _find_schedules(self, kind: Kind, rule: KindRule) -> list[Schedule]:
        counted = self._rows(self.panel.counted[kind])
        if rule.off:
            first = self.evaluations.first_day
            is_on = [rule.off_on(first + row) is None for row in range(len(counted))]
            counted = counted & np.array(is_on)[:, np.newaxis]
        excused = None
        if kind in self.panel.excused:
            excused = self._rows(self.panel.excused[kind])
        return find_schedules(self._rows(self.panel.weight_percent), counted, excused)

    def _counts(self, kind: Kind) -> _Counts:
        return self._rows(self.panel.counts[kind])

    def _items(self, kind: Kind) -> Items:
        late = self.panel.late.get(kind)
        return Items(
            self._rows(self.panel.due[kind]),
            self._rows(self.panel.met[kind]),
            None if late is None else late.of(self.students),
        )

    def _rows(self, array: NDArray[_T]) -> NDArray[_T]:
        """Give the part of this block; all students in one column stay one column."""
        rows = array[self.evaluations.rows]
        return rows if rows.shape[1] == 1 else rows[:, self.students]
