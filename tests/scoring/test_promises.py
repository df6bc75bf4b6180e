"""What a student may rely on. Held by the kernel; by the reference too, for the two are equal."""

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from schemas.types import Day, Kind
from scoring import reference
from scoring.indicator import Indicator
from scoring.scores import Scores
from tests.scoring.demo import DEMO
from tests.scoring.worlds import World, every_indicator, patiently, worlds

LARGEST_COUNT = 2**32 - 1
seeds = st.integers(0, 2**32).map(np.random.default_rng)


def with_more(world: World, kind: Kind, where: NDArray[np.bool_]) -> World:
    """The same world with one more event of `kind` in the cells `where`, [T, S]."""
    counts = world.panel.counts[kind]
    more = counts + (where & (counts < LARGEST_COUNT))
    return replace(world, panel=replace(world.panel, counts={**world.panel.counts, kind: more}))


def cells(world: World) -> tuple[int, int]:
    return world.panel.days, world.panel.students


def assert_equal(left: Scores, right: Scores, world: World) -> None:
    for at in every_indicator(world):
        assert left.indicator(*at) == right.indicator(*at)


@given(worlds(), seeds, st.floats(0, 1))
@patiently
def test_more_activity_never_lowers_a_score(
    world: World, random: np.random.Generator, part: float
) -> None:
    before = world.scores()
    for kind in world.policy.kinds:
        after = with_more(world, kind, random.random(cells(world)) < part).scores()
        assert (after.status == before.status).all()
        assert (after.score_hundredths >= before.score_hundredths).all()
        assert (after.band >= before.band).all()


@given(worlds(), seeds)
@patiently
def test_a_day_that_is_left_out_changes_nothing_whatever_its_events(
    world: World, random: np.random.Generator
) -> None:
    for kind in world.policy.kinds:
        left_out = ~world.panel.counted[kind] & (random.random(cells(world)) < 0.5)
        assert_equal(with_more(world, kind, left_out).scores(), world.scores(), world)


@given(worlds(), seeds)
@patiently
def test_a_day_that_is_left_out_for_all_kinds_changes_nothing_whatever_its_weight(
    world: World, random: np.random.Generator
) -> None:
    said = np.logical_or.reduce(
        [np.broadcast_to(c, cells(world)) for c in world.panel.counted.values()]
    )
    weight = np.where(said, world.panel.weight_percent, random.integers(0, 200, cells(world)))
    other = replace(world, panel=replace(world.panel, weight_percent=weight))
    assert_equal(other.scores(), world.scores(), world)


@given(worlds(most_evaluations=1))
@patiently
def test_a_day_that_is_not_seen_yet_changes_nothing_whatever_its_events(world: World) -> None:
    day = np.arange(world.panel.days)[:, np.newaxis] + world.panel.first_day
    later = np.broadcast_to(day > world.seen, cells(world))
    for kind in world.policy.kinds:
        assert_equal(with_more(world, kind, later).scores(), world.scores(), world)


@given(worlds())
@patiently
def test_an_unfinished_day_never_lowers_a_band(world: World) -> None:
    closing = replace(world, seen=world.complete).scores()
    live = replace(world, seen=world.as_of).scores()
    assert (live.status == closing.status).all()
    assert (live.score_hundredths >= closing.score_hundredths).all()
    assert (live.band >= closing.band).all()


@given(worlds(most_students=30), seeds)
@patiently
def test_a_student_is_scored_the_same_in_whatever_company(
    world: World, random: np.random.Generator
) -> None:
    chosen = random.choice(world.panel.students, 1 + random.integers(world.panel.students))
    panel = world.panel
    company = replace(
        panel,
        counts={kind: counts[:, chosen] for kind, counts in panel.counts.items()},
        weight_percent=np.broadcast_to(panel.weight_percent, cells(world))[:, chosen],
        counted={
            kind: np.broadcast_to(counted, cells(world))[:, chosen]
            for kind, counted in panel.counted.items()
        },
    )
    whole, part = world.scores(), replace(world, panel=company).scores()
    for evaluation in range(world.complete.size):
        for place, student in enumerate(chosen):
            assert part.indicator(evaluation, place) == whole.indicator(evaluation, int(student))


def indicator_of(history: list[tuple[int, int]]) -> Indicator:
    """The indicator after days of (weight in percent, events), the latest last."""
    today = Day(len(history))
    return reference.evaluate(
        DEMO,
        counts={
            kind: {Day(day): events for day, (_, events) in enumerate(history)}
            for kind in DEMO.kinds
        },
        complete=Day(today - 1),
        as_of=today,
        seen=Day(today - 1),
        weight_percent=lambda day: 100 if day == today else history[day][0],
        counted=lambda _, day: day >= 0,
    )


histories = st.lists(st.tuples(st.sampled_from([0, 50, 100]), st.integers(0, 2)), max_size=60)


@given(histories, st.data())
@settings(patiently, max_examples=200)
def test_an_idle_day_of_weight_0_changes_nothing(
    history: list[tuple[int, int]], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(history)))
    vacation = [*history[:place], (0, 0), *history[place:]]
    assert indicator_of(vacation) == indicator_of(history)


def test_a_day_of_weight_0_adds_its_events_but_no_weight() -> None:
    term = [(100, 0)] * 10
    idle = indicator_of([*term, (0, 0), *term])
    busy = indicator_of([*term, (0, 2), *term])
    assert [part.amount for part in idle.contributions] == [0, 0]
    assert [part.amount for part in busy.contributions] == [2, 1]  # two uploads, one Moodle day
    for indicator in (idle, busy):
        assert [part.days_percent for part in indicator.contributions] == [2000, 2000]


def test_a_busy_day_behind_a_long_vacation_is_not_a_busy_week() -> None:
    """Too little of a window that moved on to the day in progress is left to say anything."""
    complete, as_of = Day(1000), Day(1066)  # the window of 70 days then begins at 997
    indicator = reference.evaluate(
        DEMO,
        counts={Kind.MOODLE_COURSE: {Day(1000): 1, Day(1060): 1}},
        complete=complete,
        as_of=as_of,
        seen=as_of,
        weight_percent=lambda day: 100 if day <= complete else 0,
        counted=lambda kind, day: True,
    )
    (moodle,) = (part for part in indicator.contributions if part.kind is Kind.MOODLE_COURSE)
    assert (moodle.amount, moodle.days_percent) == (1, 2100)
