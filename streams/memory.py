"""What was published about a partition, as columns: the result of reading its topics back.

Of each key the last record counts. Decoding is in `streams.recall`, which reads the topics.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day, StudentId
from scoring.alerts import Alert
from streams.circumstances import Said
from streams.expected import NO_EXPECTATIONS, Expectations
from streams.periods import SaidOfStudents
from streams.sponsorships import SaidOfSponsors
from streams.states import States

Integers = NDArray[np.int64]


def _integers() -> Integers:
    return np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class RememberedIndicators:
    """One entry a student."""

    students: Integers = field(default_factory=_integers)
    states: States = field(default_factory=lambda: np.zeros(0, np.int16))
    sequences: Integers = field(default_factory=_integers)
    versions: Integers = field(default_factory=_integers)
    digests: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))


@dataclass(frozen=True, slots=True, eq=False)
class RememberedClosings:
    """One entry a student and day."""

    students: Integers = field(default_factory=_integers)
    days: Integers = field(default_factory=_integers)
    revisions: Integers = field(default_factory=_integers)
    states: States = field(default_factory=lambda: np.zeros(0, np.int16))
    digests: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))


@dataclass(frozen=True, slots=True, eq=False)
class RememberedDaily:
    """One entry a student and day; of the counts their digest (`streams.digests.of_counts`)."""

    students: Integers = field(default_factory=_integers)
    days: Integers = field(default_factory=_integers)
    revisions: Integers = field(default_factory=_integers)
    digests: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))


@dataclass(frozen=True, slots=True)
class RememberedAlert:
    """An alert as it was published last."""

    student: StudentId
    alert: Alert
    is_withdrawn: bool
    revision: int


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """Everything a new owner has to know of what the former one said."""

    closed: Day | None = None
    indicators: RememberedIndicators = field(default_factory=RememberedIndicators)
    closings: RememberedClosings = field(default_factory=RememberedClosings)
    daily: RememberedDaily = field(default_factory=RememberedDaily)
    alerts: tuple[RememberedAlert, ...] = ()
    compliance_alerts: tuple[RememberedAlert, ...] = ()
    periods: SaidOfStudents = field(default_factory=dict)
    expectations: Expectations = NO_EXPECTATIONS
    circumstances: Said = field(default_factory=dict)
    sponsorships: SaidOfSponsors = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever said."""
        return self.closed is None and not len(self.indicators.students)
