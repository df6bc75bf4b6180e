"""Which alerts a policy's rules would have raised in a course, from its closings.

The rules and their course are those of the workers (`scoring.alert_kernel`); what is made here is
what rules see of a course. Silence is that of everything the files hold: a kind that they do not
hold, nobody was seen to be silent in.
"""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from backtest.course import Course
from backtest.replay import Closings
from schemas.types import Kind
from scoring.alert_kernel import NEVER, Observed, Standing, counted_since, follow, holds
from scoring.alert_rules import OverdueAndSilent
from scoring.due_items import DueItems
from scoring.policy import Policy
from scoring.resolution import resolve
from scoring.rules import NotScored

_Cells = NDArray[np.bool_]
_Integers = NDArray[np.int64]
_T = TypeVar("_T", bound=np.generic)


def raised(policy: Policy, course: Course, closings: Closings) -> Mapping[str, _Cells]:
    """Give by rule's name the closings on which an alert was raised, [T, S]."""
    days = np.arange(course.start, course.start + course.days)
    observed = _observe(policy, course, closings, days)
    over = ~course.enrolled | _not_scored(policy, course)
    alerts = {}
    for rule in policy.alerts:
        nothing = np.full((2, course.size), NEVER, np.int64)
        told = follow(
            Standing(*nothing),
            holds(rule, observed),
            observed.speaks,
            over,
            days,
            rule.cool_down_days,
        )
        alerts[rule.name] = np.zeros(course.enrolled.shape, np.bool_)
        alerts[rule.name][told.raised] = True
    return alerts


def _observe(policy: Policy, course: Course, closings: Closings, days: _Integers) -> Observed:
    """Give what the rules see of a course's closings: all T days are evaluated."""
    before = policy.look_back_days - 1  # each day looks back over as many, itself included
    is_quiet = course.excused_from(policy.kinds, at_least_one=False)
    speaks = closings.is_scored & (course.weight_percent > 0) & ~is_quiet
    counted = course.enrolled & (course.weight_percent > 0)
    counted &= ~course.excused_from(policy.kinds, at_least_one=True)
    kinds = {rule.kind for rule in policy.alerts if isinstance(rule, OverdueAndSilent)}
    return Observed(
        bands=_padded(np.where(speaks, closings.band, 0).astype(np.int8), before),
        silent=counted_since(
            _padded(_active_days(course), before), _padded(counted, before), course.days
        ),
        overdue={
            kind: _held_against(course, kind).overdue(days, policy.look_back_days, course.size)
            for kind in kinds & course.coursework.keys()
        },
        number=course.days,
    )


def _held_against(course: Course, kind: Kind) -> DueItems:
    """Give the items of a kind but for those that were due on excused days."""
    items = course.coursework[kind]
    if kind not in course.excused:
        return items
    row = items.due - course.start
    seen = (row >= 0) & (row < course.days)
    is_excused = np.zeros(len(row), np.bool_)
    is_excused[seen] = course.excused[kind][row[seen], items.student[seen]]
    return items[~is_excused]


def _active_days(course: Course) -> _Cells:
    """Give the days on which a student did anything that the files know of, [T, S]."""
    active = np.zeros(course.enrolled.shape, np.bool_)
    for counts in course.counts.values():
        active |= counts > 0
    for items in course.coursework.values():
        row = items.met - course.start
        seen = (row >= 0) & (row < course.days)
        active[row[seen], items.student[seen]] = True
    return active


def _not_scored(policy: Policy, course: Course) -> _Cells:
    """Give of whom the policy does not speak, [S]."""
    distinct = dict.fromkeys(course.profiles)
    excluded = {one for one in distinct if isinstance(resolve(policy, one), NotScored)}
    return np.array([profile in excluded for profile in course.profiles], np.bool_)


def _padded(cells: NDArray[_T], before: int) -> NDArray[_T]:
    """With the days before the first, of which nothing is known."""
    return np.pad(cells, ((before, 0), (0, 0)))
