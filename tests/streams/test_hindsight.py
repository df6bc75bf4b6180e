"""What came too late for a closing, against a list that is looked through."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from schemas.types import Day
from streams.hindsight import Hindsight, Steps

AMENDMENT = 5
BEFORE = Day(95)
DAYS = st.integers(80, 120)
EVENTS = st.lists(
    st.tuples(st.integers(0, 9), DAYS, st.integers(0, 3), st.sampled_from([-1, 1]), DAYS),
    max_size=30,
)  # kind, day, row, step, log day


def rows_of(steps: Steps) -> list[tuple[int, ...]]:
    columns = (steps.kinds, steps.days, steps.rows, steps.steps)
    return sorted(zip(*(column.tolist() for column in columns), strict=True))


@given(events=EVENTS, cut=st.integers(0, 30), later=st.integers(BEFORE, 125).map(Day))
def test_a_closing_is_computed_without_what_was_appended_after_its_amendment(
    events: list[tuple[int, ...]], cut: int, later: Day
) -> None:
    found = Hindsight(AMENDMENT, BEFORE)
    for some in (events[:cut], events[cut:]):
        kinds, days, rows, steps, log_days = np.array(some, np.int64).reshape(-1, 5).T
        found.add(kinds, days, rows, steps.astype(np.int8), log_days)
    for first in (BEFORE, later):
        found.forget(first)
        assert all(edge > first for edge in found.edges())
        for closing in range(first, 125):
            known_from = [log_day - AMENDMENT for *_, log_day in events]
            wanted = sorted(
                tuple(event[:4])
                for event, known in zip(events, known_from, strict=True)
                if known > closing and known > event[1]
            )
            assert rows_of(found.unknown_to(closing)) == wanted


@given(events=EVENTS)
def test_between_two_edges_closings_know_the_same(events: list[tuple[int, ...]]) -> None:
    found = Hindsight(AMENDMENT, BEFORE)
    kinds, days, rows, steps, log_days = np.array(events, np.int64).reshape(-1, 5).T
    found.add(kinds, days, rows, steps.astype(np.int8), log_days)
    edges = found.edges()
    assert edges == sorted(set(edges))
    for closing in range(BEFORE, 125):
        if closing + 1 not in edges:
            assert rows_of(found.unknown_to(closing)) == rows_of(found.unknown_to(closing + 1))


def test_what_no_closing_will_ask_for_is_not_kept() -> None:
    found = Hindsight(AMENDMENT, BEFORE)
    day = np.array([80])
    found.add(day * 0, day, day * 0, np.ones(1, np.int8), np.array([BEFORE + AMENDMENT]))
    assert found.edges() == []
    assert not len(found.unknown_to(0))
