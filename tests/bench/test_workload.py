"""A workload is the same whenever it is made, and all of it lies where it says."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bench.workload import ONE_KIND, SHARES, Workload
from schemas.types import STUDENT_ID_LIMIT, Day
from streams.campus import DAY_MS

workloads = st.builds(
    Workload,
    events=st.integers(0, 5_000),
    students=st.integers(1, 300),
    first=st.integers(8_000, 30_000).map(Day),
    days=st.integers(1, 40),
    shares=st.sampled_from([SHARES, ONE_KIND]),
    seed=st.integers(0, 5),
)


@given(workloads)
def test_as_many_events_as_asked_for_in_order_of_time_on_the_days_asked_for(
    workload: Workload,
) -> None:
    chunks = list(workload.chunks())
    occurred = np.concatenate([chunk.occurred_at for chunk in chunks])
    assert len(occurred) == workload.events
    assert (np.diff(occurred) >= 0).all()
    assert all(day in range(workload.first, workload.last + 1) for day in occurred // DAY_MS)
    assert [day for chunk in chunks for day in chunk.days] == list(
        range(workload.first, workload.last + 1)
    )


@given(workloads)
def test_students_are_distinct_pseudonyms_and_only_they_have_events(workload: Workload) -> None:
    students = workload.pseudonyms()
    assert len(np.unique(students)) == workload.students
    assert ((students >= 0) & (students < STUDENT_ID_LIMIT)).all()
    for chunk in workload.chunks():
        assert np.isin(chunk.students, students).all()


@given(workloads)
def test_the_same_seed_gives_the_same_events(workload: Workload) -> None:
    for one, other in zip(workload.chunks(), workload.chunks(), strict=True):
        assert np.array_equal(one.ids, other.ids)
        assert np.array_equal(one.students, other.students)
        assert np.array_equal(one.kinds, other.kinds)
