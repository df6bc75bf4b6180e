"""Turns counts into what is published: closings, changes, current indicators, daily rows.

Each method evaluates students on days, and adds what is news of them to the
outcome (`streams.news`).
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.topics import ALERT, ALERT_COMPLIANCE
from schemas.types import Cause, Day
from scoring.policy import Policy
from streams import digests
from streams.alert_views import View
from streams.alerts import Alerts
from streams.calendars import Calendars
from streams.contact_views import ContactView
from streams.evaluation import Asked, Evaluated, ask, evaluate_together
from streams.excuses import Excuses
from streams.gaps import NO_LACKS
from streams.grouping import Grouping
from streams.hindsight import Hindsight
from streams.horizon import Horizon
from streams.items import Items
from streams.memory import Memory, RememberedDaily
from streams.news import News
from streams.outcome import Daily, Outcome
from streams.policies import Policies
from streams.published import Published
from streams.sponsorships import Sponsorships
from streams.students import Rows, Students
from streams.window import Window

_CELLS: Final = 200_000  # students x days evaluated in one go; bounds the arrays, not the result

Integers = NDArray[np.int64]


class Closer:
    """The publishing side of one partition's state."""

    def __init__(
        self,
        students: Students,
        items: Items,
        excuses: Excuses,
        sponsorships: Sponsorships,
        policies: Policies,
        calendars: Calendars,
        horizon: Horizon,
        first_as_of: Day,
    ) -> None:
        self._students = students
        self.items = items
        self._excuses = excuses
        self._sponsorships = sponsorships
        self._policies = policies
        self._calendars = calendars
        self._horizon = horizon
        self._grouping = Grouping(students)
        first = Day(first_as_of - horizon.behind)
        self.window = Window(first, horizon.ring, students.capacity)
        self.published = Published(first, horizon.ring, students.capacity)
        self._news = News(students, self.published)
        self.items.move_to(first)
        self.alerts = Alerts(students, ALERT)
        self.contacts = Alerts(students, ALERT_COMPLIANCE)
        self.closed = Day(first_as_of - 1)
        self.lacks = NO_LACKS
        self.hindsight = Hindsight(horizon.amendment, Day(first_as_of - horizon.amendment))
        self._opened = first_as_of  # no day before this one was ever closed

    def make_room(self) -> None:
        """Room for every student that has a row."""
        self.window.make_room(self._students.capacity)
        self.published.make_room(self._students.capacity)

    @property
    def everyone(self) -> Rows:
        """All rows."""
        return np.arange(self._students.count)

    def open_from(self, first: Day) -> None:
        """Days from `first` on were closed, whether anybody was enrolled then or not."""
        self._opened = min(self._opened, first)

    def recall(self, memory: Memory) -> None:
        """Take over what was published; days that the ring does not hold are final."""
        published, students = self.published, self._students
        indicators, closings = memory.indicators, memory.closings
        rows = students.rows_of(indicators.students)
        of_closings = students.rows_of(closings.students)
        of_daily = students.rows_of(memory.daily.students)
        self.make_room()
        published.states[rows] = indicators.states
        published.sequences[rows] = indicators.sequences
        published.versions[rows] = indicators.versions
        published.digests[rows] = indicators.digests
        held = self._in_ring(closings.days)
        at = (published.slots(closings.days[held]), of_closings[held])
        published.closing_digests[at] = closings.digests[held]
        published.closings_told[at] = closings.revisions[held] + 1
        published.closing_states[at] = closings.states[held]
        if len(closings.days):
            self.open_from(Day(int(closings.days.min())))
        held = self._in_ring(memory.daily.days)
        at = (published.slots(memory.daily.days[held]), of_daily[held])
        published.daily_told[at] = memory.daily.revisions[held] + 1
        self.alerts.recall(memory.alerts)
        self.contacts.recall(memory.compliance_alerts)
        self.make_room()  # alerts are kept for longer than all else that is told of a student

    def compare_daily(self, daily: RememberedDaily) -> None:
        """Mark for publishing the daily rows whose counts differ from the published ones."""
        window, published = self.window, self.published
        held = self._in_ring(daily.days)
        rows, days = self._students.rows_of(daily.students[held]), daily.days[held]
        counts = window.counts[:, window.span(window.first, window.end - 1)]
        is_due = np.logical_or.reduce(counts, axis=0)
        told = (days - window.first, rows)
        found = digests.of_counts([of_kind[told] for of_kind in counts])
        is_due[told] = found != daily.digests[held]
        published.daily_is_due[published.slots(np.arange(window.first, window.end))] = is_due

    def close(self, last: Day, outcome: Outcome, *, tell_changes: bool) -> None:
        """Close the days after the last closed one, up to `last`."""
        for policy, days in self._policies.runs(Day(self.closed + 1), last):
            for part in self._parts(days, self.everyone):
                if policy is not None:
                    evaluated = self._at_closing(policy, self.everyone, part)
                    self._take(evaluated, Cause.DAY_CLOSED, outcome)
                    self._look_at_contacts(policy, self.everyone, part)
                    if tell_changes:
                        self._news.changes(evaluated, part + 1, Cause.DAY_CLOSED, outcome)
        self.alerts.tell(Cause.DAY_CLOSED, outcome)
        self.contacts.tell(Cause.DAY_CLOSED, outcome)
        self.closed = outcome.closed = last
        outcome.students = self._students.count

    def amend(self, rows: Rows, first: Day, cause: Cause, outcome: Outcome) -> None:
        """Compute the closings of `rows` from `first` on again, as far as they are not final."""
        for policy, part in self._not_final(rows, first):
            self._take(self._at_closing(policy, rows, part), cause, outcome)
            self._look_at_contacts(policy, rows, part)
        self.alerts.tell(cause, outcome)
        self.contacts.tell(cause, outcome)

    def amend_contacts(self, rows: Rows, cause: Cause, outcome: Outcome) -> None:
        """Look at the contacts of `rows` again, at the closings that are not final."""
        for policy, part in self._not_final(rows, self._opened):
            self._look_at_contacts(policy, rows, part)
        self.contacts.tell(cause, outcome)

    def ask_current(self, rows: Rows, *, as_of: Day, seen: Day) -> Asked | None:
        """About the indicators of `rows` as of the day in progress; None without a policy."""
        policy = self._policies.on(as_of)
        if policy is None or not len(rows):
            return None
        return self._asked(policy, rows, np.array([self.closed]), as_of, seen, by=np.array([as_of]))

    def tell_current(
        self, evaluated: Evaluated, as_of: Day, cause: Cause, outcome: Outcome, *, also_moved: bool
    ) -> None:
        """Changes go out at once, with the indicators they lead to.

        Those whose numbers moved without a change go out when `also_moved`.
        """
        changed = self._news.changes(evaluated, np.array([as_of]), cause, outcome)
        told = np.ones_like(changed) if also_moved else changed
        if told.any():
            self._news.indicators(evaluated, told, as_of, outcome)

    def daily(self, through: Day, outcome: Outcome) -> None:
        """The daily rows that are due, up to a day."""
        days, rows = self.published.due_daily(through)
        if not len(days):
            return
        counts = self.window.counts[:, self.window.slots(days), rows]
        are_empty: NDArray[np.bool_] = counts.sum(axis=0) == 0
        told, revisions = self.published.tell_daily(days, rows, are_empty)
        if told.any():
            students = self._students.ids[rows[told]]
            outcome.daily.append(Daily(students, days[told], revisions, counts[:, told]))

    def move(self) -> None:
        """Let go of the days that no closing needs any more."""
        first = Day(self.closed + 1 - self._horizon.behind)
        self.window.move_to(first)
        self.published.move_to(first)
        self.items.move_to(first)
        amended = Day(self.closed + 1 - self._horizon.amendment)
        self.hindsight.forget(amended)
        self.items.meetings.forget(amended)

    def _in_ring(self, days: Integers) -> NDArray[np.bool_]:
        held: NDArray[np.bool_] = (days >= self.window.first) & (days < self.window.end)
        return held

    def _parts(self, days: Integers, rows: Rows) -> list[Integers]:
        """The days cut into runs that know the same, and that are not too much for one go."""
        if not len(rows):
            return []
        edges = np.unique(
            [
                *self.hindsight.edges(),
                *self.items.meetings.edges(),
                *self.lacks.edges(),
                *self._excuses.edges(),
                *self._calendars.starts(),
            ]
        ).astype(np.int64)
        runs = np.split(days, np.searchsorted(days, edges))
        return [
            part
            for run in runs
            if len(run)
            for part in np.array_split(run, max(1, -(-len(run) * len(rows) // _CELLS)))
        ]

    def _not_final(self, rows: Rows, first: Day) -> Iterator[tuple[Policy, Integers]]:
        """The days from `first` on whose closings are not final, in parts that know the same."""
        first = Day(max(first, self._opened, self.closed + 1 - self._horizon.amendment))
        for policy, days in self._policies.runs(first, self.closed):
            if policy is not None:
                yield from ((policy, part) for part in self._parts(days, rows))

    def _at_closing(self, policy: Policy, rows: Rows, days: Integers) -> Evaluated:
        """At the first moment of the next day, nothing of which is looked at."""
        asked = self._asked(policy, rows, days, days + 1, days, by=days)
        return evaluate_together([asked])[0]

    def _asked(
        self,
        policy: Policy,
        rows: Rows,
        complete: Integers,
        as_of: Integers | Day,
        seen: Integers | Day,
        *,
        by: Integers,
    ) -> Asked:
        """`by`: the days that decide which rules hold for whom, and which calendar."""
        closing = int(complete[0])
        as_of = np.broadcast_to(as_of, complete.shape)
        return ask(
            policy,
            self._students,
            self.window,
            self.items,
            rows,
            complete=complete,
            as_of=as_of,
            seen=np.broadcast_to(seen, complete.shape),
            lacks=self.lacks,
            excuses=self._excuses,
            unknown=self.hindsight.unknown_to(closing),
            groups=self._grouping.groups(policy, rows, days=by, otherwise=as_of),
            calendar=self._calendars.on(int(by[0])),
        )

    def _take(self, evaluated: Evaluated, cause: Cause, outcome: Outcome) -> None:
        """Closings that were computed, and what alert rules see of them."""
        self._news.closings(evaluated, cause, outcome)
        if not self.alerts.are_possible(evaluated.policy.alerts):
            return
        view = View(
            evaluated,
            self._students,
            self.window,
            self.items,
            self.published,
            self.lacks,
            self._excuses,
            self._policies,
            self._calendars,
        )
        self.alerts.take(view, self.closed)

    def _look_at_contacts(self, policy: Policy, rows: Rows, days: Integers) -> None:
        """What compliance rules see of closings; no score comes into it."""
        if not self.contacts.are_possible(policy.compliance.rules):
            return
        view = ContactView(
            policy,
            rows,
            days,
            self._students,
            self._sponsorships,
            self.window,
            self.items,
            self.lacks,
            self._excuses,
            self._calendars.on(int(days[0])),
            self.hindsight.unknown_to(int(days[0])),
        )
        self.contacts.take(view, self.closed)
