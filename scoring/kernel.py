"""`reference.py` for many students and many days at once; equal to it to the last digit.

For blocks of students that fit the processor's cache:
1. the students are sorted by whether their days are the usual ones (`windows.schedules`);
2. the windows of all evaluations are found, once for all kinds that agree (`find_windows`);
3. each kind is measured over its windows (`tally`), and turned into rate and points;
4. points are added up, always in the order of `KINDS`, so that rounding errors are those of the
   reference.
Everything before the division is an integer below 2**53, so the division is exact to the last bit.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import Band, Kind, Status
from scoring.evaluations import Evaluations
from scoring.panel import Panel
from scoring.policy import FULL_SCORE, KindPolicy, Policy
from scoring.rounding import DAY_PERCENT
from scoring.scores import BANDS, STATUSES, KindScores, Scores
from scoring.tally import tally
from scoring.windows import Windows, find_windows, schedules

_BLOCK_CELLS: Final = 2**20
"""Days times students in a block; a working array of int64 is then at most 8 MiB."""
_WEEK_PERCENT: Final = 7 * DAY_PERCENT
_SCORED: Final = STATUSES.index(Status.SCORED)
_INSUFFICIENT: Final = STATUSES.index(Status.INSUFFICIENT_DATA)
_LOWEST: Final = BANDS.index(Band.VERY_LOW)


def evaluate(
    policy: Policy,
    panel: Panel,
    *,
    complete: NDArray[np.int64],
    as_of: NDArray[np.int64],
    seen: NDArray[np.int64],
) -> Scores:
    """Score S students on E evaluations, whose campus days are [E] each: gives [E, S].

    Raises ValueError unless the panel fits the policy and reaches from the policy's look-back
    before `complete` to `as_of`, and complete <= seen <= as_of, complete < as_of.
    """
    panel.check(policy)
    evaluations = Evaluations.on(panel, policy.look_back_days, complete, as_of, seen)
    scores = Scores.empty(policy, evaluations.number, panel.students)
    if evaluations.number:
        for block in _blocks(panel.students, max(evaluations.days, evaluations.end.size)):
            _score_block(policy, panel, evaluations, block, scores)
    return scores


def _blocks(students: int, rows: int) -> Iterator[slice]:
    size = max(1, _BLOCK_CELLS // rows)
    return (slice(first, min(first + size, students)) for first in range(0, students, size))


def _score_block(
    policy: Policy, panel: Panel, evaluations: Evaluations, block: slice, scores: Scores
) -> None:
    number = evaluations.number
    found: dict[tuple[int, int], list[Windows]] = {}
    earned = np.zeros((number, block.stop - block.start))
    possible = np.zeros_like(earned)
    weight_percent = _part(panel.weight_percent, evaluations.rows, block)
    for kind, rule in policy.kinds.items():
        counted = panel.counted[kind]
        key = (id(counted), rule.window_days)
        if key not in found:
            found[key] = [
                find_windows(schedule, evaluations, rule.window_days, policy.look_back_days)
                for schedule in schedules(weight_percent, _part(counted, evaluations.rows, block))
            ]
        counts = panel.counts[kind][evaluations.rows, block]
        amount, days_percent = _measure(rule, counts, found[key], evaluations)
        ...
