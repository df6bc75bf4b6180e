"""The learned model is judged on courses and students it has not seen."""

from dataclasses import replace

import numpy as np
import pytest

from backtest.course import Course
from backtest.learned import risks
from backtest.synthetic import synthetic_history
from schemas.types import Kind

pytest.importorskip("sklearn", reason="the extra backtest is not installed")


def _course() -> Course:
    (course,) = synthetic_history(80, 42).courses
    return replace(course, counts={Kind.TAP_IN: course.counts[Kind.TAP_IN]})


def test_how_a_course_ended_does_not_change_what_is_said_about_it() -> None:
    first = _course()
    second = replace(first, name="second", students=[f"other {name}" for name in first.students])
    upside_down = replace(second, outcome=3 - second.outcome)
    before = risks([first, second])[1]
    after = risks([first, upside_down])[1]
    assert np.isfinite(before).all()
    assert (before == after).all()


def test_a_student_of_both_courses_is_not_learned_from() -> None:
    first = _course()
    told = risks([first, replace(first, name="second")])
    assert all(np.isnan(one).all() for one in told)  # everybody is in both: nothing is left


def test_one_course_is_parted_by_students_and_everybody_is_told() -> None:
    (told,) = risks([_course()])
    assert np.isfinite(told).all()
