"""`reference.py` for many students and many days at once; equal to it to the last digit.

For blocks of students that fit the processor's cache:
1. the students are parted by the rules that hold for them (`rules_in`);
2. these are sorted by whether their days are the usual ones (`find_schedules`);
3. the windows of all evaluations are found, once for all kinds that agree (`find_windows`);
4. each kind is measured over its windows (`tally`, `met_and_due`), and turned into rate and points;
5. points are added up, always in the order of `KINDS`, so that rounding errors are those of the
   reference.
Everything before the division is an integer below 2**53, so the division is exact to the last bit.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import Band, Status
from scoring.block import Block, Measured
from scoring.evaluations import Evaluations
from scoring.panel import Panel
from scoring.parting import Part, parts_of
from scoring.policy import Policy
from scoring.resolution import Groups
from scoring.rounding import DAY_PERCENT, hundredths
from scoring.rules import KindRule, NotScored, Rules
from scoring.scores import BANDS, STATUSES, KindScores, LeftOut, Scores
from scoring.thresholds import FULL_SCORE

_Integers = NDArray[np.int64]
_Floats = NDArray[np.float64]
Students = slice | NDArray[np.intp]

_BLOCK_CELLS: Final = 2**18
"""Days times students in a block; an array of int64 is then 2 MiB, a core's cache (measured)."""
_WEEK_PERCENT: Final = 7 * DAY_PERCENT
_SCORED: Final = STATUSES.index(Status.SCORED)
_INSUFFICIENT: Final = STATUSES.index(Status.INSUFFICIENT_DATA)
_NOT_SCORED: Final = STATUSES.index(Status.NOT_SCORED)


def evaluate(
    policy: Policy | Rules,
    panel: Panel,
    *,
    complete: NDArray[np.int64],
    as_of: NDArray[np.int64],
    seen: NDArray[np.int64],
    groups: Groups | None = None,
) -> Scores:
    """Score S students on E evaluations, whose campus days are [E] each: gives [E, S].

    `groups` says which rules of `policy` hold for whom (`scoring.resolution`); without it, the
    usual ones hold for all.

    Raises ValueError unless the panel fits the policy and reaches from the policy's look-back
    before `complete` to `as_of`, and complete <= seen <= as_of, complete < as_of.
    """
    panel.check(policy)
    usual = policy if isinstance(policy, Rules) else policy.usual
    evaluations = Evaluations.on(panel, usual.look_back_days, complete, as_of, seen)
    if groups is not None:
        groups.check(evaluations.number, panel.students)
    scores = Scores.empty(usual, evaluations.number, panel.students, groups)
    if evaluations.number:
        rows = max(evaluations.rows.stop - evaluations.rows.start, len(evaluations.end))
        for students in _blocks(panel.students, rows):
            for part in parts_of(groups, usual, students):
                _score_part(part, usual, panel, evaluations, scores)
    return scores


def _blocks(students: int, rows: int) -> Iterator[slice]:
    size = max(1, _BLOCK_CELLS // rows)
    return (slice(first, min(first + size, students)) for first in range(0, students, size))


def _score_part(
    part: Part, usual: Rules, panel: Panel, evaluations: Evaluations, scores: Scores
) -> None:
    students = part.students
    if isinstance(part.rules, Rules) and part.where is None:
        _score(part.rules, panel, evaluations, students, scores, students)
        return
    number = students.stop - students.start if isinstance(students, slice) else len(students)
    own = Scores.empty(usual, evaluations.number, number)
    if isinstance(part.rules, NotScored):
        own.fill(_NOT_SCORED)
    else:
        _score(part.rules, panel, evaluations, students, own, slice(0, number))
    for column, of_part in zip(scores.columns, own.columns, strict=True):
        if part.where is None:
            column[:, students] = of_part
        else:
            column[:, students] = np.where(part.where, of_part, column[:, students])


def _score(
    rules: Rules,
    panel: Panel,
    evaluations: Evaluations,
    students: Students,
    scores: Scores,
    into: Students,
) -> None:
    """Score `students` of the panel; `into` is where they stand in `scores`."""
    block = Block(panel, evaluations, rules.look_back_days, students)
    shape = scores.score_hundredths[:, into].shape
    earned = np.zeros(shape)
    possible = np.zeros(shape)
    for kind, rule in rules.kinds.items():
        measured = block.measure(kind, rule)
        off = _off(rule, evaluations)
        enough, points = _contribute(
            rule, rules.minimum_percent, measured, off, scores.kinds[kind], into
        )
        earned += points
        possible += rule.weight * enough
    scored = (possible > 0) & (possible >= rules.minimum_weight)
    score = _hundredths(FULL_SCORE * earned / np.where(scored, possible, 1)) * scored
    scores.score_hundredths[:, into] = score
    scores.status[:, into] = np.where(scored, _SCORED, _INSUFFICIENT)
    band_codes = np.full(shape, BANDS.index(Band.NONE), np.uint8)
    for band, lowest in rules.thresholds.ascending:
        reached = scored & (score >= hundredths(lowest))
        np.copyto(band_codes, BANDS.index(band), where=reached)
    scores.band[:, into] = band_codes


def _off(rule: KindRule, evaluations: Evaluations) -> NDArray[np.uint8] | None:
    """Give the code of the span in which a kind is off on each evaluation, [E, 1]; 0 where on."""
    if not rule.off:
        return None
    spans = [rule.off_on(day) for day in evaluations.complete.tolist()]
    codes = [LeftOut.NOT if span is None else LeftOut.OFF + rule.off.index(span) for span in spans]
    return np.array(codes, np.uint8)[:, np.newaxis]


def _contribute(
    rule: KindRule,
    minimum_percent: int,
    measured: Measured,
    off: NDArray[np.uint8] | None,
    out: KindScores,
    into: Students,
) -> tuple[NDArray[np.bool_], _Floats]:
    """Fill in a kind's contributions; give which count, [E, K] or [E, 1], and points, [E, K]."""
    amount, due, days_percent = measured
    number = len(amount) // 2
    if due is None:
        # A window without weight has the rate 0, whatever events its days hold.
        rate = amount * (_WEEK_PERCENT * (days_percent > 0)) / np.maximum(days_percent, 1)
    else:
        rate = amount / np.maximum(due, 1)
    enough_of_both = days_percent >= minimum_percent
    enough = enough_of_both[:number]
    left_out = np.where(enough, LeftOut.NOT, LeftOut.TOO_FEW_DAYS).astype(np.uint8)
    if due is not None:
        left_out = np.where(enough & (due[:number] == 0), np.uint8(LeftOut.NOTHING_DUE), left_out)
    if off is not None:
        left_out = np.where(off > 0, off, left_out)
    if due is not None or off is not None:
        enough = left_out == LeftOut.NOT
    moved_on = (rate[number:] > rate[:number]) & enough & enough_of_both[number:]
    decided = np.where(moved_on, rate[number:], rate[:number]) * enough
    points = rule.weight * np.minimum(1.0, decided / rule.saturation)
    out.counted[:, into] = enough
    out.amount[:, into] = np.where(moved_on, amount[number:], amount[:number])
    out.days_percent[:, into] = np.where(moved_on, days_percent[number:], days_percent[:number])
    out.rate_hundredths[:, into] = _hundredths(decided)
    out.points_hundredths[:, into] = _hundredths(points)
    if due is not None and out.due is not None:
        out.due[:, into] = np.where(moved_on, due[number:], due[:number])
    if out.left_out is not None:
        out.left_out[:, into] = left_out
    return enough, points


def _hundredths(values: _Floats) -> _Integers:
    """`rounding.hundredths` of each value; they are at least 0, so truncation is the floor."""
    return (values * 100 + 0.5).astype(np.int64)
