"""The closings of a whole course, by the kernel that the workers use.

The kernel's own answer holds every contribution; of a year of 20,000 students that would be
gigabytes. So students go through in blocks, and of each block the little that reports need stays.
Blocks are independent, so they run on several threads: NumPy lets go of the interpreter.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from backtest.course import Course
from schemas.types import Band, Day, Kind, Status
from scoring.kernel import evaluate
from scoring.kind_policy import Measure
from scoring.late import LateItems
from scoring.panel import Panel
from scoring.policy import Policy
from scoring.profile import Profile
from scoring.resolution import group
from scoring.scores import BANDS, STATUSES, Scores

_T = TypeVar("_T", bound=np.generic)

_BLOCK_STUDENTS: Final = 128
"""Students scored at a time: the kernel's answer for a year of them takes some 15 MB."""
_SCORED: Final = STATUSES.index(Status.SCORED)


@dataclass(frozen=True, slots=True, eq=False)
class Closings:
    """The closings of T days of S students, [T, S]; of days on which a student is none, nothing."""

    score: NDArray[np.int16]
    """Hundredths; -1 where there is no score."""
    band: NDArray[np.uint8]
    """Place in `scoring.scores.BANDS`; that of `Band.NONE` where there is no score."""

    @property
    def is_scored(self) -> NDArray[np.bool_]:
        """Where there is a score, [T, S]."""
        return self.score >= 0


def replay(policy: Policy, course: Course) -> Closings:
    """Score every closing of a course."""
    closings = Closings(
        np.full(course.enrolled.shape, -1, np.int16), np.zeros(course.enrolled.shape, np.uint8)
    )

    def keep(students: slice, scores: Scores) -> None:
        there = (scores.status == _SCORED) & course.enrolled[:, students]
        closings.score[:, students] = np.where(there, scores.score_hundredths, -1)
        closings.band[:, students] = np.where(there, scores.band, BANDS.index(Band.NONE))

    for_each_block(policy, course, np.arange(course.days), keep)
    return closings


def for_each_block(
    policy: Policy,
    course: Course,
    rows: NDArray[np.int64],
    take: Callable[[slice, Scores], None],
) -> None:
    """Score the closings of some days, block by block; `take` gets students and their scores.

    Blocks come from several threads, in no order, and none twice.
    """
    profiles, places = _profiles(course)

    def score(students: slice) -> None:
        take(students, _score(policy, course, students, rows, profiles, places))

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for _ in pool.map(score, _blocks(course.size)):
            pass  # an error of a block is raised here


def _blocks(students: int) -> Iterator[slice]:
    return (
        slice(first, min(first + _BLOCK_STUDENTS, students))
        for first in range(0, students, _BLOCK_STUDENTS)
    )


def _profiles(course: Course) -> tuple[list[Profile], NDArray[np.int64]]:
    distinct = {profile: place for place, profile in enumerate(dict.fromkeys(course.profiles))}
    return list(distinct), np.array([distinct[one] for one in course.profiles], np.int64)


def _score(
    policy: Policy,
    course: Course,
    students: slice,
    rows: NDArray[np.int64],
    profiles: list[Profile],
    places: NDArray[np.int64],
) -> Scores:
    panel = panel_of(policy, course, students)
    complete = course.start + rows
    groups = group(policy, profiles, places[np.newaxis, students])
    return evaluate(
        policy, panel, complete=complete, as_of=complete + 1, seen=complete, groups=groups
    )


def panel_of(policy: Policy, course: Course, students: slice) -> Panel:
    """Give some students' days as the kernel reads them: with the look-back before the first day.

    A kind that the files do not hold has no day that says anything about it, so it is left out.
    """
    before, after = policy.look_back_days, 1  # the day after a closing is in progress
    first_day = Day(course.start - before)

    def padded(array: NDArray[_T]) -> NDArray[_T]:
        return np.pad(array, ((before, after), (0, 0)))

    enrolled = padded(course.enrolled[:, students])
    shape = enrolled.shape
    silent = np.zeros((shape[0], 1), np.bool_)
    none = np.broadcast_to(np.zeros((1, 1), np.uint32), shape)
    excused = {id(days): padded(days[:, students]) for days in course.excused.values()}
    counts: dict[Kind, NDArray[np.uint32]] = {}
    counted: dict[Kind, NDArray[np.bool_]] = {}
    due: dict[Kind, NDArray[np.unsignedinteger]] = {}
    met: dict[Kind, NDArray[np.unsignedinteger]] = {}
    late: dict[Kind, LateItems] = {}
    for kind, rule in policy.kinds.items():
        is_share = rule.measure is Measure.SHARE
        held: Mapping[Kind, object] = course.coursework if is_share else course.counts
        counted[kind] = enrolled if kind in held else silent
        if not is_share:
            has = kind in held
            counts[kind] = padded(course.counts[kind][:, students]) if has else none
        elif kind in held:
            own = course.coursework[kind].of(students)
            due[kind], met[kind], late[kind] = own.placed(first_day, shape)
        else:
            due[kind] = met[kind] = none
    return Panel(
        first_day=first_day,
        counts=counts,
        weight_percent=np.pad(course.weight_percent, ((before, after), (0, 0)), mode="edge"),
        counted=counted,
        excused={kind: excused[id(days)] for kind, days in course.excused.items()},
        due=due,
        met=met,
        late=late,
    )
