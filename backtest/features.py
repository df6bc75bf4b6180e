"""What a learned model is shown: the counts and due dates that the policy sees, no more."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from backtest.course import Course, row_of_week
from schemas.types import KINDS, Kind
from scoring.due_items import DueItems

_Floats = NDArray[np.float32]

_WINDOWS_DAYS: Final = (7, 14, 21, 28, 56)
_COURSEWORK_DAYS: Final = 56
LESS_RISK, MORE_RISK, EITHER = -1, 1, 0


class Feature(NamedTuple):
    """A number of each student at the end of each week, [weeks, S]."""

    values: _Floats
    direction: int
    """Which way risk may go when it grows."""


def kinds_of(courses: Sequence[Course]) -> tuple[Kind, ...]:
    """Give the kinds that courses have counts or coursework of."""
    held = {kind for course in courses for kind in (*course.counts, *course.coursework)}
    return tuple(kind for kind in KINDS if kind in held)


def features(course: Course, kinds: Sequence[Kind]) -> list[Feature]:
    """Give what there is to learn from; `kinds` are those of all courses, so that all agree."""
    stop = np.array([row_of_week(week) + 1 for week in range(1, course.weeks + 1)], np.int64)
    week = np.arange(1, course.weeks + 1, dtype=np.float32)[:, np.newaxis]
    found = [Feature(np.broadcast_to(week, (course.weeks, course.size)), EITHER)]
    for kind in kinds:
        if kind in course.coursework:
            found += _coursework(course, course.coursework[kind], stop)
        else:
            found += _activity(course, kind, stop)
    return found


def _activity(course: Course, kind: Kind, stop: NDArray[np.int64]) -> Iterator[Feature]:
    counts = course.counts.get(kind)
    if counts is None:
        counts = np.zeros(course.enrolled.shape, np.uint32)
    for cells in (counts * course.enrolled, (counts > 0) & course.enrolled):
        before = np.zeros((course.days + 1, course.size), np.float32)
        np.cumsum(cells, axis=0, out=before[1:])
        for days in (*_WINDOWS_DAYS, course.days):
            yield Feature(before[stop] - before[np.maximum(stop - days, 0)], LESS_RISK)


def _coursework(course: Course, items: DueItems, stop: NDArray[np.int64]) -> Iterator[Feature]:
    for days in (_COURSEWORK_DAYS, course.days):
        due, met, in_time = (
            np.empty((len(stop), course.size), np.float32) for _ in ("due", "met", "in time")
        )
        for place, last in enumerate((course.start + stop - 1).tolist()):
            seen = (items.due <= last) & (items.due > last - days)
            for number, which in (
                (due, seen),
                (met, seen & (items.met <= last)),
                (in_time, seen & (items.met <= items.due)),
            ):
                number[place] = np.bincount(items.student[which], minlength=course.size)
        known = np.where(due > 0, np.float32(1), np.float32(np.nan))  # nothing due, no share
        yield Feature((known * met / np.maximum(due, 1)).astype(np.float32), LESS_RISK)
        yield Feature((known * in_time / np.maximum(due, 1)).astype(np.float32), LESS_RISK)
        yield Feature(due - met, MORE_RISK)
