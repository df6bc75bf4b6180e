"""What a student may rely on. Held by the kernel; by the reference too, for the two are equal."""

from dataclasses import replace

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from schemas.types import Day, Kind, Status
from scoring import reference
from scoring.indicator import Indicator
from scoring.items import Item
from scoring.scores import STATUSES, Scores
from tests.scoring.example import EXAMPLE
from tests.scoring.random_policies import FIRST_DAY, seeds
from tests.scoring.worlds import (
    Items,
    World,
    patiently,
    with_items,
    worlds,
)

LARGEST_COUNT = 2**32 - 1


def with_more(world: World, kind: Kind, where: NDArray[np.bool_]) -> World:
    """The same world with more activity of `kind` in the cells `where`, [T, S].

    One more event; of a share, what was due there and never met is met on the day it was due.
    """
    if kind not in world.items:
        counts = world.panel.counts[kind]
        more = counts + (where & (counts < LARGEST_COUNT))
        return replace(world, panel=replace(world.panel, counts={**world.panel.counts, kind: more}))

    def met(item: Item, student: int) -> Item:
        meets_it = item.met is None and where[item.due - FIRST_DAY, student]
        return replace(item, met=item.due) if meets_it else item

    of_kind = [
        [met(item, student) for item in of_student]
        for student, of_student in enumerate(world.items[kind])
    ]
    return with_other_items(world, {**world.items, kind: of_kind})


def with_other_items(world: World, items: Items) -> World:
    return replace(world, panel=with_items(world.panel, items), items=items)


def cells(world: World) -> tuple[int, int]:
    return world.panel.days, world.panel.students


def assert_equal(left: Scores, right: Scores) -> None:
    for of_left, of_right in zip(left.columns, right.columns, strict=True):
        assert (of_left == of_right).all()


def assert_not_lower(after: Scores, before: Scores) -> None:
    """Nothing is lower than before, and whoever had a score has one.

    Whoever had none may get one: what was due on an excused day counts only once it is met, and a
    kind of which nothing was due then takes part.
    """
    without = before.status == STATUSES.index(Status.INSUFFICIENT_DATA)
    assert ((after.status == before.status) | without).all()
    assert (after.score_hundredths >= before.score_hundredths).all()
    assert (after.band >= before.band).all()


@given(worlds(), seeds, st.floats(0, 1))
@patiently
def test_more_activity_never_lowers_a_score(
    world: World, random: np.random.Generator, part: float
) -> None:
    before = world.scores()
    for kind in world.policy.kinds:
        after = with_more(world, kind, random.random(cells(world)) < part).scores()
        assert_not_lower(after, before)


@given(worlds(share=True), seeds)
@patiently
def test_what_is_handed_in_sooner_never_lowers_a_score(
    world: World, random: np.random.Generator
) -> None:
    def sooner(item: Item) -> Item:
        met = None if item.met is None else Day(item.met - int(random.integers(0, 5)))
        return replace(item, met=met)

    items = {
        kind: [[sooner(item) for item in of_student] for of_student in of_kind]
        for kind, of_kind in world.items.items()
    }
    after, before = (
        with_other_items(world, items).scores() if items else world.scores(),
        world.scores(),
    )
    assert_not_lower(after, before)


@given(worlds(), seeds)
@patiently
def test_a_day_that_is_left_out_changes_nothing_whatever_its_events(
    world: World, random: np.random.Generator
) -> None:
    for kind, rule in world.policy.usual.kinds.items():
        is_off = [rule.off_on(FIRST_DAY + row) is not None for row in range(world.panel.days)]
        left_out = ~world.panel.counted[kind] | np.array(is_off)[:, np.newaxis]
        some = left_out & (random.random(cells(world)) < 0.5)
        assert_equal(with_more(world, kind, some).scores(), world.scores())


@given(worlds(share=True), seeds)
@patiently
def test_what_was_due_on_a_day_that_is_left_out_changes_nothing(
    world: World, random: np.random.Generator
) -> None:
    for kind, of_kind in world.items.items():
        counted = np.broadcast_to(world.panel.counted[kind], cells(world))
        kept = [
            [item for item in of_student if counted[item.due - FIRST_DAY, student]]
            for student, of_student in enumerate(of_kind)
        ]
        without = with_other_items(world, {**world.items, kind: kept})
        assert_equal(without.scores(), world.scores())


@given(worlds(share=True))
@patiently
def test_what_was_due_on_an_excused_day_is_never_held_against_anybody(world: World) -> None:
    for kind, of_kind in world.items.items():
        excused = np.broadcast_to(world.panel.excused.get(kind, np.False_), cells(world))
        kept = [
            [
                item
                for item in of_student
                if item.met is not None or not excused[item.due - FIRST_DAY, student]
            ]
            for student, of_student in enumerate(of_kind)
        ]
        without = with_other_items(world, {**world.items, kind: kept})
        assert_equal(without.scores(), world.scores())


@given(worlds(), seeds)
@patiently
def test_an_excused_day_keeps_what_happened_and_weighs_nothing(
    world: World, random: np.random.Generator
) -> None:
    """Where all kinds are excused alike, the calendar might as well say 0."""
    assume(not world.items)  # what was due is another matter: see above
    days = random.random(cells(world)) < 0.3
    weights = np.where(days, 0, world.panel.weight_percent)
    excused = replace(world.panel, excused=dict.fromkeys(world.policy.kinds, days))
    weightless = replace(world.panel, excused={}, weight_percent=weights)
    assert_equal(replace(world, panel=excused).scores(), replace(world, panel=weightless).scores())


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
    assert_equal(other.scores(), world.scores())


@given(worlds(most_evaluations=1))
@patiently
def test_a_day_that_is_not_seen_yet_changes_nothing_whatever_its_events(world: World) -> None:
    day = np.arange(world.panel.days)[:, np.newaxis] + world.panel.first_day
    later = np.broadcast_to(day > world.seen, cells(world))
    for kind in world.policy.kinds:
        assert_equal(with_more(world, kind, later).scores(), world.scores())


@given(worlds())
@patiently
def test_an_unfinished_day_never_lowers_a_band(world: World) -> None:
    closing = replace(world, seen=world.complete).scores()
    live = replace(world, seen=world.as_of).scores()
    assert_not_lower(live, closing)


def of_students(world: World, chosen: NDArray[np.int64]) -> World:
    """The same students, or some of them, or some twice, in another order."""
    panel = world.panel
    company = replace(
        panel,
        counts={kind: counts[:, chosen] for kind, counts in panel.counts.items()},
        weight_percent=np.broadcast_to(panel.weight_percent, cells(world))[:, chosen],
        counted={
            kind: np.broadcast_to(counted, cells(world))[:, chosen]
            for kind, counted in panel.counted.items()
        },
        excused={
            kind: np.broadcast_to(excused, cells(world))[:, chosen]
            for kind, excused in panel.excused.items()
        },
    )
    items = {kind: [of_kind[s] for s in chosen] for kind, of_kind in world.items.items()}
    other = replace(world, panel=company, places=world.places[:, chosen])
    return with_other_items(other, items) if items else other


@given(worlds(most_students=30), seeds)
@patiently
def test_a_student_is_scored_the_same_in_whatever_company(
    world: World, random: np.random.Generator
) -> None:
    chosen = random.choice(world.panel.students, 1 + random.integers(world.panel.students))
    whole, part = world.scores(), of_students(world, chosen).scores()
    for evaluation in range(world.complete.size):
        for place, student in enumerate(chosen):
            assert part.indicator(evaluation, place) == whole.indicator(evaluation, int(student))


def indicator_of(history: list[tuple[int, int]]) -> Indicator:
    """The indicator after days of (weight in percent, events), the latest last."""
    today = Day(len(history))
    return reference.evaluate(
        EXAMPLE,
        counts={
            kind: {Day(day): events for day, (_, events) in enumerate(history)}
            for kind in EXAMPLE.kinds
        },
        complete=Day(today - 1),
        as_of=today,
        seen=Day(today - 1),
        weight_percent=lambda day: 100 if day == today else history[day][0],
        counted=lambda _, day: day >= 0,
    )


@given(worlds(), seeds)
@patiently
def test_the_order_of_students_changes_nothing(world: World, random: np.random.Generator) -> None:
    order = random.permutation(world.panel.students)
    whole, mixed = world.scores(), of_students(world, order).scores()
    for of_whole, of_mixed in zip(whole.columns, mixed.columns, strict=True):
        assert (of_whole[:, order] == of_mixed).all()


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
        EXAMPLE,
        counts={Kind.MOODLE_COURSE: {Day(1000): 1, Day(1060): 1}},
        complete=complete,
        as_of=as_of,
        seen=as_of,
        weight_percent=lambda day: 100 if day <= complete else 0,
        counted=lambda kind, day: True,
    )
    (moodle,) = (part for part in indicator.contributions if part.kind is Kind.MOODLE_COURSE)
    assert (moodle.amount, moodle.days_percent) == (1, 2100)
