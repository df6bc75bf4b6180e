"""What a policy says of many students at once, by what stands in ClickHouse.

Counts of days, what was due, periods, circumstances, gaps and the calendar: the same that workers
score by, so the policy in force gives what they published.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from schemas.types import KINDS, Day, Kind
from scoring.due_items import NEVER, DueItems
from scoring.kernel import evaluate
from scoring.kind_policy import Measure
from scoring.late import LateItems
from scoring.panel import Panel
from scoring.policy import Policy
from scoring.profile import Profile
from streams.calendars import Calendars
from streams.circumstances import Said, circumstances_in_frame
from streams.excuses import Excuses
from streams.grouping import Grouping
from streams.states import NOT_ENROLLED, States, states_of
from streams.students import Period, Students

_Cells = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Present:
    """When everybody is looked at, and what is known of the days."""

    complete: Day
    as_of: Day
    seen: Day
    calendars: Calendars
    gaps: Collection[tuple[str, Day]]
    """Feeds and the days that they lack."""


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """S students on the T days from `first_day` on."""

    first_day: Day
    days: int
    students: Students
    """A row each, in ascending order of pseudonyms."""
    counts: Mapping[Kind, _Cells]
    """[T, S] of every kind."""
    items: Mapping[Kind, DueItems]
    """On the days that were set first, which may lie before the first day."""
    circumstances: Said

    @classmethod
    def of(
        cls,
        people: pl.DataFrame,
        counts: pl.DataFrame,
        items: pl.DataFrame,
        circumstances: pl.DataFrame,
        first: Day,
        last: Day,
    ) -> Self:
        """From what `sinks.population` tells of some students, on the days from `first` on."""
        students = Students()
        rows = students.rows_of(people["student"].to_numpy())
        students.set_periods(rows, [_periods(row) for row in people.iter_rows(named=True)])
        days = last - first + 1
        return cls(
            first_day=first,
            days=days,
            students=students,
            counts={kind: _placed(counts, kind, students, first, days) for kind in KINDS},
            items={
                kind: _items(items.filter(pl.col("kind") == kind.value), students)
                for kind in KINDS  # of others, which a record may name too, nothing is scored
            },
            circumstances=circumstances_in_frame(circumstances),
        )

    def states(self, policy: Policy, present: Present) -> States:
        """How each student stands by a policy, [S]."""
        rows = np.arange(self.students.count)
        days = np.arange(self.first_day, self.first_day + self.days)
        enrolled = self.students.enrolled(days, rows)
        as_of = np.array([present.as_of])
        counted = {}
        for kind, rule in policy.kinds.items():
            lacking = [day for feed, day in present.gaps if feed in rule.feeds]
            counted[kind] = enrolled & ~np.isin(days, lacking)[:, np.newaxis]
        excuses = Excuses(self.students, policy.amendment_days)
        excuses.take(self.circumstances)
        due, met, late = self._placed(policy, excuses, present.complete)
        panel = Panel(
            first_day=self.first_day,
            counts=self.counts,
            weight_percent=present.calendars.on(present.as_of).weights(days)[:, np.newaxis],
            counted=counted,
            excused=excuses.known_to(present.complete, days, rows).by_kind(policy.kinds),
            due=due,
            met=met,
            late=late,
        )
        scores = evaluate(
            policy,
            panel,
            complete=np.array([present.complete]),
            as_of=as_of,
            seen=np.array([present.seen]),
            groups=Grouping(self.students).groups(policy, rows, days=as_of, otherwise=as_of),
        )
        states = states_of(scores.status[0], scores.band[0])
        is_enrolled = enrolled[present.as_of - self.first_day]
        return np.where(is_enrolled, states, NOT_ENROLLED).astype(np.int16)

    def _placed(
        self, policy: Policy, excuses: Excuses, complete: Day
    ) -> tuple[
        dict[Kind, NDArray[np.unsignedinteger]],
        dict[Kind, NDArray[np.unsignedinteger]],
        dict[Kind, LateItems],
    ]:
        due: dict[Kind, NDArray[np.unsignedinteger]] = {}
        met: dict[Kind, NDArray[np.unsignedinteger]] = {}
        late: dict[Kind, LateItems] = {}
        for kind, rule in policy.kinds.items():
            if rule.measure is Measure.SHARE:
                said, last = self.items[kind], self.first_day + self.days - 1
                extended = excuses.extended(kind, said.student, said.due, complete)
                items = DueItems(said.student, extended, said.met)
                items = items[(self.first_day <= extended) & (extended <= last)]
                due[kind], met[kind], late[kind] = items.placed(
                    self.first_day, (self.days, self.students.count)
                )
        return due, met, late


def _periods(row: Mapping[str, list[object]]) -> list[Period]:
    names = ("first", "last", "level", "mode", "programme", "status")
    return [
        Period(
            Day(int(str(first))),
            None if last == -1 else Day(int(str(last))),
            Profile(str(level), str(mode), str(programme), str(status)),
        )
        for first, last, level, mode, programme, status in zip(
            *(row[name] for name in names), strict=True
        )
    ]


def _placed(counts: pl.DataFrame, kind: Kind, students: Students, first: Day, days: int) -> _Cells:
    cells = np.zeros((days, students.count), np.uint32)
    rows, is_known = students.known_rows(counts["student"].to_numpy())
    cells[counts["campus_day"].to_numpy()[is_known] - first, rows[is_known]] = counts[
        kind.value
    ].to_numpy()[is_known]
    return cells


def _items(items: pl.DataFrame, students: Students) -> DueItems:
    rows, is_known = students.known_rows(items["student"].to_numpy())
    order = np.argsort(rows[is_known], kind="stable")
    due = items["due_on"].to_numpy()[is_known][order]
    met = items["met_on"].fill_null(NEVER).to_numpy()[is_known][order]
    return DueItems(rows[is_known][order], due, met)
