"""Of each item the last record counts, and a deletion withdraws it: as a dictionary says."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from broker.decoder import Decoded, Decoder
from schemas.avro import schema_of
from schemas.keys import student_item_key
from schemas.topics import EXPECTATION
from schemas.types import KINDS, Day, Kind, StudentId
from schemas.wire import encode
from scoring.due_items import NEVER
from streams.campus import as_date, as_instant
from streams.expected import Expected, expectations_in, ranges_of
from streams.item_words import NO_ITEM, met_by
from tests.broker.batches import Record, batch, slice_of

STUDENTS = [11, 12, 2**53 - 1]
ITEMS = ["essay", "the essay of the second term", "é", ""]
FIRST = 16_000
EXTENSION = 2
EXTENSIONS = {Kind.FASER_UPLOAD: EXTENSION}


class Said(NamedTuple):
    """A record; without a day it is a deletion."""

    student: int
    item: str
    kind: Kind
    due: int | None


SAID = st.lists(
    st.builds(
        Said,
        st.sampled_from(STUDENTS),
        st.sampled_from(ITEMS),
        st.sampled_from([Kind.FASER_UPLOAD, Kind.TAP_IN, Kind.PC_LOGIN]),
        st.none() | st.integers(FIRST - 3, FIRST + 5),
    ),
    max_size=20,
)


def decoded(records: Sequence[Said], base: int = 0) -> Decoded:
    decoder = Decoder(schema_of(EXPECTATION), 1, lambda _: None, allow_tombstones=True)
    return decoder.decode(slice_of(batch([_record(one) for one in records], base=base)))


def _record(one: Said) -> Record:
    key = student_item_key(StudentId(one.student), one.item)
    if one.due is None:
        return Record(key, None)
    value: dict[str, object] = {
        "student": one.student,
        "item": one.item,
        "kind": one.kind.value,
        "module": None,
        "due": as_date(one.due),
        "recorded_at": as_instant(0),
    }
    return Record(key, encode(EXPECTATION, 1, value))


def held_of(expected: Expected) -> dict[tuple[int, int], tuple[int, int]]:
    """By student and word of the item: its kind, and its day."""
    held: dict[tuple[int, int], tuple[int, int]] = {}
    for place, kind in enumerate(KINDS):
        which, said = expected.due(np.array(STUDENTS), kind, -NEVER, NEVER)
        assert (np.diff(which) >= 0).all()
        assert said.students.tolist() == [STUDENTS[at] for at in which.tolist()]
        assert set(said.kinds.tolist()) <= {place}
        columns = (said.students, said.items, said.due)
        for student, item, due in zip(*(column.tolist() for column in columns), strict=True):
            assert (student, item) not in held
            held[student, item] = (place, due)
    return held


def word(student: int, item: str, kind: Kind) -> int:
    """As an activity that meets it names it."""
    return int(met_by(pl.Series([item]), np.array([student]), kind)[0])


def is_held(one: Said) -> bool:
    """What may be put off is held for as long as it may lie in the days that are held."""
    return one.due is not None and one.due + EXTENSIONS.get(one.kind, 0) >= FIRST + EXTENSION


@given(st.lists(SAID, max_size=4))
def test_the_last_record_of_an_item_counts_however_the_log_is_cut(
    slices: list[list[Said]],
) -> None:
    expected = Expected(EXTENSIONS)
    expected.move_to(Day(FIRST + EXTENSION))
    last: dict[tuple[int, str], Said] = {}
    for records in filter(None, slices):
        before = {key: one for key, one in last.items() if is_held(one)}
        last |= {(one.student, one.item): one for one in records}
        now = {key: one for key, one in last.items() if is_held(one)}
        differing = {
            key: min(one.due or NEVER for one in (before.get(key), now.get(key)) if one)
            for key in before.keys() | now.keys()
            if before.get(key) != now.get(key)
        }
        students, days = expected.take(expectations_in([decoded(records)]))
        assert sorted(zip(students.tolist(), days.tolist(), strict=True)) == sorted(
            (student, day) for (student, _), day in differing.items()
        )
        assert held_of(expected) == {
            (one.student, word(one.student, one.item, one.kind)): (KINDS.index(one.kind), one.due)
            for one in now.values()
        }


@given(SAID, st.lists(st.integers(0, 20)))
def test_a_log_that_is_read_at_once_is_read_as_slice_by_slice(
    records: list[Said], cuts: list[int]
) -> None:
    edges = sorted({0, len(records), *(cut for cut in cuts if cut < len(records))})
    parts = [decoded(records[a:b], base=a) for a, b in pairwise(edges)]
    at_once, by_slices = Expected({}), Expected({})
    at_once.take(expectations_in(parts))
    for part in parts:
        by_slices.take(expectations_in([part]))
    assert held_of(at_once) == held_of(by_slices)


@given(SAID, st.integers(FIRST - 3, FIRST + 5))
def test_what_was_due_before_the_days_held_is_let_go_of(records: list[Said], first: int) -> None:
    held, later = Expected({}), Expected({})
    said = expectations_in([decoded(records)] if records else [])
    held.take(said)
    held.move_to(Day(first))
    later.move_to(Day(first))
    later.take(said)
    assert held_of(held) == held_of(later)
    assert all(due >= first for _, due in held_of(held).values())


def test_an_activity_that_names_nothing_meets_nothing() -> None:
    texts = pl.Series([None, "essay", None], dtype=pl.String)
    words = met_by(texts, np.array([11, 11, 12]), Kind.FASER_UPLOAD)
    assert (words == NO_ITEM).tolist() == [True, False, True]


@given(st.integers(0, 2**32), st.integers(0, 4_000), st.integers(0, 3_000), st.integers(1, 64))
def test_each_of_many_is_found_wherever_it_lies(
    seed: int, known: int, wanted: int, bits: int
) -> None:
    random = np.random.default_rng(seed)
    some = random.integers(0, 2**bits, max(known, 1), np.uint64)
    held = np.sort(random.choice(some, known))
    others = random.integers(0, 2**bits, wanted, np.uint64)
    sought = np.where(random.random(wanted) < 0.7, random.choice(some, wanted), others)
    which, at = ranges_of(held, sought)
    places: dict[int, list[int]] = {}
    for place, number in enumerate(held.tolist()):
        places.setdefault(number, []).append(place)
    pairs = [(i, at) for i, number in enumerate(sought.tolist()) for at in places.get(number, [])]
    assert list(zip(which.tolist(), at.tolist(), strict=True)) == pairs
