"""`reference.py` for many students and many days at once; equal to it to the last digit.

For blocks of students that fit the processor's cache:
1. the students are sorted by whether their days are the usual ones (`find_schedules`);
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

from schemas.types import Band, Status
from scoring.block import Block
from scoring.evaluations import Evaluations
from scoring.panel import Panel
from scoring.policy import FULL_SCORE, KindPolicy, Policy
from scoring.rounding import DAY_PERCENT, hundredths
from scoring.scores import BANDS, STATUSES, KindScores, Scores

_Integers = NDArray[np.int64]
_Floats = NDArray[np.float64]

_BLOCK_CELLS: Final = 2**18
"""Days times students in a block; an array of int64 is then 2 MiB, a core's cache (measured)."""
_WEEK_PERCENT: Final = 7 * DAY_PERCENT
_SCORED: Final = STATUSES.index(Status.SCORED)
_INSUFFICIENT: Final = STATUSES.index(Status.INSUFFICIENT_DATA)


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
        rows = max(evaluations.rows.stop - evaluations.rows.start, len(evaluations.end))
        for students in _blocks(panel.students, rows):
            block = Block(panel, evaluations, policy.look_back_days, students)
            _score(policy, block, scores)
    return scores


def _blocks(students: int, rows: int) -> Iterator[slice]:
    size = max(1, _BLOCK_CELLS // rows)
    return (slice(first, min(first + size, students)) for first in range(0, students, size))


def _score(policy: Policy, block: Block, scores: Scores) -> None:
    students = block.students
    shape = scores.score_hundredths[:, students].shape
    earned = np.zeros(shape)
    possible = np.zeros(shape)
    for kind, rule in policy.kinds.items():
        amount, days_percent = block.measure(kind, rule)
        enough, points = _contribute(
            rule, policy.minimum_percent, amount, days_percent, scores.kinds[kind], students
        )
        earned += points
        possible += rule.weight * enough
    scored = (possible > 0) & (possible >= policy.minimum_weight)
    score = _hundredths(FULL_SCORE * earned / np.where(scored, possible, 1)) * scored
    scores.score_hundredths[:, students] = score
    scores.status[:, students] = np.where(scored, _SCORED, _INSUFFICIENT)
    band_codes = scores.band[:, students]
    band_codes[...] = BANDS.index(Band.NONE)
    for band, lowest in policy.thresholds.ascending:
        reached = scored & (score >= hundredths(lowest))
        np.copyto(band_codes, BANDS.index(band), where=reached)


def _contribute(
    rule: KindPolicy,
    minimum_percent: int,
    amount: _Integers,
    days_percent: _Integers,
    out: KindScores,
    students: slice,
) -> tuple[NDArray[np.bool_], _Floats]:
    """Fill in a kind's contributions; give which count, [E, K] or [E, 1], and points, [E, K]."""
    number = len(amount) // 2
    # A window without weight has the rate 0, whatever events its days hold.
    rate = amount * (_WEEK_PERCENT * (days_percent > 0)) / np.maximum(days_percent, 1)
    enough_of_both = days_percent >= minimum_percent
    enough = enough_of_both[:number]
    moved_on = (rate[number:] > rate[:number]) & enough & enough_of_both[number:]
    decided = np.where(moved_on, rate[number:], rate[:number]) * enough
    points = rule.weight * np.minimum(1.0, decided / rule.saturation_per_week)
    out.counted[:, students] = enough
    out.amount[:, students] = np.where(moved_on, amount[number:], amount[:number])
    out.days_percent[:, students] = np.where(moved_on, days_percent[number:], days_percent[:number])
    out.rate_hundredths[:, students] = _hundredths(decided)
    out.points_hundredths[:, students] = _hundredths(points)
    return enough, points


def _hundredths(values: _Floats) -> _Integers:
    """`rounding.hundredths` of each value; they are at least 0, so truncation is the floor."""
    return (values * 100 + 0.5).astype(np.int64)
