"""How cohorts stand: mean, median and quartiles of the score and of each kind's activity.

By programme and level, by each alone, by module, and of everybody; what would tell of fewer than
`FLOOR` students is left out (`suppression`). Shown beside a student's score, never part of it:
centring on the cohort would hide real differences between modules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.suppression import publishable, rounded

_Floats = NDArray[np.float64]

DECIMALS = 1


@dataclass(frozen=True, slots=True)
class Cohort:
    """Whom a row is about; an empty field means all."""

    programme: str = ""
    level: str = ""
    module: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """One figure of a cohort, to `DECIMALS` decimals."""

    students: int
    """Who have the figure, to the nearest 5."""
    mean: float
    quartile: float
    median: float
    upper_quartile: float


@dataclass(frozen=True, slots=True)
class CohortRow:
    """A cohort; the figures of a suppressed one are missing."""

    cohort: Cohort
    is_suppressed: bool
    summaries: Mapping[str, Summary]
    """By figure: `score` or a kind; one that too few students have is missing."""


def cohorts(
    programme: Sequence[str],
    level: Sequence[str],
    modules: Sequence[frozenset[str]],
    figures: Mapping[str, _Floats],
) -> list[CohortRow]:
    """Summarise S students; a figure is NaN, [S], where a student has none.

    Each figure is suppressed by who has it: students without a score leave smaller cohorts.
    """
    named, members = _members(programme, level, modules)
    may_show = publishable(members)
    shown = {}
    for name, values in figures.items():
        have = members & np.isfinite(values)
        shown[name] = (have, publishable(have) & may_show)
    return [
        CohortRow(
            cohort,
            not may_show[row],
            {
                name: _summary(figures[name][have[row]])
                for name, (have, published) in shown.items()
                if published[row]
            },
        )
        for row, cohort in enumerate(named)
    ]


def _members(
    programme: Sequence[str], level: Sequence[str], modules: Sequence[frozenset[str]]
) -> tuple[list[Cohort], NDArray[np.bool_]]:
    students = len(programme)
    found: dict[Cohort, list[int]] = {Cohort(): list(range(students))}
    for student in range(students):
        of_programme, at_level = programme[student], level[student]
        cells = {
            Cohort(programme=of_programme),
            Cohort(level=at_level),
            Cohort(programme=of_programme, level=at_level),
            *(Cohort(module=module) for module in modules[student]),
        }
        for cohort in cells - {Cohort()}:
            found.setdefault(cohort, []).append(student)
    named = sorted(found, key=lambda one: (one.module, one.programme, one.level))
    members = np.zeros((len(named), students), np.bool_)
    for row, cohort in enumerate(named):
        members[row, found[cohort]] = True
    return named, members


def _summary(values: _Floats) -> Summary:
    low, median, high = np.percentile(values, (25, 50, 75))
    return Summary(
        rounded(len(values)),
        round(float(values.mean()), DECIMALS),
        round(float(low), DECIMALS),
        round(float(median), DECIMALS),
        round(float(high), DECIMALS),
    )
