"""A year that nobody lived, to measure how long a backtest of many students takes."""

from typing import Final

import numpy as np

from backtest.course import DAYS_A_WEEK, Course, History, Outcome
from schemas.types import KINDS, Day, Kind
from scoring.due_items import NEVER, DueItems
from scoring.profile import Profile
from scoring.rounding import DAY_PERCENT

_START: Final = Day(20_000)
_DUE_EVERY_DAYS: Final = 21
_ADVERSE: Final = 0.26  # as in OULAD's module AAA
_LEFT_SHARE: Final = 0.6  # of these, who leave
_HANDED_IN: Final = 0.9
_ACTIVE: Final = 0.35  # events of a kind, a day


def synthetic_history(students: int, days: int) -> History:
    """Give one course: all ten kinds, coursework every three weeks, some who leave.

    Who ends badly does less, by half on average. The same each time.
    """
    random = np.random.default_rng(1)
    is_adverse = random.random(students) < _ADVERSE
    has_left = is_adverse & (random.random(students) < _LEFT_SHARE)
    withdrew = np.where(has_left, _START + random.integers(2 * DAYS_A_WEEK, days, students), NEVER)
    day = np.arange(days)[:, np.newaxis]
    diligence = random.gamma(2.0, 0.5, students) * np.where(is_adverse, 0.5, 1.0)
    counts = {
        kind: random.poisson(_ACTIVE * diligence, (days, students)).astype(np.uint32)
        for kind in KINDS
    }
    outcome = np.where(
        has_left, Outcome.WITHDRAWN, np.where(is_adverse, Outcome.FAIL, Outcome.PASS)
    ).astype(np.int64)
    course = Course(
        name="synthetic",
        start=_START,
        students=[str(number) for number in range(students)],
        counts=counts,
        coursework={Kind.FASER_UPLOAD: _coursework(random, is_adverse, days)},
        enrolled=day + _START < withdrew,
        outcome=outcome,
        withdrew=withdrew,
        profiles=[
            Profile("undergraduate", "part_time" if number % 10 == 0 else "full_time", "P", "")
            for number in range(students)
        ],
        weight_percent=np.full((days, 1), DAY_PERCENT, np.int64),
    )
    return History([course], [])


def _coursework(
    random: np.random.Generator, is_adverse: np.typing.NDArray[np.bool_], days: int
) -> DueItems:
    due = np.arange(_DUE_EVERY_DAYS, days, _DUE_EVERY_DAYS) + _START
    student = np.repeat(np.arange(len(is_adverse)), len(due))
    all_due = np.tile(due, len(is_adverse))
    chance = np.where(is_adverse, _HANDED_IN - 0.3, _HANDED_IN)[student]
    met = all_due + random.integers(-5, 3, len(student))
    return DueItems(student, all_due, np.where(random.random(len(student)) < chance, met, NEVER))
