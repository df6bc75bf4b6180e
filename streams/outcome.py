"""What a partition has to say after it advanced: all of it goes out in one transaction."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from broker.records import Rejected
from schemas.topics import Topic
from schemas.types import Cause, Day
from scoring.alerts import Alert
from streams.evaluation import Cells
from streams.gaps import Gap
from streams.stamp import Stamp
from streams.states import States, sort_of, statuses_in

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Closings:
    """Closing indicators, `cells.days` being the closed days."""

    cells: Cells
    revisions: Integers
    cause: Cause

    @property
    def alike(self) -> object:
        """What has to be equal in others to be published together; so below."""
        return self.cells.policy.version, self.cells.sort, self.cause

    def __len__(self) -> int:
        return len(self.cells)


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes of status or band, in order of their sequence a student; all arrays are [n]."""

    students: Integers
    as_of: Integers
    previous: States
    states: States
    score_hundredths: Integers
    sequences: Integers
    cause: Cause
    policy: int

    @property
    def alike(self) -> object:
        """As above."""
        return self.cause, self.policy

    def __len__(self) -> int:
        return len(self.students)


@dataclass(frozen=True, slots=True)
class Indicators:
    """Current indicators of students."""

    cells: Cells
    states: States
    as_of: Day
    sequences: Integers
    versions: Integers

    @property
    def sort(self) -> str:
        """Of all of them: `sort_of`."""
        return sort_of(int(statuses_in(self.states[:1])[0]))

    @property
    def alike(self) -> object:
        """As above."""
        return self.cells.policy.version, self.as_of, self.sort

    def __len__(self) -> int:
        return len(self.cells)


@dataclass(frozen=True, slots=True)
class Daily:
    """Counts a student and day: `counts` is [kind, n]."""

    students: Integers
    days: Integers
    revisions: Integers
    counts: NDArray[np.uint32]

    @property
    def alike(self) -> object:
        """As above."""
        return ()

    def __len__(self) -> int:
        return len(self.students)


@dataclass(frozen=True, slots=True)
class Alerts:
    """Alerts that were raised, ended, withdrawn, or whose evidence moved; all lists are [n]."""

    topic: Topic  # of welfare, or of compliance
    students: Sequence[int]
    alerts: Sequence[Alert]
    are_withdrawn: Sequence[bool]
    revisions: Sequence[int]
    cause: Cause

    def __len__(self) -> int:
        return len(self.students)


@dataclass(slots=True)
class Tally:
    """Events by topic and by what became of them; those read are the sum of all."""

    applied: Counter[str] = field(default_factory=Counter)
    duplicate: Counter[str] = field(default_factory=Counter)
    too_late: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)

    def add(
        self, topic: str, *, applied: int, duplicate: int, too_late: int, quarantined: int
    ) -> None:
        """Count events of a topic."""
        for counter, number in (
            (self.applied, applied),
            (self.duplicate, duplicate),
            (self.too_late, too_late),
            (self.quarantined, quarantined),
        ):
            if number:
                counter[topic] += number


@dataclass(slots=True)
class Outcome:
    """Everything to publish, and what was counted on the way."""

    closings: list[Closings] = field(default_factory=list)
    changes: list[Changes] = field(default_factory=list)
    indicators: list[Indicators] = field(default_factory=list)
    daily: list[Daily] = field(default_factory=list)
    alerts: list[Alerts] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    rejected: list[tuple[str, Rejected]] = field(default_factory=list)  # topic and record
    closed: Day | None = None  # the last day closed by this
    students: int = 0
    live: Tally = field(default_factory=Tally)
    replayed: Tally = field(default_factory=Tally)

    @property
    def closings_size(self) -> int:
        """How many closings it holds."""
        return sum(len(closings.cells) for closings in self.closings)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to publish."""
        return self.closed is None and not (
            self.closings
            or self.changes
            or self.indicators
            or self.daily
            or self.alerts
            or self.gaps
            or self.rejected
        )


class Told(NamedTuple):
    """The outcome of a partition, and what goes into each of its records."""

    partition: int
    outcome: Outcome
    stamp: Stamp
