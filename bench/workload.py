"""The events of a benchmark: made from a seed, in order of time, as columns.

Shaped like a campus rather than evenly: kinds by the shares below, students by a gamma
distribution, so that a few do a lot and some nearly nothing; the times of day are even.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import STUDENT_ID_LIMIT, Day, Kind
from streams.campus import DAY_MS

CHUNK_EVENTS: Final = 250_000  # made and encoded at once; bounds memory, not the result
_ACTIVITY_SHAPE: Final = 1.5  # of the gamma distribution of how active students are

SHARES: Final[Mapping[Kind, float]] = {
    Kind.TAP_IN: 0.20,
    Kind.FASER_UPLOAD: 0.01,
    Kind.FASER_VIEW: 0.05,
    Kind.LIBRARY_LOAN: 0.02,
    Kind.LISTEN_AGAIN: 0.05,
    Kind.PC_LOGIN: 0.07,
    Kind.READING_LIST: 0.05,
    Kind.MOODLE_COURSE: 0.35,
    Kind.MOODLE_LOGIN: 0.12,
    Kind.MOODLE_MOBILE: 0.08,
}
"""Of all events, how many are of each kind; those of the prototypes that the peers ran on."""

ONE_KIND: Final[Mapping[Kind, float]] = {Kind.MOODLE_COURSE: 1.0}
"""Everything on one topic."""


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Events of some consecutive campus days, in order of time; arrays have one entry an event."""

    days: range
    occurred_at: NDArray[np.int64]
    """UTC milliseconds."""
    students: NDArray[np.int64]
    kinds: NDArray[np.int64]
    """Places in `Workload.kinds`."""
    ids: NDArray[np.uint8]
    """Event ids, [n, 16]."""


@dataclass(frozen=True, slots=True)
class Workload:
    """`events` events of `students` students on `days` UTC days from `first` on."""

    events: int
    students: int
    first: Day
    days: int
    shares: Mapping[Kind, float]
    seed: int = 1

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds that occur."""
        return tuple(self.shares)

    @property
    def last(self) -> Day:
        """The last day."""
        return Day(self.first + self.days - 1)

    def pseudonyms(self) -> NDArray[np.int64]:
        """The students: distinct, spread over all pseudonyms, in no order."""
        random = np.random.default_rng(self.seed)
        step = STUDENT_ID_LIMIT // self.students
        spread = np.arange(self.students, dtype=np.int64) * step
        students: NDArray[np.int64] = spread + random.integers(0, step, self.students)
        random.shuffle(students)
        return students

    def chunks(self) -> Iterator[Chunk]:
        """All events, whole days at a time; the same whenever it is asked for."""
        random = np.random.default_rng(self.seed + 1)
        students = self.pseudonyms()
        # Where a student's share of all events ends: one even number finds the student.
        ends = np.cumsum(random.gamma(_ACTIVITY_SHAPE, size=self.students))
        shares = np.fromiter(self.shares.values(), float)
        of_day = np.diff(np.arange(self.days + 1) * self.events // self.days)
        days_at_once = max(1, CHUNK_EVENTS * self.days // max(1, self.events))
        for start in range(0, self.days, days_at_once):
            days = range(self.first + start, self.first + min(start + days_at_once, self.days))
            count = int(of_day[start : start + days_at_once].sum())
            low, high = days.start * DAY_MS, days.stop * DAY_MS
            yield Chunk(
                days=days,
                occurred_at=np.sort(random.integers(low, high, count)),
                students=students[np.searchsorted(ends, random.random(count) * ends[-1])],
                kinds=random.choice(len(shares), count, p=shares / shares.sum()),
                ids=random.integers(0, 256, (count, 16), np.uint8),
            )
