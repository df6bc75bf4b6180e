from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from schemas.types import KINDS, Day, Kind
from streams.window import KIND_ROW, Window

FIRST, LENGTH, STUDENTS = Day(100), 9, 5
DAYS = range(FIRST, FIRST + LENGTH)
KIND = Kind.TAP_IN

EVENTS = st.lists(
    st.tuples(st.integers(FIRST, FIRST + LENGTH - 1), st.integers(0, 4), st.integers(0, 12)),
    max_size=60,
)


def add(window: Window, events: list[tuple[int, int, int]]) -> list[bool]:
    days, rows, numbers = (np.array([event[i] for event in events], np.int64) for i in range(3))
    ids = (days * 1_000_003 + rows * 7919 + numbers).astype(np.uint64)
    ranks = np.zeros(len(events), np.int64)
    return [bool(new) for new in window.add(kinds_of(numbers), days, rows, ids, ranks).is_news]


def one_kind(number: int) -> NDArray[np.int64]:
    return np.full(number, KIND_ROW[KIND])


def kinds_of(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Events of several kinds come together; the number of an id says its kind too."""
    return numbers % len(KINDS)


def count(window: Window, day: int, row: int, kind: int = KIND_ROW[KIND]) -> int:
    return int(window.counts[kind, window.span(day, day), row][0])


@given(events=EVENTS, cuts=st.lists(st.integers(0, 60)), data=st.data())
def test_counts_do_not_depend_on_order_repeats_or_cuts(
    events: list[tuple[int, int, int]], cuts: list[int], data: st.DataObject
) -> None:
    window = Window(FIRST, LENGTH, STUDENTS)
    shuffled = data.draw(st.permutations(events + events[:10]))
    edges = sorted({0, len(shuffled), *(cut for cut in cuts if cut < len(shuffled))})
    for start, end in pairwise(edges):
        add(window, shuffled[start:end])
    expected = Counter((day, row, number % len(KINDS)) for day, row, number in set(events))
    for day in range(FIRST, FIRST + LENGTH):
        for row in range(STUDENTS):
            for kind in range(len(KINDS)):
                assert count(window, day, row, kind) == expected[day, row, kind]


@given(events=EVENTS)
def test_of_an_id_that_repeats_the_first_is_the_new_one(events: list[tuple[int, int, int]]) -> None:
    window = Window(FIRST, LENGTH, STUDENTS)
    seen: set[tuple[int, int, int]] = set()
    for found, event in zip(add(window, events), events, strict=True):
        assert found == (event not in seen)
        seen.add(event)
    assert not any(add(window, events))


@given(events=EVENTS, moved=st.integers(0, LENGTH + 30))
def test_days_that_leave_the_ring_make_room_for_empty_ones(
    events: list[tuple[int, int, int]], moved: int
) -> None:
    window = Window(FIRST, LENGTH, STUDENTS)
    add(window, events)
    counts = {day: window.counts[:, window.span(day, day)].copy() for day in DAYS}
    window.move_to(Day(FIRST + moved))
    for day in range(window.first, window.end):
        found = window.counts[:, window.span(day, day)]
        if day in counts:
            assert (found == counts[day]).all()
        else:
            assert not found.any()


@given(steps=st.lists(st.tuples(st.integers(0, LENGTH + 2), st.integers(0, LENGTH - 1))))
def test_a_window_that_moves_and_moves_holds_what_its_days_were_given(
    steps: list[tuple[int, int]],
) -> None:
    window = Window(FIRST, LENGTH, STUDENTS)
    given_to: Counter[int] = Counter()
    for number, (moved, offset) in enumerate(steps):
        window.move_to(Day(window.first + moved))
        day = window.first + offset
        add(window, [(day, number % STUDENTS, number)])
        given_to[day] += 1
        held = range(window.first, window.end)
        assert [int(window.counts[:, window.span(d, d)].sum()) for d in held] == [
            given_to[d] for d in held
        ]


RANKED = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 4)), max_size=40)


@given(events=RANKED, cuts=st.lists(st.integers(0, 40)))
def test_counts_follow_the_highest_rank_of_each_id(
    events: list[tuple[int, int, int]], cuts: list[int]
) -> None:
    """An id is one student's, of one day: here the number of the id says both."""
    window = Window(FIRST, LENGTH, STUDENTS)
    edges = sorted({0, len(events), *(cut for cut in cuts if cut < len(events))})
    for start, end in pairwise(edges):
        offsets, rows, ranks = (
            np.array([event[i] for event in events[start:end]], np.int64) for i in range(3)
        )
        ids = (offsets * 10 + rows).astype(np.uint64)
        window.add(one_kind(len(ids)), FIRST + offsets, rows, ids, ranks)
    highest: dict[tuple[int, int], int] = {}
    for offset, row, rank in events:
        highest[offset, row] = max(rank, highest.get((offset, row), -1))
    for offset in range(4):
        for row in range(3):
            wanted = int(highest.get((offset, row), -1) % 2 == 0)
            assert count(window, FIRST + offset, row) == wanted


def test_a_lot_of_room_between_days_and_students_costs_no_counts() -> None:
    window = Window(FIRST, 400, 50_000)
    days, rows = np.array([FIRST, FIRST + 399]), np.array([49_999, 3])
    window.add(one_kind(2), days, rows, np.array([1, 2], np.uint64), np.zeros(2, np.int64))
    assert window.counts.sum() == 2
    assert count(window, FIRST, 49_999) == 1
