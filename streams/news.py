"""What of evaluated indicators is news: it goes to the outcome, the rest nowhere.

Each method compares with what was published before and records what it adds, so doing anything
twice adds nothing.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import Cause, Day
from streams.digests import of_states
from streams.evaluation import Evaluated, chosen
from streams.outcome import Changes, Closings, Indicators, Outcome
from streams.published import Published
from streams.states import NOT_ENROLLED, States, states_of
from streams.students import Students

_NOT_ENROLLED: Final = of_states(np.array([NOT_ENROLLED], np.int16))[0]

Integers = NDArray[np.int64]


class News:
    """Of one partition."""

    def __init__(self, students: Students, published: Published) -> None:
        self._students = students
        self._published = published

    def closings(self, evaluated: Evaluated, cause: Cause, outcome: Outcome) -> None:
        """Closings that are new or differ."""
        enrolled, digests = evaluated.was_enrolled, evaluated.digests
        digests = np.where(enrolled, digests, _NOT_ENROLLED)
        scores = evaluated.scores
        states = np.where(enrolled, states_of(scores.status, scores.band), NOT_ENROLLED)
        news = self._published.close(evaluated.rows, evaluated.complete, digests, states, enrolled)
        withheld = news & evaluated.withheld
        withdrawn = news & ~enrolled
        scored = news & ~withheld & ~withdrawn
        for alike in (scored, withheld & ~withdrawn, withdrawn):
            if alike.any():
                cells = chosen(evaluated, self._students.ids, alike)
                rows = evaluated.rows[np.nonzero(alike)[1]]
                revisions = self._published.revisions(cells.days, rows)
                told = cells.not_enrolled() if alike is withdrawn else cells
                outcome.closings.append(Closings(told, revisions, cause))

    def changes(
        self, evaluated: Evaluated, as_of: Integers, cause: Cause, outcome: Outcome
    ) -> NDArray[np.bool_]:
        """Changes of status or band; which of the students changed. `as_of` is [E]."""
        changes = self._published.change(evaluated.rows, evaluated.states)
        if len(changes):
            outcome.changes.append(
                Changes(
                    students=self._students.ids[changes.rows],
                    as_of=as_of[changes.cells[0]],
                    previous=changes.previous,
                    states=changes.states,
                    score_hundredths=evaluated.scores.score_hundredths[changes.cells],
                    sequences=changes.sequences,
                    cause=cause,
                    policy=evaluated.policy.version,
                )
            )
        changed = np.zeros(len(evaluated.rows), np.bool_)
        changed[changes.cells[1]] = True
        return changed

    def indicators(
        self, evaluated: Evaluated, told: NDArray[np.bool_], as_of: Day, outcome: Outcome
    ) -> None:
        """Current indicators of the students that are to be `told`, as far as they differ."""
        states: States = self._published.states[evaluated.rows]
        enrolled = evaluated.is_enrolled[0]
        without = of_states(states)
        digests = np.where(enrolled, evaluated.digests[0], without)
        which = told.copy()
        which[told] = self._published.tell(evaluated.rows[told], digests[told])
        withheld = evaluated.withheld[0]
        scored = enrolled & ~withheld
        for group in (which & scored, which & enrolled & withheld, which & ~enrolled):
            rows = evaluated.rows[group]
            if len(rows):
                outcome.indicators.append(
                    Indicators(
                        cells=chosen(evaluated, self._students.ids, group[None]),
                        states=states[group],
                        as_of=as_of,
                        sequences=self._published.sequences[rows],
                        versions=self._published.versions[rows],
                    )
                )
