"""`reference.py` for many students and many days at once; equal to it to the last digit.

For blocks of students:
1. the rules that hold for them become arrays where they differ (`Terms`);
2. the students are sorted by whether their days are the usual ones (`find_schedules`);
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

from schemas.types import Band, Kind, Status
from scoring.block import Block
from scoring.evaluations import Evaluations
from scoring.panel import Panel
from scoring.policy import Policy
from scoring.resolution import Groups
from scoring.rounding import DAY_PERCENT, hundredths
from scoring.rules import KindRule, Rules
from scoring.scores import BANDS, STATUSES, KindScores, LeftOut, Scores
from scoring.terms import Terms
from scoring.thresholds import FULL_SCORE

_Integers = NDArray[np.int64]
_Floats = NDArray[np.float64]

_BLOCK_CELLS: Final = 2**20
"""Days and windows, times students, in a block. Half of it takes a tenth longer, a quarter a fifth:
each call of NumPy has its price; and twice as much gains nothing (measured)."""
_WEEK_PERCENT: Final = 7 * DAY_PERCENT
_SCORED: Final = STATUSES.index(Status.SCORED)
_INSUFFICIENT: Final = STATUSES.index(Status.INSUFFICIENT_DATA)
_COUNTS: Final = np.uint8(LeftOut.NOT)
_TOO_FEW: Final = np.uint8(LeftOut.TOO_FEW_DAYS)
_NOTHING_DUE: Final = np.uint8(LeftOut.NOTHING_DUE)


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
        rows = evaluations.rows.stop - evaluations.rows.start + len(evaluations.end)
        for students in _blocks(panel.students, rows):
            block = Block(panel, evaluations, usual.look_back_days, students)
            _score(usual, Terms.of_block(groups, usual, students), block, scores.of(students))
    return scores


def _blocks(students: int, rows: int) -> Iterator[slice]:
    size = max(1, _BLOCK_CELLS // rows)
    return (slice(first, min(first + size, students)) for first in range(0, students, size))


def _score(usual: Rules, terms: Terms, block: Block, scores: Scores) -> None:
    """Score the students of a block; `scores` is their part, [E, K]."""
    earned = np.zeros(scores.score_hundredths.shape)
    possible = np.zeros(scores.score_hundredths.shape)
    for kind in usual.kinds:
        counts, points = _contribute(kind, usual, terms, block, scores.kinds[kind])
        earned += points
        possible += terms.weight(kind) * counts
    scored = (possible > 0) & (possible >= terms.minimum_weight)
    score = _hundredths(FULL_SCORE * earned / np.where(scored, possible, 1)) * scored
    scores.score_hundredths[...] = score
    scores.status[...] = np.where(scored, _SCORED, _INSUFFICIENT)
    scores.band[...] = BANDS.index(Band.NONE)
    for thresholds, where in terms.thresholds:
        those = scored if where is None else scored & where
        for band, lowest in thresholds.ascending:
            reached = those & (score >= hundredths(lowest))
            np.copyto(scores.band, BANDS.index(band), where=reached)
    if terms.not_scored is not None:
        scores.withhold(terms.not_scored)


def _contribute(
    kind: Kind, usual: Rules, terms: Terms, block: Block, out: KindScores
) -> tuple[NDArray[np.bool_], _Floats]:
    """Fill in a kind's contributions; give which count, [E, K] or [E, 1], and points, [E, K]."""
    rule = usual.kinds[kind]
    amount, due, days_percent = block.measure_all(kind, rule, terms.windows(kind))
    number = block.evaluations.number
    if due is None:
        # A window without weight has the rate 0, whatever events its days hold.
        rate = amount * (_WEEK_PERCENT * (days_percent > 0)) / np.maximum(days_percent, 1)
    else:
        rate = amount / np.maximum(due, 1)
    enough = days_percent >= usual.minimum_percent
    counts, left_out = _left_out(rule, enough[:number], due, block.evaluations)
    moved_on = (rate[number:] > rate[:number]) & counts & enough[number:]
    decided = np.where(moved_on, rate[number:], rate[:number]) * counts
    points = terms.weight(kind) * np.minimum(1.0, decided / terms.saturation(kind))
    out.counted[...] = counts
    out.amount[...] = np.where(moved_on, amount[number:], amount[:number])
    out.days_percent[...] = np.where(moved_on, days_percent[number:], days_percent[:number])
    out.rate_hundredths[...] = _hundredths(decided)
    out.points_hundredths[...] = _hundredths(points)
    if due is not None and out.due is not None:
        out.due[...] = np.where(moved_on, due[number:], due[:number])
    if out.left_out is not None:
        out.left_out[...] = left_out
    return counts, points


def _left_out(
    rule: KindRule,
    enough: NDArray[np.bool_],
    due: _Integers | None,
    evaluations: Evaluations,
) -> tuple[NDArray[np.bool_], NDArray[np.uint8]]:
    """Give where a kind counts, and where not why: by the complete days alone."""
    counts = enough
    left_out = np.where(enough, _COUNTS, _TOO_FEW)
    if due is not None:
        left_out = np.where(enough & (due[: evaluations.number] == 0), _NOTHING_DUE, left_out)
        counts = left_out == _COUNTS
    if rule.off:
        off = _off(rule, evaluations)
        left_out = np.where(off > 0, off, left_out)
        counts = counts & (off == 0)
    return counts, left_out


def _off(rule: KindRule, evaluations: Evaluations) -> NDArray[np.uint8]:
    """Give the code of the span in which a kind is off on each evaluation, [E, 1]; 0 where on."""
    spans = [rule.off_on(day) for day in evaluations.complete.tolist()]
    codes = [LeftOut.NOT if span is None else LeftOut.OFF + rule.off.index(span) for span in spans]
    return np.array(codes, np.uint8)[:, np.newaxis]


def _hundredths(values: _Floats) -> _Integers:
    """`rounding.hundredths` of each value; they are at least 0, so truncation is the floor."""
    return (values * 100 + 0.5).astype(np.int64)
