"""Random students who are excused from this and that, and what their records lead to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hypothesis import strategies as st

from schemas.types import CircumstanceSort, Day, Kind, StudentId
from scoring.circumstance import Circumstance
from scoring.evidence import Evidence, Period, PublishedPolicy
from scoring.indicator import Indicator
from scoring.items import Item
from scoring.policy import parse_policy
from scoring.profile import Profile
from scoring.recomputation import recompute
from scoring.student_days import Moment
from tests.scoring.random_policies import FIRST_DAY

LOOK_BACK, AMENDMENT, LONGEST_EXTENSION = 14, 4, 9
DAYS = LOOK_BACK + 11
"""Closed days are the last 11 of so many from `FIRST_DAY` on."""
CLOSED = range(FIRST_DAY + LOOK_BACK, FIRST_DAY + DAYS)
STUDENTS = [StudentId(7), StudentId(3), StudentId(9)]
SHARES: Final = (Kind.FASER_UPLOAD, Kind.TAP_IN)

DOCUMENT = """
version: 1
valid_from: 1970-01-01
title: test
look_back_days: 14
amendment_days: 4
minimum_counted_days: 2
minimum_weight_share: 0.2
thresholds: {low: 20, partial: 45, good: 65, high: 85}
kinds:
  moodle_course:
    {weight: 3, window_days: 5, measure: days, saturation_per_week: 5, feeds: [clicks]}
  faser_upload:
    {weight: 2, window_days: 8, measure: share, saturation_share: 1, feeds: [uploads]}
  tap_in:
    {weight: 1, window_days: 6, measure: share, saturation_share: 0.5, feeds: [taps]}
"""
POLICY = parse_policy(DOCUMENT)
PERIOD = Period(Day(FIRST_DAY - 99), None, Profile("", "full_time", "", ""))


@dataclass(frozen=True, slots=True)
class Excused:
    """What is known of one student; items on the days that were set first."""

    counts: Mapping[Day, int]
    """Of Moodle."""
    items: Mapping[Kind, Sequence[Item]]
    circumstances: Sequence[Circumstance]

    def indicator(self, at: Moment) -> Indicator:
        """By the records alone."""
        evidence = Evidence(
            counts={Kind.MOODLE_COURSE: self.counts},
            periods=[PERIOD],
            policies=[PublishedPolicy(1, Day(0), DOCUMENT)],
            items=self.items,
            excuses=self.circumstances,
        )
        found = recompute(evidence, at, by=at.complete)
        assert found is not None
        return found.indicator


_DAY = st.integers(CLOSED.start - LOOK_BACK // 2 - LONGEST_EXTENSION, CLOSED.stop - 1).map(Day)
_ITEM = st.builds(
    lambda due, after: Item(due, None if after is None else Day(due + after)),
    _DAY,
    st.none() | st.integers(-3, 9),
)
ITEMS = st.fixed_dictionaries({kind: st.lists(_ITEM, min_size=1, max_size=4) for kind in SHARES})
KINDS = st.sampled_from([(), *((kind,) for kind in POLICY.kinds), tuple(sorted(POLICY.kinds))])


@st.composite
def circumstances(draw: st.DrawFn, student: StudentId) -> Circumstance:
    """For all kinds or some, in time or late, withdrawn or not: days of closings and before."""
    first = draw(_DAY)
    declared = Day(draw(st.integers(CLOSED.start, CLOSED.stop + AMENDMENT)))
    later = draw(st.none() | st.integers(0, 6))
    return Circumstance(
        student,
        CircumstanceSort.PLACEMENT,
        draw(KINDS),
        first,
        Day(first + draw(st.integers(0, 12))),
        draw(st.sampled_from([0, 1, 4, LONGEST_EXTENSION])),
        declared,
        None if later is None else Day(declared + later),
    )


@st.composite
def excused_students(draw: st.DrawFn) -> list[Excused]:
    """One of each of `STUDENTS`."""
    counts = st.dictionaries(_DAY.filter(FIRST_DAY.__le__), st.integers(1, 3), max_size=12)
    return [
        Excused(
            draw(counts),
            draw(ITEMS),
            draw(st.lists(circumstances(student), min_size=1, max_size=3)),
        )
        for student in STUDENTS
    ]


@st.composite
def moments(draw: st.DrawFn) -> Moment:
    """A closing, or an indicator of the day in progress with feeds that lag behind."""
    complete = draw(st.integers(CLOSED.start, CLOSED.stop - 4))
    as_of = complete + draw(st.integers(1, 3))
    return Moment(Day(complete), Day(as_of), Day(draw(st.integers(complete, as_of))))
