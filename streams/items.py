"""Items expected of the students of a partition, and when they were met: what shares are made of.

An item is met by the first activity that names it, no more than `Horizon.early` days before the
day that was set first: once, and on the day to which circumstances have put it off, as
`scoring.items` says.
"""

import numpy as np
from numpy.typing import NDArray

from schemas.types import KINDS, Day, Kind
from scoring.due_items import DueItems
from streams.excuses import Excuses
from streams.expected import Expectations, Expected
from streams.horizon import Horizon
from streams.intake import Events
from streams.item_words import NO_ITEM
from streams.meetings import Meetings
from streams.students import Rows, Students

Integers = NDArray[np.int64]
Bits = NDArray[np.bool_]


class Items:
    """Of one partition."""

    def __init__(self, students: Students, excuses: Excuses, horizon: Horizon) -> None:
        self._students = students
        self._excuses = excuses
        self._horizon = horizon
        self._expected = Expected({kind: horizon.extension_of(kind) for kind in KINDS})
        self.meetings = Meetings()

    def expect(self, said: Expectations) -> tuple[Rows, Integers]:
        """Take in records; whom they concern, with repeats, and from which day on each.

        A student of whom nothing else is known is nobody yet.
        """
        students, days = self._expected.take(said)
        rows, found = self._students.known_rows(students)
        return rows[found], days[found]

    def name(self, events: Events, log_days: Integers, future: Bits) -> tuple[Rows, Integers]:
        """Take in what events name; the rows and days of those that say something new.

        They may be older than the days that are counted, since an item may be met early.
        """
        oldest = np.maximum(log_days - self._horizon.behind, self.meetings.first)
        taken = (events.items != NO_ITEM) | (events.ranks > 0)
        taken &= (events.days >= oldest) & ~future
        if not taken.any():
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        events = events[taken]
        known_from = log_days[taken] - self._horizon.amendment
        is_news = self.meetings.add(events.items, events.ids, events.days, events.ranks, known_from)
        rows, found = self._students.known_rows(events.students[is_news])
        return rows[found], events.days[is_news][found]

    def held(self, kind: Kind, rows: Rows, first: int, last: int, closing: int) -> DueItems:
        """The items of a kind that are due from `first` to `last`, as a closing knows them."""
        earliest = first - self._horizon.extension_of(kind)
        columns, said = self._expected.due(self._students.ids[rows], kind, earliest, last)
        due = self._excuses.extended(kind, rows[columns], said.due, closing)
        are_due = (first <= due) & (due <= last)
        columns, said, due = columns[are_due], said[are_due], due[are_due]
        met = self.meetings.met(said.items, said.due - self._horizon.early, closing)
        return DueItems(columns, due, met)

    def move_to(self, first: Day) -> None:
        """Let go of what is due before `first`, and of what could meet nothing that is due then."""
        self._expected.move_to(first)
        self.meetings.move_to(Day(first - self._horizon.extension - self._horizon.early))
