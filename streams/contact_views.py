"""What closings tell compliance rules: sponsored students on days in a row, and no score.

Nothing is looked at of students who are sponsored on none of the days; what is open about them
ends.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day, Kind
from scoring.alert_kernel import before_each
from scoring.alerts import Alert
from scoring.compliance import ComplianceRule, ContactPoints
from scoring.contact_kernel import Found, few_contacts, missed_in_a_row
from scoring.contact_points import evidence_of
from scoring.due_items import DueItems
from scoring.policy import Policy
from streams.calendars import CalendarVersion
from streams.excuses import Excuses
from streams.gaps import Lacks
from streams.hindsight import Steps
from streams.items import Items
from streams.silence import active_days
from streams.sponsorships import Sponsorships
from streams.students import Rows, Students
from streams.window import Window

Integers = NDArray[np.int64]
Bits = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ContactView:
    """Closings of S students on E days in a row, as `evaluation.ask` wants them."""

    policy: Policy
    rows: Rows
    days: Integers
    students: Students
    sponsorships: Sponsorships
    window: Window
    items: Items
    lacks: Lacks
    excuses: Excuses
    calendar: CalendarVersion
    unknown: Steps

    @property
    def cool_downs(self) -> Mapping[str, int]:
        """The rules that hold, with the days for which each keeps quiet behind an alert."""
        return {rule.name: rule.cool_down_days for rule in self.policy.compliance.rules}

    def candidates(self) -> Bits:
        """Who is sponsored, and had no contact lately that would content every rule, [S]."""
        found = np.zeros(len(self.rows), np.bool_)
        rules = self.policy.compliance.rules
        if rules:
            columns = np.flatnonzero(self.sponsorships.within(self.days, self.rows))
            for rule in rules:
                left = columns[~found[columns]]
                found[left] = self._may_hold(rule, self.rows[left])
        return found

    def seen(self, columns: Integers) -> "_Seen":
        """What rules see of C students, places in `rows`; `candidates` was asked before."""
        return _Seen(self, self.rows[columns])

    def _may_hold(self, rule: ComplianceRule, rows: Rows) -> Bits:
        """Of whom a rule may hold, [C]."""
        if not len(rows):
            return np.zeros(0, np.bool_)
        if isinstance(rule, ContactPoints):
            return self._has_little_contact(rule, rows)
        missed = np.zeros(len(rows), np.int64)
        for due in self.items_due(rule.kinds, rows).values():
            missed += np.bincount(due.student[due.met > self.days[0]], minlength=len(rows))
        may_hold: Bits = missed >= rule.items
        return may_hold

    def _has_little_contact(self, rule: ContactPoints, rows: Rows) -> Bits:
        """So many days that count are at least as many days: who had enough in as many, had it."""
        first, number = int(self.days[0]) - rule.within_days + 1, len(self.days)
        active = active_days(
            self.window, rows, first, rule.within_days - 1 + number, self.unknown, rule.kinds
        )
        before = before_each(active)
        contacts: Integers = before[rule.within_days :] - before[: -rule.within_days]
        has_little: Bits = np.any(contacts < rule.at_least, axis=0)
        return has_little

    def items_due(self, kinds: Iterable[Kind], rows: Rows) -> Mapping[Kind, DueItems]:
        """By kind, what is due within the look-back of the days."""
        first, last = int(self.days[0]) - self.policy.look_back_days + 1, int(self.days[-1])
        return {kind: self.items.held(kind, rows, first, last, last) for kind in kinds}


@dataclass(slots=True, eq=False)
class _Seen:
    """What rules see of C students on E days; the K days of the look-back lie before them."""

    view: ContactView
    rows: Rows
    over: Bits = field(init=False)
    """Where the student is not enrolled and sponsored, [E, C]."""
    _back: Integers = field(init=False)  # the days, [K]
    _may_count: Bits = field(init=False)  # whatever the kind, [K, C]
    _counted: dict[Kind, Bits] = field(default_factory=dict)  # [K, C]
    _found: dict[str, Found] = field(default_factory=dict)

    def __post_init__(self) -> None:
        view = self.view
        first = int(view.days[0]) - view.policy.look_back_days + 1
        self._back = np.arange(first, int(view.days[-1]) + 1)
        of_whom = view.students.enrolled(self._back, self.rows)
        of_whom &= view.sponsorships.on(self._back, self.rows)
        self.over = ~of_whom[-len(view.days) :]
        self._may_count = of_whom & (view.calendar.weights(self._back)[:, None] > 0)

    def says(self, rule: str) -> tuple[Bits, Bits]:
        """Where a rule's condition holds, and where the rule speaks at all; [E, C] each."""
        found = self._look(self._rule(rule))
        self._found[rule] = found
        return found.held, found.speaks

    def alert(self, name: str, day: int, column: int) -> Alert:
        """The alert that a rule raises; places in what is seen."""
        rule, found = self._rule(name), self._found[name]
        number, since = int(found.number[day, column]), Day(int(found.since[day, column]))
        when = Day(int(self.view.days[day]))
        evidence = evidence_of(rule, number, since)
        return Alert(name, when, self.view.policy.version, rule.purpose, evidence)

    def _rule(self, name: str) -> ComplianceRule:
        return next(rule for rule in self.view.policy.compliance.rules if rule.name == name)

    def _look(self, rule: ComplianceRule) -> Found:
        view, first, number = self.view, int(self._back[0]), len(self.view.days)
        counted = self._count(rule.kinds)
        if isinstance(rule, ContactPoints):
            active = active_days(
                view.window, self.rows, first, len(self._back), view.unknown, rule.kinds
            )
            return few_contacts(rule, active, counted, first, number)
        items, counts = self._due(rule.kinds)
        return missed_in_a_row(
            rule.items, items, counts, counted[-number:], view.days, view.policy.look_back_days
        )

    def _due(self, kinds: Iterable[Kind]) -> tuple[DueItems, Bits]:
        """The items of some kinds, and which of them were due on a day that counts."""
        first = int(self._back[0])
        held = self.view.items_due(kinds, self.rows)
        counts = [self._count([kind])[of.due - first, of.student] for kind, of in held.items()]
        joined = DueItems(
            np.concatenate([of.student for of in held.values()]),
            np.concatenate([of.due for of in held.values()]),
            np.concatenate([of.met for of in held.values()]),
        )
        return joined, np.concatenate(counts)

    def _count(self, kinds: Iterable[Kind]) -> Bits:
        """The days that count for all of some kinds, [K, C]."""
        for kind in kinds:
            if kind not in self._counted:
                self._counted[kind] = self._count_for(kind)
        counted: Bits = np.logical_and.reduce([self._counted[kind] for kind in kinds])
        return counted

    def _count_for(self, kind: Kind) -> Bits:
        view, closing = self.view, int(self.view.days[-1])
        counted = self._may_count.copy()
        lacking = view.lacks.among(view.policy.kinds[kind].feeds, self._back, closing)
        if lacking is not None:
            counted &= ~lacking[:, None]
        excused = view.excuses.known_to(closing, self._back, self.rows).of(kind)
        if excused is not None:
            counted &= ~excused
        for span in view.policy.usual.kinds[kind].off:
            counted &= ((self._back < span.first) | (self._back > span.last))[:, None]
        return counted
