"""Cohorts: what is published tells of nobody."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from scoring.cohorts import Cohort, cohorts
from scoring.suppression import FLOOR, publishable, rounded


@st.composite
def campuses(draw: st.DrawFn) -> tuple[list[str], list[str], list[frozenset[str]]]:
    cells = st.tuples(
        st.sampled_from("ABC"), st.sampled_from("12"), st.frozensets(st.sampled_from("xyz"))
    )
    groups = draw(st.lists(st.tuples(cells, st.integers(1, 25)), max_size=8))
    students = [cell for cell, number in groups for _ in range(number)]
    programme, level, modules = zip(*students, strict=True) if students else ((), (), ())
    return list(programme), list(level), list(modules)


def _rows(campus: tuple[list[str], list[str], list[frozenset[str]]]) -> NDArray[np.bool_]:
    cohorts_asked = [
        *((p, n, "") for p in ("", *"ABC") for n in ("", *"12")),
        *(("", "", m) for m in "xyz"),
    ]
    students = list(zip(*campus, strict=True))
    inside = [
        [
            p in ("", programme) and n in ("", level) and (not m or m in modules)
            for programme, level, modules in students
        ]
        for p, n, m in cohorts_asked
    ]
    return np.array(inside, np.bool_).reshape(len(cohorts_asked), len(students))


def _rank(rows: list[list[int]]) -> int:
    """The rank, in exact arithmetic, by elimination: nothing in common with what is tested."""
    left = [[Fraction(cell) for cell in row] for row in rows]
    rank = 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in left[rank:] if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left.insert(rank, pivot)
        for at in range(rank + 1, len(left)):
            factor = left[at][column] / pivot[column]
            left[at] = [a - factor * b for a, b in zip(left[at], pivot, strict=True)]
        rank += 1
    return rank


@given(campuses())
def test_no_suppressed_cohort_is_a_sum_or_difference_of_published_ones(
    campus: tuple[list[str], list[str], list[frozenset[str]]],
) -> None:
    members = _rows(campus)
    published = publishable(members)
    alike = np.unique(members, axis=1).astype(int)
    known = alike[published].tolist()
    for row in np.flatnonzero(~published & members.any(axis=1)):
        assert _rank([*known, alike[row].tolist()]) == _rank(known) + 1


@given(campuses())
def test_no_published_cohort_is_small_and_none_is_nearly_another(
    campus: tuple[list[str], list[str], list[frozenset[str]]],
) -> None:
    members = _rows(campus)
    shown = members[publishable(members)]
    assert (shown.sum(axis=1) >= FLOOR).all()
    for inner in shown:
        for outer in shown:
            if not (inner & ~outer).any():
                assert (outer & ~inner).sum() not in range(1, FLOOR)


@given(campuses())
def test_the_order_of_students_changes_nothing(
    campus: tuple[list[str], list[str], list[frozenset[str]]],
) -> None:
    members = _rows(campus)
    assert publishable(members).tolist() == publishable(members[:, ::-1]).tolist()


def test_large_cohorts_that_tell_of_nobody_are_all_published() -> None:
    everybody = np.ones(60, np.bool_)
    halves = np.repeat([[True, False], [False, True]], 30, axis=1)
    assert publishable(np.stack([everybody, *halves])).all()


def test_a_single_small_cohort_takes_the_next_smallest_with_it() -> None:
    programme = ["A"] * 30 + ["B"] * 20 + ["C"] * 4
    rows = cohorts(
        programme, ["1"] * 54, [frozenset()] * 54, {"score": np.arange(54, dtype=np.float64)}
    )
    suppressed = {row.cohort for row in rows if row.is_suppressed}
    assert Cohort(programme="C") in suppressed
    assert Cohort(programme="B") in suppressed
    assert Cohort(programme="A") not in suppressed
    assert Cohort() not in suppressed
    assert all(not row.summaries for row in rows if row.is_suppressed)


def test_figures_are_those_of_the_students_who_have_them() -> None:
    values = np.r_[np.arange(20.0), np.nan]
    (everybody, *_) = cohorts(["A"] * 21, ["1"] * 21, [frozenset()] * 21, {"score": values})
    summary = everybody.summaries["score"]
    assert (summary.students, summary.mean, summary.median) == (20, 9.5, 9.5)
    assert (summary.quartile, summary.upper_quartile) == (4.8, 14.2)


@given(st.integers(0, 10_000))
def test_numbers_are_rounded_to_the_nearest_5(students: int) -> None:
    assert rounded(students) % 5 == 0
    assert abs(rounded(students) - students) <= 2
