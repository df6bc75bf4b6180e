"""A source that tells a plan."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from connectors.campus_day import moment
from connectors.source import (
    ActivityBatch,
    ActivityDay,
    Expectation,
    FileRead,
    Item,
    Period,
    Rejected,
    Student,
)
from schemas.reasons import Reason
from schemas.types import Day, Kind, StudentId
from tests.connectors.world import ZONE

FIRST = 16_000
KIND_OF = {"taps": Kind.TAP_IN, "loans": Kind.LIBRARY_LOAN}

Plan = list[dict[str, list[int]]]
"""Day after day, the students of each feed's events; [] for a day on which nothing happened."""

PLANS = st.lists(
    st.dictionaries(
        st.sampled_from(sorted(KIND_OF)), st.lists(st.integers(0, 30), min_size=1, max_size=20)
    ),
    min_size=1,
    max_size=8,
)


@dataclass(frozen=True, slots=True)
class PlannedSource:
    """A source of two feeds that tells a plan."""

    plan: Plan

    @property
    def feeds(self) -> Mapping[str, Sequence[Kind]]:
        return {feed: (kind,) for feed, kind in KIND_OF.items()}

    def read(self) -> Iterator[Item]:
        period = Period(Day(FIRST), None, "undergraduate", "full_time", "History", "enrolled")
        for number in range(3):
            yield Student(StudentId(number), 5, (period,))
        yield Expectation(StudentId(2), "essay", Kind.FASER_UPLOAD, "HI101", Day(FIRST + 3), 6)
        yield Rejected(Reason.MALFORMED_ROW, "it is no row; mend it", "taps.csv", 7, b"?", "taps")
        count = sum(len(students) for day in self.plan for students in day.values())
        yield FileRead("taps.csv", count + 1, 0, 1, count)
        for number, feeds in enumerate(self.plan):
            day = Day(FIRST + number)
            yield ActivityDay(day, [self._batch(day, *feed) for feed in feeds.items()])

    def _batch(self, day: Day, feed: str, students: list[int]) -> ActivityBatch:
        at = np.full(len(students), moment(day, 9, ZONE))
        key = (feed, np.arange(len(students)))
        return ActivityBatch(KIND_OF[feed], feed, np.array(students, np.int64), at, at, key, {})
