"""What a caller reads out of the kernel's arrays."""

import numpy as np
import pytest
from hypothesis import given

from schemas.types import Status
from scoring.late import LateItems
from scoring.resolution import resolve
from scoring.rules import NotScored
from scoring.scores import STATUSES, LeftOut
from tests.scoring.random_policies import seeds
from tests.scoring.worlds import World, every_indicator, patiently, worlds


@given(worlds(), seeds)
@patiently
def test_picked_cells_are_the_cells(world: World, random: np.random.Generator) -> None:
    scores = world.scores()
    at = every_indicator(world)
    chosen = [at[place] for place in random.integers(0, len(at), 5)]
    evaluations, students = np.array(chosen).T
    picked = scores.picked(evaluations, students)
    for place, cell in enumerate(chosen):
        assert picked.indicator(0, place) == scores.indicator(*cell)


@given(worlds())
@patiently
def test_weights_are_those_of_the_contributions(world: World) -> None:
    scores = world.scores()
    shape = scores.status.shape
    for kind in scores.kinds:
        weights = np.broadcast_to(scores.weight(kind), shape)
        for at in every_indicator(world):
            parts = {part.kind: part for part in scores.indicator(*at).contributions}
            assert weights[at] == (parts[kind].weight if kind in parts else 0)


@given(worlds())
@patiently
def test_who_is_not_scored_has_no_numbers_at_all(world: World) -> None:
    """Whoever compares arrays must not see what the policy says is none of its business."""
    scores = world.scores()
    excluded = np.zeros(scores.status.shape, np.bool_)
    for at in every_indicator(world):
        excluded[at] = isinstance(resolve(world.policy, world.profile(*at)), NotScored)
    assert (excluded == (scores.status == STATUSES.index(Status.NOT_SCORED))).all()
    for column in scores.columns:
        if column is not scores.status:
            assert not column[excluded].any()


@given(worlds())
@patiently
def test_a_kind_counts_where_nothing_leaves_it_out(world: World) -> None:
    scores = world.scores()
    scored = scores.status != STATUSES.index(Status.NOT_SCORED)
    for kind in scores.kinds.values():
        assert kind.left_out is not None
        assert (kind.counted == (kind.left_out == LeftOut.NOT))[scored].all()


def days(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


@pytest.mark.parametrize(
    ("late", "sentence"),
    [
        (LateItems(days(1, 0), days(1, 1), days(2, 2)), "in order of students"),
        (LateItems(days(0, 3), days(1, 1), days(2, 2)), "in order of students"),
        (LateItems(days(0, 1), days(1, 2), days(2, 2)), "due before they are met"),
        (LateItems(days(0, 1), days(1), days(2, 2)), r"must be \[N\] each"),
    ],
)
def test_late_items_that_make_no_sense_are_refused(late: LateItems, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        late.check(3)
