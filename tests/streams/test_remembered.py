"""What is remembered of records does not depend on how the log was cut, and suffices to compare."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from broker.decoder import Decoder
from schemas.avro import schema_of
from schemas.keys import student_day_key
from schemas.topics import DAILY
from schemas.types import KINDS, Day, StudentId
from schemas.wire import encode
from streams.digests import of_counts
from streams.remembered import daily_of, narrowed
from tests.broker.batches import Record, batch, slice_of

SCHEMA_ID = 7
COUNTS = st.lists(st.integers(0, 2), min_size=len(KINDS), max_size=len(KINDS)).map(tuple)
SAID = st.lists(st.tuples(st.integers(1, 2), st.integers(100, 102), COUNTS), max_size=12)


def record_of(student: int, day: int, revision: int, counts: tuple[int, ...]) -> Record:
    told: dict[str, object] = {
        "student": student,
        "day": day,
        "revision": revision,
        "counted_at": 0,
        "writer": "test",
        **{kind.value: count for kind, count in zip(KINDS, counts, strict=True)},
    }
    key = student_day_key(StudentId(student), Day(day))
    return Record(key, encode(DAILY, SCHEMA_ID, told))


@given(said=SAID, cuts=st.lists(st.integers(1, 12)))
def test_of_a_student_and_day_the_last_row_is_remembered(
    said: list[tuple[int, int, tuple[int, ...]]], cuts: list[int]
) -> None:
    records = [record_of(s, d, number, counts) for number, (s, d, counts) in enumerate(said)]
    decoder = Decoder(schema_of(DAILY), SCHEMA_ID, lambda _: None)
    edges = sorted({0, len(records), *(cut for cut in cuts if cut < len(records))})
    frames = [
        narrowed(DAILY, decoder.decode(slice_of(batch(records[a:b], base=a))).rows.values)
        for a, b in pairwise(edges)
    ]
    daily = daily_of(frames)
    last = {(s, d): (number, counts) for number, (s, d, counts) in enumerate(said)}
    names = list(zip(daily.students.tolist(), daily.days.tolist(), strict=True))
    assert sorted(names) == sorted(last)
    assert daily.revisions.tolist() == [last[name][0] for name in names]
    wanted = [digest_of(last[name][1]) for name in names]
    assert daily.digests.tolist() == wanted


@given(one=COUNTS, other=COUNTS)
def test_digests_are_equal_where_all_counts_are(
    one: tuple[int, ...], other: tuple[int, ...]
) -> None:
    assert (digest_of(one) == digest_of(other)) == (one == other)


def test_a_row_of_noughts_is_remembered_as_no_row() -> None:
    assert digest_of((0,) * len(KINDS)) == 0


def digest_of(counts: tuple[int, ...]) -> int:
    return int(of_counts([np.array([count], np.uint32) for count in counts])[0])
