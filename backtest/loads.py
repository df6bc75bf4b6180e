"""What a policy's alerts mean for those who read them, and whom they find."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backtest.course import DAYS_A_WEEK, Outcome
from backtest.estimates import Estimate, ratio
from backtest.sample import Replayed
from scoring.due_items import NEVER

_Floats = NDArray[np.float64]
_Cells = NDArray[np.bool_]

ANY_RULE: Final = "any rule"
_HUNDRED: Final = 100


@dataclass(frozen=True, slots=True)
class Load:
    """One rule, or all of them together."""

    rule: str
    alerts: int
    per_100_students_and_week: float
    per_tutor_and_week: float
    """Of a tutor with the given number of tutees, or of the tutors that the files name."""
    busiest_week_per_tutor: float
    """The same in the week with most alerts."""
    alerted: Estimate | None
    """Share of students who were ever alerted about."""
    alerted_adverse: Estimate | None
    """Of these, the share that failed or withdrew."""
    withdrawals_found: Estimate | None
    """Of who withdrew, the share with an alert before."""
    lead_days: Sequence[float] | None
    """From the first alert to the withdrawal: quartile, median, quartile; None without any."""


def loads(
    history: Sequence[Replayed], alerts: Sequence[Mapping[str, _Cells]], tutees: int
) -> list[Load]:
    """Give the figures of all rules together, and of each."""
    if not history or not alerts[0]:
        return []
    together = [np.logical_or.reduce(list(of_course.values())) for of_course in alerts]
    number = [sum(cells.astype(np.int16) for cells in one.values()) for one in alerts]
    found = [_load(ANY_RULE, history, together, [np.asarray(one) for one in number], tutees)]
    for rule in alerts[0]:
        cells = [of_course[rule] for of_course in alerts]
        found.append(_load(rule, history, cells, [one.astype(np.int16) for one in cells], tutees))
    return found


def ever_alerted(
    history: Sequence[Replayed],
    alerts: Sequence[Mapping[str, _Cells]],
    members: Sequence[_Cells] | None = None,
) -> _Floats:
    """Give the share of students about whom any alert was raised, [1 + B]."""
    alerted, all_ = np.zeros(1), np.zeros(1)
    for place, (one, of_course) in enumerate(zip(history, alerts, strict=True)):
        some = np.ones(one.course.size, np.bool_) if members is None else members[place]
        ever = np.zeros(one.course.size, np.bool_)
        for cells in of_course.values():
            ever |= cells.any(axis=0)
        alerted = alerted + one.drawn @ (ever & some)
        all_ = all_ + one.drawn @ some
    return ratio(alerted, all_)


def _load(
    rule: str,
    history: Sequence[Replayed],
    cells: Sequence[_Cells],
    number: Sequence[NDArray[np.int16]],
    tutees: int,
) -> Load:
    alerts, weeks = sum(int(one.sum()) for one in number), _student_weeks(history)
    rate = alerts / weeks if weeks else 0.0
    ever: list[_Cells] = [np.logical_or.reduce(one, axis=0) for one in cells]
    per_tutor, busiest = _per_tutor(history, number, tutees)
    return Load(
        rule=rule,
        alerts=alerts,
        per_100_students_and_week=_HUNDRED * rate,
        per_tutor_and_week=per_tutor,
        busiest_week_per_tutor=busiest,
        alerted=_share(history, ever, [np.ones(one.course.size, np.bool_) for one in history]),
        alerted_adverse=_share(
            history,
            [one.course.is_adverse for one in history],
            [one & of.course.has_outcome for one, of in zip(ever, history, strict=True)],
        ),
        withdrawals_found=_share(
            history,
            [np.less(of, NEVER) for of in _first_alerts(history, cells)],
            [_withdrew(one) for one in history],
        ),
        lead_days=_lead(history, cells),
    )


def _student_weeks(history: Sequence[Replayed]) -> float:
    return sum(int(one.course.enrolled.sum()) for one in history) / DAYS_A_WEEK


def _per_tutor(
    history: Sequence[Replayed], number: Sequence[NDArray[np.int16]], tutees: int
) -> tuple[float, float]:
    """Give alerts a tutor and week: the mean, and in the busiest week of all courses."""
    means, busiest, weights = [], 0.0, []
    for one, of_course in zip(history, number, strict=True):
        course = one.course
        weeks = np.arange(0, course.days, DAYS_A_WEEK)
        by_week = np.add.reduceat(of_course.sum(axis=1), weeks)
        students = np.add.reduceat(course.enrolled.sum(axis=1), weeks) / DAYS_A_WEEK
        tutors = len(set(course.tutor)) if course.tutor else students / tutees
        rate = ratio(by_week.astype(np.float64), np.broadcast_to(tutors, by_week.shape))
        told = np.isfinite(rate) & (students >= tutees)  # a week of fewer is nobody's week
        if told.any():
            means.append(float(rate[told].mean()))
            weights.append(float(students.max()))
            busiest = max(busiest, float(rate[told].max()))
    return (float(np.average(means, weights=weights)) if means else 0.0), busiest


def _withdrew(one: Replayed) -> _Cells:
    is_withdrawn: _Cells = one.course.outcome == Outcome.WITHDRAWN
    return is_withdrawn & (one.course.withdrew < NEVER)


def _first_alerts(history: Sequence[Replayed], cells: Sequence[_Cells]) -> list[NDArray[np.int64]]:
    """Give the campus day of each student's first alert, [S]; `NEVER` without one."""
    return [
        np.where(of.any(axis=0), one.course.start + of.argmax(axis=0), NEVER)
        for one, of in zip(history, cells, strict=True)
    ]


def _lead(history: Sequence[Replayed], cells: Sequence[_Cells]) -> list[float] | None:
    days = np.concatenate(
        [
            (one.course.withdrew - first)[_withdrew(one) & (first < NEVER)]
            for one, first in zip(history, _first_alerts(history, cells), strict=True)
        ]
    )
    return np.percentile(days, (25, 50, 75)).tolist() if len(days) else None


def _share(
    history: Sequence[Replayed], which: Sequence[_Cells], of: Sequence[_Cells]
) -> Estimate | None:
    above, below = np.zeros(1), np.zeros(1)
    for one, inside, all_ in zip(history, which, of, strict=True):
        above = above + one.drawn @ (inside & all_)
        below = below + one.drawn @ all_
    return Estimate.of(ratio(above, below))
