"""A course of the past: what its students did day by day, what was due, and how they ended."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day, Kind
from scoring.calendar import Calendar
from scoring.due_items import DueItems
from scoring.profile import Profile

DAYS_A_WEEK: Final = 7


class Outcome(IntEnum):
    """How a student ended, the worst first; `UNKNOWN` takes no part in what is about outcomes."""

    UNKNOWN = -1
    WITHDRAWN = 0
    FAIL = 1
    PASS = 2
    DISTINCTION = 3

    @property
    def is_adverse(self) -> bool:
        """Whether this is what somebody would have liked to know in time."""
        return self in (Outcome.WITHDRAWN, Outcome.FAIL)


OUTCOMES: Final[Mapping[str, Outcome]] = {
    outcome.name.lower(): outcome for outcome in Outcome if outcome is not Outcome.UNKNOWN
}
"""By the words that files use, in any case."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """One run of a course: T campus days of S students. A student of two courses is in both.

    Nobody is registered before the first day: row 0 is where history begins.
    """

    name: str
    start: Day
    """The first day, row 0: week 1 begins here."""
    students: Sequence[str]
    """How the files name them, [S]; a student of two courses has the same name in both."""
    counts: Mapping[Kind, NDArray[np.uint32]]
    """Events of the kinds that the files hold, [T, S] each."""
    coursework: Mapping[Kind, DueItems]
    """What was due, by the kind that meets it."""
    enrolled: NDArray[np.bool_]
    """Days on which a student was registered, [T, S]."""
    outcome: NDArray[np.int64]
    """`Outcome`, [S]."""
    withdrew: NDArray[np.int64]
    """Campus day of withdrawal, [S]; `NEVER` for who stayed."""
    profiles: Sequence[Profile]
    """What the record says of each student, [S]."""
    weight_percent: NDArray[np.int64]
    """Calendar weight of each day, [T, 1]."""
    tutor: Sequence[str] = field(default=())
    """Each student's tutor, [S]; empty where the files do not say."""
    excused: Mapping[Kind, NDArray[np.bool_]] = field(default_factory=dict)
    """Days that weigh nothing for a kind, [T, S]; kinds that agree share an array."""

    def of(self, chosen: NDArray[np.bool_]) -> "Course":
        """Give the course with some of its students, [S]."""
        place = np.cumsum(chosen) - 1
        coursework = {}
        for kind, items in self.coursework.items():
            kept = chosen[items.student]
            coursework[kind] = DueItems(
                place[items.student[kept]], items.due[kept], items.met[kept]
            )
        columns = np.flatnonzero(chosen).tolist()
        excused = {id(days): days[:, chosen] for days in self.excused.values()}
        return replace(
            self,
            students=[self.students[column] for column in columns],
            counts={kind: counts[:, chosen] for kind, counts in self.counts.items()},
            coursework=coursework,
            enrolled=self.enrolled[:, chosen],
            outcome=self.outcome[chosen],
            withdrew=self.withdrew[chosen],
            profiles=[self.profiles[column] for column in columns],
            tutor=[self.tutor[column] for column in columns] if self.tutor else (),
            excused={kind: excused[id(days)] for kind, days in self.excused.items()},
        )

    def excused_from(self, kinds: Iterable[Kind], *, at_least_one: bool) -> NDArray[np.bool_]:
        """Give the days that weigh nothing for every one of some kinds, or for at least one.

        [T, S], or [T, 1] where there are none.
        """
        none = np.zeros((self.days, 1), np.bool_)
        days = [self.excused.get(kind, none) for kind in kinds]
        both = np.logical_or if at_least_one else np.logical_and
        excused: NDArray[np.bool_] = functools.reduce(both, days, none if not days else days[0])
        return excused

    def weighed_by(self, calendar: Calendar) -> "Course":
        """Give the course on the days of a campus calendar: its vacations weigh what it says."""
        days = np.arange(self.start, self.start + self.days)
        return replace(self, weight_percent=calendar.weights(days)[:, np.newaxis])

    @property
    def days(self) -> int:
        """T."""
        return len(self.enrolled)

    @property
    def size(self) -> int:
        """S."""
        return len(self.students)

    @property
    def last(self) -> Day:
        """The last day."""
        return Day(self.start + self.days - 1)

    @property
    def weeks(self) -> int:
        """Whole weeks."""
        return self.days // DAYS_A_WEEK

    def registered(self, week: int) -> NDArray[np.bool_]:
        """Who is still registered on the last day of a week, [S]."""
        registered: NDArray[np.bool_] = self.enrolled[row_of_week(week)]
        return registered

    @property
    def has_outcome(self) -> NDArray[np.bool_]:
        """Whose outcome is known, [S]."""
        return np.not_equal(self.outcome, int(Outcome.UNKNOWN))

    @property
    def is_adverse(self) -> NDArray[np.bool_]:
        """Who failed or withdrew, [S]."""
        adverse = [int(outcome) for outcome in Outcome if outcome.is_adverse]
        return np.isin(self.outcome, adverse)


def row_of_week(week: int) -> int:
    """Give the row of the last day of a week; the first week is 1."""
    return week * DAYS_A_WEEK - 1


@dataclass(frozen=True, slots=True)
class History:
    """What was read: courses in order of start and name, and what could not be used."""

    courses: Sequence[Course]
    problems: Sequence[str]
    """One sentence each: file, line, reason."""
