import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from schemas.types import Day
from scoring.profile import Profile
from streams.students import NO_PROFILE, Period, Students

IDS = st.lists(st.integers(0, 2**53 - 1), max_size=100)


@given(batches=st.lists(IDS, max_size=5))
def test_a_student_keeps_the_row_once_given(batches: list[list[int]]) -> None:
    students = Students()
    rows: dict[int, int] = {}
    for ids in batches:
        for student, row in zip(ids, students.rows_of(np.array(ids, np.int64)), strict=True):
            assert rows.setdefault(student, int(row)) == row
    assert sorted(rows.values()) == list(range(students.count))
    assert all(students.ids[row] == student for student, row in rows.items())


SPANS = st.tuples(st.integers(0, 30), st.none() | st.integers(0, 10))


@given(spans=st.lists(SPANS, max_size=4))
def test_enrolled_means_within_one_of_the_periods(spans: list[tuple[int, int | None]]) -> None:
    periods = [Period(Day(a), None if n is None else Day(a + n)) for a, n in spans]
    students = Students()
    row = int(students.rows_of(np.array([7]))[0])
    students.set_periods(row, periods)
    days = np.arange(0, 50)
    wanted = [any(p.start <= d and (p.end is None or d <= p.end) for p in periods) for d in days]
    assert students.enrolled(days, np.array([row]))[:, 0].tolist() == wanted


STUDIES = [Profile(level, "full_time", "History", "enrolled") for level in ("a", "b", "c")]


@given(spans=st.lists(st.tuples(SPANS, st.sampled_from(STUDIES)), max_size=4))
def test_how_somebody_studies_on_a_day_says_the_period_that_began_last(
    spans: list[tuple[tuple[int, int | None], Profile]],
) -> None:
    periods = [
        Period(Day(a), None if n is None else Day(a + n), profile) for (a, n), profile in spans
    ]
    students = Students()
    row = int(students.rows_of(np.array([7]))[0])
    students.set_periods(row, periods)
    places = students.places(np.arange(0, 50), np.array([row]))[:, 0].tolist()
    for day, place in enumerate(places):
        holding = [p for p in periods if p.start <= day and (p.end is None or day <= p.end)]
        latest = max((p.start for p in holding), default=0)
        wanted = {p.profile for p in holding if p.start == latest} or {NO_PROFILE}
        assert students.profiles[place] in wanted


def test_the_same_record_again_is_no_change() -> None:
    students = Students()
    row = int(students.rows_of(np.array([7]))[0])
    periods = [Period(Day(1), Day(5)), Period(Day(9), None)]
    assert students.set_periods(row, periods)
    assert not students.set_periods(row, list(reversed(periods)))
    assert students.set_periods(row, periods[:1])
    assert students.set_periods(row, [Period(Day(1), Day(5), STUDIES[0])])
    assert students.set_periods(row, [])
    assert not students.set_periods(row, [])
