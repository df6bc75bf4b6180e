import numpy as np
from aiokafka.partitioner import murmur2
from hypothesis import given
from hypothesis import strategies as st

from schemas.keys import (
    partition_of,
    partitions_of,
    student_day_key,
    student_day_keys,
    student_key,
    student_keys,
)
from schemas.types import STUDENT_ID_LIMIT, Day, StudentId

STUDENTS = st.lists(st.integers(0, STUDENT_ID_LIMIT - 1).map(StudentId), min_size=1, max_size=20)


@given(students=STUDENTS, partitions=st.integers(1, 200))
def test_the_partition_is_that_of_kafkas_own_partitioner(
    students: list[StudentId], partitions: int
) -> None:
    by_kafka = [(murmur2(student_key(s)) & 0x7FFFFFFF) % partitions for s in students]
    assert partitions_of(np.array(students), partitions).tolist() == by_kafka
    assert [partition_of(student, partitions) for student in students] == by_kafka


@given(students=STUDENTS, day=st.integers(-10_000, 100_000).map(Day))
def test_many_keys_are_the_single_keys(students: list[StudentId], day: Day) -> None:
    ids = np.array(students)
    assert student_keys(ids) == [student_key(s) for s in students]
    days = np.full(len(ids), day)
    assert student_day_keys(ids, days) == [student_day_key(s, day) for s in students]
    assert all(
        key.startswith(student_key(s))
        for s, key in zip(students, student_day_keys(ids, days), strict=True)
    )
