"""Weights and thresholds that would serve a stated goal better, on a span of history.

A step is taken only where it gains enough: of weights that order students alike, those of the
policy stay. What is found is a proposal; whether it is worth anything, the held-out span says.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from backtest.course import DAYS_A_WEEK, Course
from backtest.earnings import Earnings, earnings
from backtest.ordering import concordant
from backtest.policy_text import changed
from backtest.raised import raised
from backtest.replay import Closings, replay
from backtest.report import HEADLINE_WEEKS
from schemas.types import Band, Kind
from scoring.alert_rules import BandAtOrBelow
from scoring.policy import Policy
from scoring.scores import BANDS
from scoring.thresholds import Thresholds

_Floats = NDArray[np.float64]

_FACTORS: Final = (0.25, 0.5, 0.75, 1.25, 1.5, 2.0, 3.0)
_LEAST_GAIN: Final = 0.01
"""AUC of a step. Chosen after a look at OULAD's module AAA, where a step of 0.006 on one year cost
0.006 on the other: so these two years are no test of it."""
_STEP: Final = 5  # points between thresholds that are tried
_SMALLEST_BAND: Final = 0.03  # of students; an emptier band says nothing
_MOST_ROUNDS: Final = 5


class Goal(StrEnum):
    """What a proposal is for."""

    ORDER = "order"  # order students by outcome: weights by AUC, thresholds by that of the bands
    ALERTS = "alerts"  # an alert load: where the lowest band begins, and nothing else


def tune_order(policy: Policy, courses: Sequence[Course]) -> Policy:
    """Propose weights of the kinds that the courses hold, then thresholds."""
    measured = [earnings(policy, course, HEADLINE_WEEKS) for course in courses]
    held = {kind for one in measured for kind in one.part}
    weights = {kind: rule.weight for kind, rule in policy.kinds.items() if kind in held}
    others = sum(rule.weight for kind, rule in policy.kinds.items() if kind not in held)
    weights = _best_weights(measured, weights, others)
    thresholds = _best_thresholds(measured, weights, others, policy.thresholds)
    kinds = {
        kind: rule.model_copy(update={"weight": weights.get(kind, rule.weight)})
        for kind, rule in policy.kinds.items()
    }
    return changed(policy, {"kinds": kinds, "thresholds": thresholds})


def tune_alerts(policy: Policy, courses: Sequence[Course], per_100: float) -> Policy:
    """Propose where the band `low` begins, for at most so many alerts per 100 students and week.

    Alerts of rules about low bands are meant; the highest threshold that keeps the load is taken,
    and the lowest that is tried where none does.
    """
    closings = [replay(policy, course) for course in courses]
    best: Policy | None = None
    for low in range(_STEP, int(np.ceil(policy.thresholds.partial)), _STEP):
        lowest = {**dict(policy.thresholds.ascending[1:]), Band.LOW: float(low)}
        thresholds = Thresholds(**{band.value: score for band, score in lowest.items()})
        tried = changed(policy, {"thresholds": thresholds})
        if best is None or alert_load(tried, courses, closings) <= per_100:
            best = tried
    return policy if best is None else best


def alert_load(policy: Policy, courses: Sequence[Course], closings: Sequence[Closings]) -> float:
    """Give the alerts per 100 students and week of the rules about low bands."""
    rules = [rule for rule in policy.alerts if isinstance(rule, BandAtOrBelow)]
    only = changed(policy, {"alerts": tuple(rules)})
    alerts, days = 0, 0
    for course, of in zip(courses, closings, strict=True):
        told = Closings(of.score, bands_of(of.score, policy.thresholds))
        alerts += sum(int(cells.sum()) for cells in raised(only, course, told).values())
        days += int(course.enrolled.sum())
    return 100 * alerts * DAYS_A_WEEK / max(days, 1)


def bands_of(score: NDArray[np.int16], thresholds: Thresholds) -> NDArray[np.uint8]:
    """Give the bands of scores in hundredths, by some thresholds; none below 0."""
    lowest = np.array([round(100 * low) for _, low in thresholds.ascending])
    codes = np.array([0, *(BANDS.index(band) for band, _ in thresholds.ascending)], np.uint8)
    return codes[np.searchsorted(lowest, score, side="right")]


def _best_weights(
    measured: Sequence[Earnings], weights: Mapping[Kind, float], others: float
) -> dict[Kind, float]:
    """Change one weight at a time, as long as it gains; the heaviest kind is the yardstick."""
    best = dict(weights)
    best_auc = _mean_auc(measured, best, others)
    fixed = max(best, key=lambda kind: best[kind], default=None)
    for _ in range(_MOST_ROUNDS):
        found = max(
            (
                (_mean_auc(measured, tried, others), place, tried)
                for place, tried in enumerate(_neighbours(best, fixed))
            ),
            default=None,
        )
        if found is None or not found[0] >= best_auc + _LEAST_GAIN:
            break
        best_auc, _, best = found
    return best


def _neighbours(weights: Mapping[Kind, float], fixed: Kind | None) -> Iterator[dict[Kind, float]]:
    for kind, weight in weights.items():
        if kind is not fixed:
            for factor in _FACTORS:
                yield {**weights, kind: round(weight * factor, 2)}


def _mean_auc(measured: Sequence[Earnings], weights: Mapping[Kind, float], others: float) -> float:
    scores = [one.scores(weights, others) for one in measured]
    return _mean_of_weeks(measured, scores)


def _mean_of_weeks(measured: Sequence[Earnings], scores: Sequence[_Floats]) -> float:
    figures = []
    for week in range(max((len(of) for of in scores), default=0)):
        right = pairs = 0.0
        for one, of in zip(measured, scores, strict=True):
            if week < len(of):
                who = one.who[week] & np.isfinite(of[week])
                once = np.ones((1, int(who.sum())))
                found = concordant(of[week][who], one.is_adverse[who], once)
                right, pairs = right + float(found[0][0]), pairs + float(found[1][0])
        if pairs:
            figures.append(right / pairs)
    return float(np.mean(figures)) if figures else 0.0


def _best_thresholds(
    measured: Sequence[Earnings],
    weights: Mapping[Kind, float],
    others: float,
    current: Thresholds,
) -> Thresholds:
    scores = [one.scores(weights, others) for one in measured]
    told = np.concatenate(
        [of[one.who & np.isfinite(of)] for one, of in zip(measured, scores, strict=True)]
    )
    if not len(told):
        return current

    def of_bands(lowest: Sequence[float]) -> float:
        bands = [
            np.where(np.isfinite(of), np.searchsorted(lowest, of, side="right"), np.nan)
            for of in scores
        ]
        return _mean_of_weeks(measured, bands)

    best = (current.low, current.partial, current.good, current.high)
    best_auc = of_bands(best) + _LEAST_GAIN
    ordered = np.sort(told)
    for low, partial, good, high in combinations(map(float, range(_STEP, 100, _STEP)), 4):
        tried = (low, partial, good, high)
        share = np.diff(np.searchsorted(ordered, (-1.0, *tried, np.inf))) / len(ordered)
        if float(share.min()) >= _SMALLEST_BAND:
            found = of_bands(tried)
            if found > best_auc:
                best, best_auc = tried, found
    return Thresholds(low=best[0], partial=best[1], good=best[2], high=best[3])
