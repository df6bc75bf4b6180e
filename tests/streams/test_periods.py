"""Of each student the last record counts, whatever came before, and a deletion leaves nothing."""

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from broker.decoder import Decoded, Decoder
from schemas.avro import schema_of
from schemas.keys import student_key
from schemas.topics import STUDENT
from schemas.types import Day, StudentId
from schemas.wire import encode
from scoring.profile import Profile
from streams.periods import SaidOfStudents, periods_in
from streams.recall import memory_of
from streams.students import Period, Students
from tests.broker.batches import Record, batch, slice_of

WORDS = st.sampled_from(["", "undergraduate", "History"])
PROFILES = st.builds(Profile, WORDS, st.sampled_from(["full_time", "part_time"]), WORDS, WORDS)
DAYS = st.integers(-400, 20_000).map(Day)
PERIODS = st.lists(st.builds(Period, DAYS, st.none() | DAYS, PROFILES), max_size=3)
SCHEMA_ID = 7

Said: TypeAlias = tuple[StudentId, list[Period] | None]
SAID = st.lists(
    st.tuples(st.sampled_from([1, 2, 2**53 - 1]).map(StudentId), st.none() | PERIODS), max_size=12
)


def record_of(student: StudentId, periods: list[Period] | None) -> Record:
    if periods is None:
        return Record(student_key(student), None)
    told: dict[str, object] = {
        "student": student,
        "periods": [
            {
                "from": period.start,
                "to": period.end,
                "level": period.profile.level,
                "mode": period.profile.mode,
                "programme": period.profile.programme,
                "status": period.profile.status,
            }
            for period in periods
        ],
        "recorded_at": 0,
    }
    return Record(student_key(student), encode(STUDENT, SCHEMA_ID, told))


def decoded(records: Sequence[Said], base: int = 0) -> Decoded:
    decoder = Decoder(schema_of(STUDENT), SCHEMA_ID, lambda _: None, allow_tombstones=True)
    return decoder.decode(slice_of(batch([record_of(*one) for one in records], base=base)))


@given(records=SAID, cuts=st.lists(st.integers(0, 12)))
def test_the_last_record_of_a_student_counts_however_the_log_is_cut(
    records: list[Said], cuts: list[int]
) -> None:
    edges = sorted({0, len(records), *(cut for cut in cuts if cut < len(records))})
    parts = [decoded(records[a:b], base=a) for a, b in pairwise(edges)]
    wanted = {one: None if said is None else tuple(said) for one, said in records}
    assert periods_in(parts) == wanted
    assert memory_of({}, {STUDENT: parts}).periods == wanted
    by_slices: dict[StudentId, tuple[Period, ...] | None] = {}
    for part in parts:
        by_slices |= periods_in([part])
    assert by_slices == wanted


STUDIES = [Period(Day(3), None)]
ONE, OTHER = StudentId(1), StudentId(2)


def whose(students: Students, said: SaidOfStudents) -> list[int]:
    found: list[int] = students.ids[students.take(said)].tolist()
    return found


def test_who_was_deleted_is_as_unknown_as_if_nothing_had_ever_been_said() -> None:
    students = Students()
    assert whose(students, {ONE: tuple(STUDIES)}) == [ONE]
    assert whose(students, {ONE: None, OTHER: None}) == [ONE]  # nobody knows of the other
    assert (students.count, students.is_known[0]) == (1, False)
    assert not students.enrolled(np.array([5]), np.array([0])).any()
    assert whose(students, {ONE: None}) == []
    assert whose(students, {ONE: ()}) == [ONE]  # known, and not enrolled
    assert students.is_known[0]
    assert whose(students, {OTHER: None, ONE: tuple(STUDIES)}) == [ONE]
    assert students.enrolled(np.array([5]), np.array([0])).all()
