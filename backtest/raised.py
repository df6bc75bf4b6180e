"""Which alerts a policy's rules would have raised in a course, from its closings.

For reports only: what workers publish has a life cycle of its own. Here a rule's alert is raised on
the first closing on which its condition holds, ends when it no longer does, and is followed by the
rule's days of silence. Days without weight and closings without a band raise nothing and end
nothing.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from backtest.course import Course
from backtest.replay import Closings
from schemas.types import Band
from scoring.alert_rules import AlertRule, BandAtOrBelow, BandDrop, NoActivity, OverdueAndSilent
from scoring.policy import Policy
from scoring.scores import BANDS

_Cells = NDArray[np.bool_]
_LONG_AGO = -10_000  # days; no rule is silent for that long


def raised(policy: Policy, course: Course, closings: Closings) -> Mapping[str, _Cells]:
    """Give by rule's name the closings on which an alert was raised, [T, S]."""
    speaks = closings.is_scored & (course.weight_percent > 0)
    silent = silent_days(course)
    return {
        rule.name: _raised(_holds(rule, policy, course, closings, silent), speaks, rule)
        for rule in policy.alerts
    }


def active_days(course: Course) -> _Cells:
    """Give the days on which a student did anything that the files know of, [T, S]."""
    active = np.zeros(course.enrolled.shape, np.bool_)
    for counts in course.counts.values():
        active |= counts > 0
    for items in course.coursework.values():
        row = items.met - course.start
        seen = (row >= 0) & (row < course.days)
        active[row[seen], items.student[seen]] = True
    return active


def silent_days(course: Course) -> NDArray[np.int32]:
    """Give for how many days of weight a student had done nothing, [T, S]."""
    active = active_days(course)
    counted = course.enrolled & (course.weight_percent > 0)
    silent = np.zeros(course.enrolled.shape, np.int32)
    so_far = np.zeros(course.size, np.int32)
    for day in range(course.days):
        so_far = np.where(active[day], 0, so_far + counted[day])
        silent[day] = so_far
    return silent


def _holds(
    rule: AlertRule,
    policy: Policy,
    course: Course,
    closings: Closings,
    silent: NDArray[np.int32],
) -> _Cells:
    match rule:
        case BandAtOrBelow():
            low = closings.is_scored & (closings.band <= BANDS.index(rule.band))
            return _in_a_row(low, rule.closings)
        case BandDrop():
            return _dropped(closings, rule.bands, rule.within_days)
        case NoActivity():
            return silent >= rule.counted_days
        case OverdueAndSilent():
            overdue = _overdue(rule, policy.look_back_days, course)
            return overdue & (silent >= rule.silent_days)


def _in_a_row(cells: _Cells, number: int) -> _Cells:
    holds = np.zeros_like(cells)
    run = np.zeros(cells.shape[1], np.int32)
    for day, on_day in enumerate(cells):
        run = np.where(on_day, run + 1, 0)
        holds[day] = run >= number
    return holds


def _dropped(closings: Closings, bands: int, within_days: int) -> _Cells:
    now = closings.band.astype(np.int8)
    highest = np.full_like(now, BANDS.index(Band.NONE))
    for days in range(1, min(within_days, len(now) - 1) + 1):
        np.maximum(highest[days:], now[:-days], out=highest[days:])
    return closings.is_scored & (highest - now >= bands)


def _overdue(rule: OverdueAndSilent, look_back_days: int, course: Course) -> _Cells:
    """Give where an item is overdue for long enough, and not beyond what the policy looks at."""
    change = np.zeros((course.days + 1, course.size), np.int32)
    if rule.kind in course.coursework:
        items = course.coursework[rule.kind]
        due = items.due - course.start
        first = due + rule.overdue_days
        end = np.minimum(np.minimum(items.met - course.start, due + look_back_days), course.days)
        some = (first < end) & (first >= 0)
        np.add.at(change, (first[some], items.student[some]), 1)
        np.add.at(change, (end[some], items.student[some]), -1)
    return np.cumsum(change, axis=0)[:-1] > 0


def _raised(holds: _Cells, speaks: _Cells, rule: AlertRule) -> _Cells:
    alerts = np.zeros_like(holds)
    is_open = np.zeros(holds.shape[1], np.bool_)
    ended = np.full(holds.shape[1], _LONG_AGO)
    for day in range(len(holds)):
        ends = is_open & speaks[day] & ~holds[day]
        ended = np.where(ends, day, ended)
        is_open &= ~ends
        alerts[day] = holds[day] & speaks[day] & ~is_open & (day - ended >= rule.cool_down_days)
        is_open |= alerts[day]
    return alerts
