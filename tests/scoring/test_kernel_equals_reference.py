from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray

from schemas.types import Day, Kind
from scoring import kernel, reference
from scoring.panel import Panel
from tests.scoring.example import EXAMPLE
from tests.scoring.random_policies import FIRST_DAY
from tests.scoring.worlds import World, every_indicator, patiently, worlds


@given(worlds())
@settings(patiently, max_examples=400)
def test_the_kernel_gives_what_the_reference_gives_to_the_last_digit(world: World) -> None:
    scores = world.scores()
    for evaluation, student in every_indicator(world):
        assert scores.indicator(evaluation, student) == world.reference(evaluation, student)


@given(worlds(most_evaluations=2, most_students=40))
@settings(patiently, max_examples=60)
def test_the_size_of_a_block_of_students_does_not_show(world: World) -> None:
    whole = world.scores()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "_BLOCK_CELLS", 200)
        in_blocks = world.scores()
    for at in every_indicator(world):
        assert in_blocks.indicator(*at) == whole.indicator(*at)


def panel(days: int, students: int = 2) -> Panel:
    """Days on which everybody does one thing of each kind."""
    one = np.ones((days, students), np.uint32)
    all_days = np.ones((days, 1), np.bool_)
    weight = np.full((days, 1), 100)
    return Panel(
        FIRST_DAY, dict.fromkeys(EXAMPLE.kinds, one), weight, dict.fromkeys(EXAMPLE.kinds, all_days)
    )


def days(*offsets: int) -> NDArray[np.int64]:
    return np.array([FIRST_DAY + offset for offset in offsets], np.int64)


def test_no_evaluation_and_no_student_give_empty_scores() -> None:
    nobody = kernel.evaluate(
        EXAMPLE, panel(80, students=0), complete=days(70), as_of=days(71), seen=days(70)
    )
    never = kernel.evaluate(EXAMPLE, panel(80), complete=days(), as_of=days(), seen=days())
    assert nobody.band.shape == (1, 0)
    assert never.band.shape == (0, 2)


@pytest.mark.parametrize(
    ("complete", "as_of"), [(68, 69), (79, 80)], ids=["before the first day", "after the last day"]
)
def test_a_panel_too_short_for_the_look_back_is_refused(complete: int, as_of: int) -> None:
    with pytest.raises(ValueError, match="the panel holds 15000 to 15079"):
        kernel.evaluate(
            EXAMPLE, panel(80), complete=days(complete), as_of=days(as_of), seen=days(complete)
        )


@pytest.mark.parametrize(
    ("complete", "seen", "as_of"), [(70, 70, 70), (70, 69, 71), (70, 72, 71), (71, 71, 70)]
)
def test_days_out_of_order_are_refused_by_both(complete: int, seen: int, as_of: int) -> None:
    with pytest.raises(ValueError, match="complete <= seen <= as_of"):
        kernel.evaluate(
            EXAMPLE, panel(80), complete=days(complete), as_of=days(as_of), seen=days(seen)
        )
    with pytest.raises(ValueError, match="complete <= seen <= as_of"):
        reference.evaluate(
            EXAMPLE,
            counts={},
            complete=Day(complete),
            as_of=Day(as_of),
            seen=Day(seen),
            weight_percent=lambda _: 100,
            counted=lambda _kind, _day: True,
        )


def without(kinds: Mapping[Kind, NDArray[np.uint32]]) -> Mapping[Kind, NDArray[np.uint32]]:
    return {kind: counts for kind, counts in kinds.items() if kind is not Kind.MOODLE_COURSE}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (replace(panel(80), counts=without(panel(80).counts)), "the panel lacks moodle_course"),
        (replace(panel(80), counts=panel(79).counts), "counts of faser_upload"),
        (replace(panel(80), counted=panel(79).counted), "counted of faser_upload"),
        (replace(panel(80), weight_percent=np.full((80, 3), 100)), "weight_percent"),
    ],
    ids=["kind", "counts", "counted", "weights"],
)
def test_a_panel_that_does_not_fit_is_refused(wrong: Panel, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        kernel.evaluate(EXAMPLE, wrong, complete=days(70), as_of=days(71), seen=days(70))
