"""Random policies with everything in use: shares, part-time windows, switched-off days, groups.

Hypothesis draws what shapes a policy; a seed gives the many numbers, so that drawing stays quick.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

import numpy as np
from hypothesis import strategies as st

from schemas.types import KINDS, Day, Kind, Mode
from scoring.days import date_of
from scoring.kind_policy import KindPolicy, Measure, Off
from scoring.policy import Policy
from scoring.profile import Profile
from scoring.selection import KindOverride, NotScoredRule, Override, Selection
from scoring.thresholds import Thresholds

T = TypeVar("T")

FIRST_DAY = Day(15_000)
LEVELS = ["undergraduate", "postgraduate"]
PROGRAMMES = ["history", "physics"]
STATUSES = ["enrolled", "interrupted"]
MOST_SATURATION = {Measure.EVENTS: 300.0, Measure.DAYS: 7.0, Measure.SHARE: 1.0}
AWAY = NotScoredRule(where=Selection(status=("interrupted",)), reason="studies are interrupted")

seeds = st.integers(0, 2**32).map(np.random.default_rng)
kinds = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(Measure)),
    min_size=1,
    max_size=4,
    unique_by=lambda pair: pair[0],
)


class Numbers:
    """Values of fields, each as odd as the policy allows."""

    def __init__(self, random: np.random.Generator, shortest: int, longest: int) -> None:
        self._random = random
        self._windows = shortest, longest

    def one_of(self, values: Sequence[T]) -> T:
        return values[int(self._random.integers(len(values)))]

    def maybe(self, value: T) -> T | None:
        return self.one_of([None, value])

    def weight(self) -> float:
        usual = float(self._random.integers(1, 6))
        return self.one_of([usual, usual, 0.001, 1000.0, float(self._random.uniform(0.001, 1000))])

    def saturation(self, measure: Measure) -> float:
        most = MOST_SATURATION[measure]
        low = float(self._random.uniform(0.01, 0.1 * most))
        return self.one_of([0.01, most, low, float(self._random.uniform(0.01, most))])

    def window(self) -> int:
        return int(self._random.integers(*self._windows, endpoint=True))

    def thresholds(self) -> Thresholds:
        lowest = np.sort(self._random.choice(np.arange(1, 10_000), 4, replace=False)) / 100
        low, partial, good, high = lowest.tolist()
        return Thresholds(low=low, partial=partial, good=good, high=high)

    def off(self) -> tuple[Off, ...]:
        """Up to two spans, apart from one another, not in order."""
        spans = list[Off]()
        first = date_of(FIRST_DAY + int(self._random.integers(0, 20)))
        for _ in range(self.one_of([0, 0, 1, 2])):
            last = first + timedelta(days=int(self._random.integers(0, 10)))
            spans.append(Off(first=first, last=last, reason="closed"))
            first = last + timedelta(days=int(self._random.integers(1, 5)))
        return tuple(reversed(spans))

    def selection(self) -> Selection:
        level, programme = (self.one_of(LEVELS),), (self.one_of(PROGRAMMES),)
        return self.one_of(
            [
                Selection(level=level),
                Selection(programme=programme),
                Selection(level=level, programme=programme),
                Selection(mode=(Mode.PART_TIME,)),
            ]
        )

    def kind(self, measure: Measure) -> KindPolicy:
        saturation = self.saturation(measure)
        is_share = measure is Measure.SHARE
        return KindPolicy(
            weight=self.weight(),
            window_days=self.window(),
            part_time_window_days=self.maybe(self.window()),
            measure=measure,
            saturation_per_week=None if is_share else saturation,
            saturation_share=saturation if is_share else None,
            feeds=("some.feed",),
            switched_off=self.off(),
        )

    def override(self, kinds: Mapping[Kind, KindPolicy]) -> Override:
        kept = next(iter(kinds))  # somewhere weight has to be left
        different = dict[Kind, KindOverride]()
        for kind, rule in kinds.items():
            saturation = self.maybe(self.saturation(rule.measure))
            is_share = rule.measure is Measure.SHARE
            if self.one_of([True, False]):
                different[kind] = KindOverride(
                    weight=self.one_of([None, self.weight(), self.weight() if kind is kept else 0]),
                    window_days=self.maybe(self.window()),
                    part_time_window_days=self.maybe(self.window()),
                    saturation_per_week=None if is_share else saturation,
                    saturation_share=saturation if is_share else None,
                )
        thresholds = self.maybe(self.thresholds()) if different else self.thresholds()
        where = self.selection()
        return Override(where=where, reason="differs", kinds=different, thresholds=thresholds)

    def profile(self) -> Profile:
        mode = self.one_of([*Mode, "unheard of"])
        return Profile(self.one_of(LEVELS), mode, self.one_of(PROGRAMMES), self.one_of(STATUSES))


@st.composite
def policies(draw: st.DrawFn, *, share: bool = False) -> Policy:
    look_back = draw(st.integers(3, 30))
    longest = draw(st.integers(1, look_back))
    minimum = draw(st.floats(0.01, longest))
    numbers = Numbers(draw(seeds), int(np.ceil(minimum)), longest)
    scored = {kind: numbers.kind(measure) for kind, measure in draw(kinds)}
    if share:
        scored[Kind.FASER_UPLOAD] = numbers.kind(Measure.SHARE)
    return Policy(
        version=1,
        valid_from=date_of(10_000),
        title="random",
        look_back_days=look_back,
        minimum_counted_days=minimum,
        minimum_weight_share=numbers.one_of([0.0, 0.3, 0.5, 1.0]),
        thresholds=numbers.thresholds(),
        kinds=scored,
        not_scored=numbers.one_of([(), (AWAY,)]),
        overrides=tuple(numbers.override(scored) for _ in range(draw(st.integers(0, 2)))),
    )
