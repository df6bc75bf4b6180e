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
    row = students.rows_of(np.array([7]))
    students.set_periods(row, [periods])
    days = np.arange(0, 50)
    wanted = [any(p.start <= d and (p.end is None or d <= p.end) for p in periods) for d in days]
    assert students.enrolled(days, row)[:, 0].tolist() == wanted


STUDIES = [Profile(level, "full_time", "History", "enrolled") for level in ("a", "b", "c")]


@given(spans=st.lists(st.tuples(SPANS, st.sampled_from(STUDIES)), max_size=4))
def test_how_somebody_studies_on_a_day_says_the_period_that_began_last(
    spans: list[tuple[tuple[int, int | None], Profile]],
) -> None:
    periods = [
        Period(Day(a), None if n is None else Day(a + n), profile) for (a, n), profile in spans
    ]
    students = Students()
    row = students.rows_of(np.array([7]))
    students.set_periods(row, [periods])
    places = students.places(np.arange(0, 50), row)[:, 0].tolist()
    for day, place in enumerate(places):
        holding = [p for p in periods if p.start <= day and (p.end is None or day <= p.end)]
        latest = max((p.start for p in holding), default=0)
        wanted = {p.profile for p in holding if p.start == latest} or {NO_PROFILE}
        assert students.profiles[place] in wanted


def test_the_same_record_again_is_no_change() -> None:
    students = Students()
    row = students.rows_of(np.array([7]))
    periods = [Period(Day(1), Day(5)), Period(Day(9), None)]

    def changes(record: list[Period]) -> bool:
        return len(students.set_periods(row, [record])) == 1

    assert changes(periods)
    assert not changes(list(reversed(periods)))
    assert changes(periods[:1])
    assert changes([Period(Day(1), Day(5), STUDIES[0])])
    assert changes([])
    assert not changes([])


RECORDS = st.lists(st.lists(st.tuples(SPANS, st.sampled_from(STUDIES)), max_size=3), max_size=6)


@given(before=RECORDS, after=RECORDS)
def test_records_set_together_are_what_each_is_alone(
    before: list[list[tuple[tuple[int, int | None], Profile]]],
    after: list[list[tuple[tuple[int, int | None], Profile]]],
) -> None:
    days, together, alone = np.arange(0, 50), Students(), Students()
    for spans in (before, after):
        records = [
            [Period(Day(a), None if n is None else Day(a + n), studies) for (a, n), studies in one]
            for one in spans
        ]
        ids = np.arange(len(records))
        rows = together.rows_of(ids)
        changed = set(together.set_periods(rows, records).tolist())
        for row, record in zip(alone.rows_of(ids), records, strict=True):
            assert (len(alone.set_periods(row[None], [record])) == 1) == (row in changed)
    rows = together.rows_of(np.arange(max(len(before), len(after))))
    for told in (Students.enrolled, Students.places):
        assert (told(together, days, rows) == told(alone, days, rows)).all()
