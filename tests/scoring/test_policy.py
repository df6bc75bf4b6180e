from itertools import pairwise

import pytest
from hypothesis import given

from schemas.types import KINDS, Band, Kind
from scoring.kind_policy import Measure
from scoring.policy import Policy
from tests.scoring.example import EXAMPLE
from tests.scoring.random_policies import policies
from tests.scoring.worlds import patiently


def test_the_example_scores_moodle_and_coursework() -> None:
    assert list(EXAMPLE.kinds) == [Kind.FASER_UPLOAD, Kind.MOODLE_COURSE]
    assert EXAMPLE.kinds[Kind.MOODLE_COURSE].measure is Measure.DAYS
    assert EXAMPLE.kinds[Kind.MOODLE_COURSE].feeds == ("oulad.vle",)
    assert EXAMPLE.minimum_percent == 700
    assert EXAMPLE.minimum_weight == 2.0


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (0.0, Band.VERY_LOW),
        (19.99, Band.VERY_LOW),
        (20.0, Band.LOW),
        (45.0, Band.PARTIAL),
        (65.0, Band.GOOD),
        (84.99, Band.GOOD),
        (85.0, Band.HIGH),
        (100.0, Band.HIGH),
    ],
)
def test_a_band_begins_at_its_threshold(score: float, band: Band) -> None:
    assert EXAMPLE.band_of(score) is band


@given(policies())
@patiently
def test_kinds_are_in_the_order_of_the_field_whatever_the_order_of_the_file(
    policy: Policy,
) -> None:
    document = policy.model_dump(mode="python")
    document["kinds"] = dict(reversed(document["kinds"].items()))
    again = Policy.model_validate(document)
    assert again == policy
    places = [KINDS.index(kind) for kind in again.kinds]
    assert all(earlier < later for earlier, later in pairwise(places))
