import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.types import Band, Day, Kind, Status
from scoring import kernel, tally
from scoring.scores import BANDS, STATUSES
from tests.scoring.worlds import FIRST_DAY, World, worlds


def every_indicator(world: World) -> list[tuple[int, int]]:
    students = world.panel.students
    return [(e, s) for e in range(world.complete.size) for s in range(students)]


@given(worlds())
@settings(max_examples=300)
def test_the_kernel_gives_what_the_reference_gives_to_the_last_digit(world: World) -> None:
    scores = world.scores()
    for evaluation, student in every_indicator(world):
        expected = world.reference(evaluation, student)
        assert scores.indicator(evaluation, student) == expected


@given(worlds(most_evaluations=2, most_students=40))
@settings(max_examples=60)
def test_blocks_of_students_do_not_show(world: World) -> None:
    whole = world.scores()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "_BLOCK_CELLS", 200)
        in_blocks = world.scores()
    for evaluation, student in every_indicator(world):
        assert in_blocks.indicator(evaluation, student) == whole.indicator(evaluation, student)
