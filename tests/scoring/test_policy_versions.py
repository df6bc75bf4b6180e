"""What is the same policy, and what differs between two."""

from importlib.resources import files

import pytest
import yaml
from hypothesis import given

from scoring.policy import Policy, parse_policy
from scoring.policy_diff import policy_diff
from scoring.policy_digest import policy_digest
from tests.scoring.example import EXAMPLE, EXAMPLE_TEXT
from tests.scoring.random_policies import policies
from tests.scoring.worlds import patiently

DEFAULT_TEXT = files("scoring").joinpath("policies/default.yaml").read_text()


@pytest.mark.parametrize(
    "same",
    [
        EXAMPLE_TEXT + "\n# a comment\n",
        EXAMPLE_TEXT.replace("weight: 3", "weight: 3.0"),
        EXAMPLE_TEXT + "\nmark_deadline_hours: 36\nalerts: []\n",  # defaults written out
        yaml.safe_dump(yaml.safe_load(EXAMPLE_TEXT), sort_keys=True),
    ],
    ids=["comment", "3.0", "defaults", "order"],
)
def test_how_a_policy_is_written_does_not_change_its_digest(same: str) -> None:
    assert policy_digest(parse_policy(same)) == policy_digest(EXAMPLE)
    assert policy_diff(EXAMPLE, parse_policy(same)) == ()


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("weight: 3", "weight: 3.5", "kinds.moodle_course.weight: 3.0 -> 3.5"),
        ("title: Example", "title: Other", "title: Example -> Other"),
        ("[oulad.vle]", "[a, b]", "kinds.moodle_course.feeds: ['oulad.vle'] -> ['a', 'b']"),
        ("high: 85", "high: 90", "thresholds.high: 85.0 -> 90.0"),
    ],
)
def test_what_differs_is_told_and_changes_the_digest(old: str, new: str, line: str) -> None:
    other = parse_policy(EXAMPLE_TEXT.replace(old, new, 1))
    assert policy_digest(other) != policy_digest(EXAMPLE)
    assert [str(difference) for difference in policy_diff(EXAMPLE, other)] == [line]


def test_what_only_one_of_them_has_is_told() -> None:
    text = DEFAULT_TEXT.replace("closings: 7", "closings: 8").replace(
        "  - where: {level: [exchange]}", "  - where: {level: [exchange, visiting]}"
    )
    before, after = parse_policy(DEFAULT_TEXT), parse_policy(text + "  - " + NUDGE)
    assert [str(difference) for difference in policy_diff(before, after)] == [
        "alerts.nudge: nothing -> {'name': 'nudge', 'suggestion': 'write', 'cool_down_days': 9, "
        "'rule': 'no_activity', 'counted_days': 3}",
        "alerts.very_low_on_7_closings.closings: 7 -> 8",
        "not_scored.1.where.level: ['exchange'] -> ['exchange', 'visiting']",
    ]


NUDGE = "{name: nudge, rule: no_activity, counted_days: 3, cool_down_days: 9, suggestion: write}\n"


@given(policies(), policies())
@patiently
def test_digests_are_equal_where_nothing_differs_and_nowhere_else(a: Policy, b: Policy) -> None:
    again = Policy.model_validate(a.model_dump())
    assert policy_diff(a, again) == ()
    assert policy_digest(a) == policy_digest(again)
    assert (policy_digest(a) == policy_digest(b)) == (policy_diff(a, b) == ())
    assert len(policy_diff(a, b)) == len(policy_diff(b, a))
