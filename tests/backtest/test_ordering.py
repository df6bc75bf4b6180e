"""AUC and rank correlation: what the words say, counted pair by pair."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.estimates import Estimate, draw
from backtest.ordering import concordant, spearman
from tests.backtest.worlds import course

students = st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 3)), max_size=30)


@given(students)
def test_pairs_are_counted_one_by_one_and_a_student_drawn_twice_is_two(
    those: list[tuple[int, bool, int]],
) -> None:
    score, adverse, times = (np.array([one[at] for one in those]) for at in range(3))
    adverse = adverse.astype(np.bool_)
    drawn = np.stack([np.ones(len(those)), times])
    right, pairs = concordant(score, adverse, drawn)
    for row in range(2):
        repeated = [
            one for one, number in zip(those, drawn[row], strict=True) for _ in range(int(number))
        ]
        low = [value for value, is_adverse, _ in repeated if is_adverse]
        high = [value for value, is_adverse, _ in repeated if not is_adverse]
        wanted = sum((a < b) + (a == b) / 2 for a, b in product(low, high))
        assert (right[row], pairs[row]) == (wanted, len(low) * len(high))


@given(st.lists(st.integers(0, 9), min_size=3, max_size=20, unique=True))
def test_rank_correlation_of_a_number_with_itself_is_1_and_upside_down_minus_1(
    values: list[int],
) -> None:
    array = np.array(values)
    assert spearman(array, array**3) == pytest.approx(1)
    assert spearman(array, -array) == pytest.approx(-1)


def test_rank_correlation_shares_the_ranks_of_equal_values() -> None:
    assert spearman(np.array([1, 1, 2]), np.array([1, 2, 3])) == pytest.approx(0.8660254)
    assert np.isnan(spearman(np.array([1, 1, 1]), np.array([1, 2, 3])))


def test_draws_are_of_the_course_s_own_students_and_the_same_each_time() -> None:
    courses = [course(0, students=20), course(1, students=5)]
    first, second = draw(courses), draw(courses)
    for one, again, of in zip(first, second, courses, strict=True):
        assert (one == again).all()
        assert (one.sum(axis=1) == of.size).all()
        assert (one[0] == 1).all()


def test_a_figure_that_does_not_exist_has_no_estimate() -> None:
    assert Estimate.of(np.array([np.nan, 1.0])) is None
