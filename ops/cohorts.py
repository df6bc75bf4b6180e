"""How cohorts stand now: the figures of all students from ClickHouse, summarised and suppressed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ops.crowd import Crowd
from ops.generation import Generation
from ops.moves import crowds
from schemas.types import KINDS, Day, Status, StudentId
from scoring.cohorts import CohortRow, cohorts
from sinks.population import Population, Span

SCORE: Final = "score"
_WEEK: Final = 7
# Who could have a score: whom the policy leaves out, such as who has interrupted, is no member.
_MEMBERS: Final = (Status.SCORED.value, Status.INSUFFICIENT_DATA.value)
_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Standing:
    """The cohorts on the last complete day."""

    complete: Day
    days: int
    """Of which the events were counted."""
    rows: Sequence[CohortRow]


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The members among some students: a place each."""

    programme: list[str]
    level: list[str]
    modules: list[frozenset[str]]
    figures: Mapping[str, _Floats]


def standing(generation: Generation, population: Population, days: int) -> Standing | None:
    """Scores as they are now, and events a week of the last `days` complete days.

    None where nobody has an indicator yet. Who was registered for less than a week of these days
    has no figure of a kind; a kind of which nobody did anything is left out. Raises Unreachable
    when ClickHouse does not answer.
    """
    moment = population.moment()
    if moment is None:
        return None
    complete, _ = moment
    first, zone = Day(complete + 1 - days), generation.zone.key
    parts = []
    for crowd in crowds(population, first, complete, generation):
        ids = crowd.students.ids[: crowd.students.count]
        span = Span(StudentId(int(ids[0])), StudentId(int(ids[-1])), first, complete)
        parts.append(_part(crowd, population.states(span), population.modules(span, zone)))
    names = [SCORE, *(kind.value for kind in KINDS)]
    figures = {
        name: np.concatenate([part.figures[name] for part in parts] or [np.zeros(0)])
        for name in names
    }
    rows = cohorts(
        [word for part in parts for word in part.programme],
        [word for part in parts for word in part.level],
        [modules for part in parts for modules in part.modules],
        {name: values for name, values in figures.items() if name == SCORE or (values > 0).any()},
    )
    return Standing(complete, days, rows)


def _part(crowd: Crowd, states: pl.DataFrame, modules: pl.DataFrame) -> _Part:
    students = crowd.students
    rows = np.arange(students.count)
    days = np.arange(crowd.first_day, crowd.first_day + crowd.days)
    enrolled = students.enrolled(days, rows)
    score = np.full(students.count, np.nan)
    is_member = np.zeros(students.count, np.bool_)
    of_states, is_known = students.known_rows(states["student"].to_numpy())
    may_be = states["status"].is_in(_MEMBERS).to_numpy() & is_known
    score[of_states[may_be]] = states["score"].to_numpy().astype(np.float64)[may_be]
    is_member[of_states[may_be]] = True
    is_member &= enrolled[-1]
    took: dict[int, set[str]] = {}
    for student, module in modules.iter_rows():
        took.setdefault(student, set()).add(module)
    places = students.places(days[-1:], rows)[0]
    members = np.flatnonzero(is_member)
    counted = enrolled.sum(axis=0)
    long_enough = np.where(counted >= _WEEK, counted, np.nan)
    rates = {
        kind.value: _WEEK * (crowd.counts[kind] * enrolled).sum(axis=0) / long_enough
        for kind in KINDS
    }
    return _Part(
        programme=[students.profiles[place].programme for place in places[members].tolist()],
        level=[students.profiles[place].level for place in places[members].tolist()],
        modules=[frozenset(took.get(int(one), ())) for one in students.ids[members]],
        figures={SCORE: score[members], **{name: rate[members] for name, rate in rates.items()}},
    )
