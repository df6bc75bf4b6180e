"""Random students with their days, as both implementations want them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from schemas.types import Day, Kind, Status
from scoring import kernel, reference
from scoring.indicator import Indicator
from scoring.items import Item
from scoring.kind_policy import Measure
from scoring.late import LateItems
from scoring.panel import Panel
from scoring.policy import Policy
from scoring.profile import Profile
from scoring.resolution import group, resolve
from scoring.rules import NotScored
from scoring.scores import Scores
from scoring.student_days import Moment, StudentDays
from tests.scoring.random_policies import FIRST_DAY, Numbers, policies

patiently = settings(deadline=None)  # a machine busy with something else is no failure

Items = Mapping[Kind, Sequence[Sequence[Item]]]
"""By kind and student."""


@dataclass(frozen=True, slots=True)
class World:
    """A policy, students with their days, and the days on which they are evaluated."""

    policy: Policy
    panel: Panel
    items: Items
    """What the items of the panel were made of."""
    profiles: Sequence[Profile]
    places: NDArray[np.int64]
    """Whose profile is whose: [1, S] or [E, S]."""
    complete: NDArray[np.int64]
    as_of: NDArray[np.int64]
    seen: NDArray[np.int64]

    def scores(self) -> Scores:
        return kernel.evaluate(
            self.policy,
            self.panel,
            complete=self.complete,
            as_of=self.as_of,
            seen=self.seen,
            groups=group(self.policy, self.profiles, self.places),
        )

    def profile(self, evaluation: int, student: int) -> Profile:
        row = evaluation if len(self.places) > 1 else 0
        return self.profiles[int(self.places[row, student])]

    def reference(self, evaluation: int, student: int) -> Indicator:
        rules = resolve(self.policy, self.profile(evaluation, student))
        if isinstance(rules, NotScored):
            return Indicator.unscored(Status.NOT_SCORED, rules.reason)
        return reference.indicator_of(rules, self.student(student), self.moment(evaluation))

    def moment(self, evaluation: int) -> Moment:
        days = (self.complete[evaluation], self.as_of[evaluation], self.seen[evaluation])
        complete, as_of, seen = (Day(int(day)) for day in days)
        return Moment(complete, as_of, seen)

    def student(self, student: int) -> StudentDays:
        weights = column(self.panel.weight_percent, student)
        counted = {kind: column(days, student) for kind, days in self.panel.counted.items()}
        excused = {kind: column(days, student) for kind, days in self.panel.excused.items()}
        return StudentDays(
            counts={
                kind: {
                    Day(FIRST_DAY + row): int(count)
                    for row, count in enumerate(counts[:, student])
                    if count
                }
                for kind, counts in self.panel.counts.items()
            },
            weight_percent=lambda day: weights[day - FIRST_DAY],
            counted=lambda kind, day: bool(counted[kind][day - FIRST_DAY]),
            excused=lambda kind, day: kind in excused and bool(excused[kind][day - FIRST_DAY]),
            items={kind: of_kind[student] for kind, of_kind in self.items.items()},
        )


def column(array: NDArray[np.int64] | NDArray[np.bool_], student: int) -> list[int]:
    values: list[int] = array[:, student if array.shape[1] > 1 else 0].tolist()
    return values


def with_items(panel: Panel, items: Items) -> Panel:
    """The same days with these items, tabulated one by one."""
    shape = panel.days, len(next(iter(items.values()), ()))
    due = {kind: np.zeros(shape, np.uint32) for kind in items}
    met = {kind: np.zeros(shape, np.uint8) for kind in items}
    late = dict[Kind, LateItems]()
    for kind, of_kind in items.items():
        overdue = list[tuple[int, int, int]]()
        for student, of_student in enumerate(of_kind):
            for item in of_student:
                due[kind][item.due - FIRST_DAY, student] += 1
                if item.met is not None and item.met <= item.due:
                    met[kind][item.due - FIRST_DAY, student] += 1
                elif item.met is not None:
                    overdue.append((student, item.due, item.met))
        late[kind] = LateItems(*np.array(overdue, np.int64).reshape(-1, 3).T)
    return replace(panel, due=due, met=met, late=late)


@st.composite
def worlds(
    draw: st.DrawFn, most_evaluations: int = 12, most_students: int = 9, *, share: bool = False
) -> World:
    """Few numbers are drawn by Hypothesis, the many cells by a seed: shrinking stays quick.

    With `share`, at least one kind of the policy is measured as a share.
    """
    policy = draw(policies(share=share))
    evaluations = draw(st.integers(1, most_evaluations))
    students = draw(st.integers(1, most_students))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    spare = draw(st.integers(0, 3))  # days of the panel that no evaluation needs
    first = FIRST_DAY + policy.look_back_days - 1 + spare
    complete = first + random.integers(0, 1 + draw(st.integers(0, 20)), evaluations)
    as_of = complete + random.integers(1, 1 + draw(st.sampled_from([1, 2, 9])), evaluations)
    seen = random.integers(complete, as_of, endpoint=True)
    days = int(as_of.max()) - FIRST_DAY + 1 + spare

    shares = [kind for kind, rule in policy.kinds.items() if rule.measure is Measure.SHARE]
    activity = draw(st.sampled_from([0.05, 0.5, 3.0]))
    counts = {
        kind: random.poisson(activity, (days, students)).astype(np.uint32)
        for kind in policy.kinds
        if kind not in shares
    }
    if draw(st.booleans()) and counts:  # the largest count that a cell can hold
        counts[next(iter(counts))][random.random((days, students)) < 0.1] = 2**32 - 1
    weights = draw(st.sampled_from([[100], [100, 0], [0, 13, 50, 100, 100], [100, 170, 1], [0]]))
    usual = random.choice(weights, (days, 1))
    if draw(st.booleans()):  # some have weights of their own
        own = random.random(students) < draw(st.sampled_from([0.1, 0.9]))
        usual = np.where(own, random.choice(weights, (days, students)), usual)
    items = {kind: draw(_items(students, days)) for kind in shares}
    excused = draw(_flags(policy, days, students, is_usual=False))
    has_excuses: bool = draw(st.booleans())
    panel = Panel(
        FIRST_DAY,
        counts,
        usual.astype(np.int64),
        counted=draw(_flags(policy, days, students, is_usual=True)),
        excused=excused if has_excuses else {},
    )
    panel = with_items(panel, items) if items else panel
    arrays = [*counts.values(), *panel.counted.values(), *panel.excused.values()]
    for array in (*arrays, *panel.due.values(), *panel.met.values(), panel.weight_percent):
        array.flags.writeable = False  # the kernel may read them only
    numbers = Numbers(random, 1, 1)
    distinct = [numbers.profile() for _ in range(draw(st.integers(1, 4)))]
    moments = draw(st.sampled_from([1, evaluations]))  # records that change, or stay
    places = random.integers(0, len(distinct), (moments, students))
    if draw(st.booleans()):  # most are alike
        places[random.random(places.shape) < 0.8] = 0
    return World(policy, panel, items, distinct, places, complete, as_of, seen)


@st.composite
def _items(draw: st.DrawFn, students: int, days: int) -> list[list[Item]]:
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    number = draw(st.sampled_from([0.5, 4.0, 12.0]))
    return [[_item(random, days) for _ in range(random.poisson(number))] for _ in range(students)]


def _item(random: np.random.Generator, days: int) -> Item:
    due = FIRST_DAY + int(random.integers(0, days))
    met = None if random.random() < 0.4 else Day(due + int(random.integers(-2, 10)))
    return Item(Day(due), met)


@st.composite
def _flags(
    draw: st.DrawFn, policy: Policy, days: int, students: int, *, is_usual: bool
) -> dict[Kind, NDArray[np.bool_]]:
    """Of each day, what mostly is `is_usual`: for all alike or not, for all kinds alike or not."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    unusual = draw(st.sampled_from([0.0, 0.1, 0.7]))
    common = random.random((days, 1)) >= unusual
    if draw(st.booleans()):  # some have days of their own
        own = random.random(students) < draw(st.sampled_from([0.1, 0.9]))
        common = np.where(own, random.random((days, students)) >= unusual, common)
    if draw(st.booleans()):
        return dict.fromkeys(policy.kinds, common == is_usual)
    return {
        kind: (common & (random.random((days, 1)) >= unusual / 2)) == is_usual
        for kind in policy.kinds
    }


def every_indicator(world: World) -> list[tuple[int, int]]:
    students = range(world.panel.students)
    return [
        (evaluation, student) for evaluation in range(world.complete.size) for student in students
    ]
