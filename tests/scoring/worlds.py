"""Random policies, and random students with their days, as both implementations want them."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from schemas.types import KINDS, Day, Kind
from scoring import kernel, reference
from scoring.indicator import Indicator
from scoring.panel import Panel
from scoring.policy import KindPolicy, Measure, Policy, Thresholds
from scoring.scores import Scores

FIRST_DAY = Day(15_000)
patiently = settings(deadline=None)  # a machine busy with something else is no failure


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    look_back = draw(st.integers(3, 30))
    longest = draw(st.integers(1, look_back))
    lowest = draw(st.lists(st.integers(1, 9_999), min_size=4, max_size=4, unique=True).map(sorted))
    low, partial, good, high = (value / 100 for value in lowest)
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4, unique=True))
    minimum = draw(st.floats(0.01, longest))
    shortest = int(np.ceil(minimum))
    rules = {
        kind: KindPolicy(
            weight=draw(st.one_of(st.integers(1, 5).map(float), st.floats(0.001, 1000))),
            window_days=draw(st.integers(shortest, longest)),
            measure=(measure := draw(st.sampled_from(Measure))),
            saturation_per_week=draw(st.floats(0.01, 7 if measure is Measure.DAYS else 300)),
            feeds=("some.feed",),
        )
        for kind in kinds
    }
    return Policy(
        version=1,
        valid_from=date(2013, 1, 1),
        title="random",
        look_back_days=look_back,
        minimum_counted_days=minimum,
        minimum_weight_share=draw(st.sampled_from([0.0, 0.3, 0.5, 1.0])),
        thresholds=Thresholds(low=low, partial=partial, good=good, high=high),
        kinds=rules,
    )


@dataclass(frozen=True, slots=True)
class World:
    """A policy, students with their days, and the days on which they are evaluated."""

    policy: Policy
    panel: Panel
    complete: NDArray[np.int64]
    as_of: NDArray[np.int64]
    seen: NDArray[np.int64]

    def scores(self) -> Scores:
        return kernel.evaluate(
            self.policy, self.panel, complete=self.complete, as_of=self.as_of, seen=self.seen
        )

    def reference(self, evaluation: int, student: int) -> Indicator:
        counts = {
            kind: {
                Day(FIRST_DAY + row): int(count)
                for row, count in enumerate(self.panel.counts[kind][:, student])
                if count
            }
            for kind in self.policy.kinds
        }
        weights = column(self.panel.weight_percent, student)
        counted = {kind: column(self.panel.counted[kind], student) for kind in self.policy.kinds}
        return reference.evaluate(
            self.policy,
            counts=counts,
            complete=Day(int(self.complete[evaluation])),
            as_of=Day(int(self.as_of[evaluation])),
            seen=Day(int(self.seen[evaluation])),
            weight_percent=lambda day: weights[day - FIRST_DAY],
            counted=lambda kind, day: bool(counted[kind][day - FIRST_DAY]),
        )


def column(array: NDArray[np.int64] | NDArray[np.bool_], student: int) -> list[int]:
    return [int(value) for value in array[:, student if array.shape[1] > 1 else 0]]


@st.composite
def worlds(draw: st.DrawFn, most_evaluations: int = 12, most_students: int = 9) -> World:
    """Few numbers are drawn by Hypothesis, the many cells by a seed: shrinking stays quick."""
    policy = draw(policies())
    evaluations = draw(st.integers(1, most_evaluations))
    students = draw(st.integers(1, most_students))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    spare = draw(st.integers(0, 3))  # days of the panel that no evaluation needs
    first = FIRST_DAY + policy.look_back_days - 1 + spare
    complete = first + random.integers(0, 1 + draw(st.integers(0, 20)), evaluations)
    as_of = complete + random.integers(1, 1 + draw(st.sampled_from([1, 2, 9])), evaluations)
    seen = random.integers(complete, as_of, endpoint=True)
    days = int(as_of.max()) - FIRST_DAY + 1 + spare

    activity = draw(st.sampled_from([0.05, 0.5, 3.0]))
    counts = {
        kind: random.poisson(activity, (days, students)).astype(np.uint32) for kind in policy.kinds
    }
    if draw(st.booleans()):  # the largest count that a cell can hold
        counts[next(iter(counts))][random.random((days, students)) < 0.1] = 2**32 - 1
    weights = draw(st.sampled_from([[100], [100, 0], [0, 13, 50, 100, 100], [100, 170, 1], [0]]))
    usual = random.choice(weights, (days, 1))
    if draw(st.booleans()):  # some have weights of their own
        own = random.random(students) < draw(st.sampled_from([0.1, 0.9]))
        usual = np.where(own, random.choice(weights, (days, students)), usual)
    panel = Panel(FIRST_DAY, counts, usual.astype(np.int64), draw(_counted(policy, days, students)))
    for array in (*counts.values(), *panel.counted.values(), panel.weight_percent):
        array.flags.writeable = False  # the kernel may read them only
    return World(policy, panel, complete, as_of, seen)


@st.composite
def _counted(
    draw: st.DrawFn, policy: Policy, days: int, students: int
) -> dict[Kind, NDArray[np.bool_]]:
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    left_out = draw(st.sampled_from([0.0, 0.1, 0.7]))
    common = random.random((days, 1)) >= left_out
    if draw(st.booleans()):  # some have periods of their own
        own = random.random(students) < draw(st.sampled_from([0.1, 0.9]))
        common = np.where(own, random.random((days, students)) >= left_out, common)
    if draw(st.booleans()):
        return dict.fromkeys(policy.kinds, common)
    return {kind: common & (random.random((days, 1)) >= left_out / 2) for kind in policy.kinds}


def every_indicator(world: World) -> list[tuple[int, int]]:
    students = range(world.panel.students)
    return [
        (evaluation, student) for evaluation in range(world.complete.size) for student in students
    ]
