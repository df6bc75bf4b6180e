"""A policy's report: whole years through the kernel, and every figure about them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backtest.bands import SCORED_BANDS, adverse_by_band, changes, shares
from backtest.course import History
from backtest.estimates import Estimate, draw, ratio
from backtest.learned import risks
from backtest.loads import Load, ever_alerted, loads
from backtest.raised import raised
from backtest.replay import replay
from backtest.sample import (
    Measure,
    Replayed,
    auc,
    by_band,
    by_model,
    by_score,
    mean_auc,
    mean_spearman,
)
from backtest.statistical_groups import StatisticalGroup, StatisticalGroups
from schemas.types import Band
from scoring.policy import Policy

_Floats = NDArray[np.float64]

HEADLINE_WEEKS: Final = (4, 8, 12, 16, 20)
"""The weeks whose mean AUC is the one figure that stands for all: far enough in to know something,
early enough to help."""
_FEWEST_COMPARED: Final = 10  # of either outcome, for a week to have a figure
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Ordering:
    """How well students are ordered by how they ended: AUCs, and what the differences are."""

    score: Estimate | None
    bands: Estimate | None
    model: Estimate | None
    behind_model: Estimate | None
    """AUC of the learned model less that of the score."""
    bands_behind_score: Estimate | None


@dataclass(frozen=True, slots=True)
class Week:
    """The end of one week, of all courses that last so long."""

    week: int
    students: int
    """Registered, with a score and a known outcome."""
    adverse: int
    """Of these, how many failed or withdrew in the end."""
    ordering: Ordering
    spearman: float | None
    bands: Mapping[str, float]
    """Share of students in each."""


@dataclass(frozen=True, slots=True)
class CourseFigures:
    """One course."""

    course: str
    students: int
    weeks: int
    adverse_share: float | None
    ordering: Ordering


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The students of one value of one column of the file of groups."""

    column: str
    value: str
    students: int
    adverse: Estimate | None
    """Share that failed or withdrew."""
    score_auc: Estimate | None
    lowest_bands: Estimate | None
    """Share in the two lowest bands at the end of the headline weeks."""
    lowest_bands_less_others: Estimate | None
    """The same, less that of everybody else whose group is known."""
    alerted: Estimate | None
    alerted_less_others: Estimate | None
    changes: Estimate | None
    """Band changes a student and week."""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a backtest says."""

    policy: str
    version: int
    students: int
    enrolments: int
    adverse_share: float
    headline_weeks: Sequence[int]
    headline: Ordering
    """Means over the headline weeks."""
    changes: Estimate | None
    """Band changes a student and week."""
    adverse_by_band: Mapping[str, float | None]
    courses: Sequence[CourseFigures]
    weeks: Sequence[Week]
    loads: Sequence[Load]
    tutees: int
    groups: Sequence[GroupFigures]
    suppressed_groups: Mapping[str, int]
    problems: Sequence[str]

    def as_record(self) -> dict[str, object]:
        """For machines."""
        return asdict(self)


def backtest(
    policy: Policy,
    history: History,
    *,
    with_model: bool = True,
    groups: StatisticalGroups | None = None,
    tutees: int = 20,
    say: Say = lambda text: None,
) -> Report:
    """Run a history through the kernel by a policy, and compare with how students ended.

    Raises SettingsError where the model is wanted and its extra is not installed.
    """
    courses = history.courses
    told = risks(courses) if with_model else [None] * len(courses)
    say("the learned model has told its risks" if with_model else "without a learned model")
    drawn = draw(courses)
    replayed = [
        Replayed(course, replay(policy, course), risk, of)
        for course, risk, of in zip(courses, told, drawn, strict=True)
    ]
    say("every closing is scored")
    alerts = [raised(policy, one.course, one.closings) for one in replayed]
    say("alerts are raised")
    longest = max((course.weeks for course in courses), default=0)
    weeks = [_week(replayed, week) for week in range(1, longest + 1)]
    headline = [week for week in HEADLINE_WEEKS if week <= longest] or [longest]
    ended = [course.is_adverse[course.has_outcome] for course in courses]
    known = groups or StatisticalGroups((), {}, ())
    report = Report(
        policy=policy.title,
        version=policy.version,
        students=len({name for course in courses for name in course.students}),
        enrolments=sum(course.size for course in courses),
        adverse_share=float(np.mean(np.concatenate(ended))),
        headline_weeks=headline,
        headline=_ordering(replayed, lambda measure: mean_auc(replayed, headline, measure)),
        changes=Estimate.of(changes(replayed)),
        adverse_by_band=_named(adverse_by_band(replayed, headline)),
        courses=[_course(one, headline) for one in replayed],
        weeks=[week for week in weeks if week is not None],
        loads=loads(replayed, alerts, tutees),
        tutees=tutees,
        groups=[_group(replayed, alerts, group, known, headline) for group in known.reported],
        suppressed_groups=known.suppressed,
        problems=[*history.problems, *known.problems],
    )
    say("done")
    return report


def _ordering(history: Sequence[Replayed], of: Callable[[Measure], _Floats]) -> Ordering:
    score, bands = of(by_score), of(by_band)
    has_model = all(one.risk is not None for one in history)
    model = of(by_model) if has_model else None
    return Ordering(
        score=Estimate.of(score),
        bands=Estimate.of(bands),
        model=None if model is None else Estimate.of(model),
        behind_model=None if model is None else Estimate.of(model - score),
        bands_behind_score=Estimate.of(score - bands),
    )


def _week(history: Sequence[Replayed], week: int) -> Week | None:
    who = [(one, one.compared(week)) for one in history]
    students = sum(int(some.sum()) for _, some in who)
    adverse = sum(int((some & one.course.is_adverse).sum()) for one, some in who)
    if min(adverse, students - adverse) < _FEWEST_COMPARED:
        return None
    correlation = mean_spearman(history, week)
    return Week(
        week=week,
        students=students,
        adverse=adverse,
        ordering=_ordering(history, lambda measure: auc(history, week, measure)),
        spearman=correlation if np.isfinite(correlation) else None,
        bands={band.value: float(share[0]) for band, share in shares(history, week).items()},
    )


def _course(one: Replayed, weeks: Sequence[int]) -> CourseFigures:
    course = one.course
    ended = course.is_adverse[course.has_outcome]
    return CourseFigures(
        course=course.name,
        students=course.size,
        weeks=course.weeks,
        adverse_share=float(ended.mean()) if len(ended) else None,
        ordering=_ordering([one], lambda measure: mean_auc([one], weeks, measure)),
    )


def _group(
    history: Sequence[Replayed],
    alerts: Sequence[Mapping[str, NDArray[np.bool_]]],
    group: StatisticalGroup,
    groups: StatisticalGroups,
    weeks: Sequence[int],
) -> GroupFigures:
    members = group.members
    others = [
        np.logical_or.reduce(
            [one.members[place] for one in groups.reported if one.column == group.column]
        )
        & ~mine
        for place, mine in enumerate(members)
    ]
    lowest, of_others = (_lowest(history, weeks, some) for some in (members, others))
    alerted, others_alerted = (ever_alerted(history, alerts, some) for some in (members, others))
    above, below = np.zeros(1), np.zeros(1)
    for one, some in zip(history, members, strict=True):
        above = above + one.drawn @ (some & one.course.has_outcome & one.course.is_adverse)
        below = below + one.drawn @ (some & one.course.has_outcome)
    return GroupFigures(
        column=group.column,
        value=group.value,
        students=group.students,
        adverse=Estimate.of(ratio(above, below)),
        score_auc=Estimate.of(mean_auc(history, weeks, by_score, members)),
        lowest_bands=Estimate.of(lowest),
        lowest_bands_less_others=Estimate.of(lowest - of_others),
        alerted=Estimate.of(alerted),
        alerted_less_others=Estimate.of(alerted - others_alerted),
        changes=Estimate.of(changes(history, members)),
    )


def _lowest(
    history: Sequence[Replayed], weeks: Sequence[int], members: Sequence[NDArray[np.bool_]]
) -> _Floats:
    """Give the share in the two lowest bands, the mean over weeks, [1 + B]."""
    rows = []
    for week in weeks:
        of_week = shares(history, week, members)
        rows.append(of_week[Band.VERY_LOW] + of_week[Band.LOW])
    mean: _Floats = np.mean(rows, axis=0)
    return mean


def _named(figures: Mapping[Band, float]) -> dict[str, float | None]:
    return {
        band.value: figures[band] if np.isfinite(figures[band]) else None for band in SCORED_BANDS
    }
