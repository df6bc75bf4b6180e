from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given

from schemas.types import Kind, Mode
from scoring.policy import Policy, parse_policy
from scoring.profile import Profile
from scoring.resolution import Groups, group, resolve
from scoring.rules import NotScored, Rules
from tests.scoring.example import EXAMPLE
from tests.scoring.random_policies import Numbers, policies, seeds
from tests.scoring.worlds import patiently

DEFAULT = files("scoring").joinpath("policies/default.yaml").read_text()
OVERRIDES = """
  - where: {level: [foundation]}
    reason: smaller steps
    thresholds: {low: 10, partial: 30, good: 50, high: 70}
    kinds:
      tap_in: {weight: 5, window_days: 14}
  - where: {programme: [Distance Law], level: [foundation, undergraduate]}
    reason: no campus
    kinds:
      tap_in: {weight: 0}
"""
POLICY = parse_policy(DEFAULT.replace("overrides:\n", "overrides:" + OVERRIDES))
STUDENT = Profile("undergraduate", Mode.FULL_TIME, "History", "enrolled")


def rules(profile: Profile) -> Rules:
    resolved = resolve(POLICY, profile)
    assert isinstance(resolved, Rules)
    return resolved


@pytest.mark.parametrize(
    ("profile", "reason"),
    [
        (replace(STUDENT, level="research"), "research students work in ways that"),
        (replace(STUDENT, level="exchange"), "exchange students have no access yet"),
        (replace(STUDENT, status="interrupted"), "studies are interrupted"),
        (replace(STUDENT, status="withdrawn"), "the student has withdrawn"),
        (replace(STUDENT, level="research", status="withdrawn"), "research students work"),
    ],
)
def test_who_is_not_scored_reads_the_first_reason_that_fits(profile: Profile, reason: str) -> None:
    resolved = resolve(POLICY, profile)
    assert isinstance(resolved, NotScored)
    assert resolved.reason.startswith(reason)


def test_to_whom_nothing_applies_the_usual_rules_hold() -> None:
    assert rules(STUDENT) == POLICY.usual
    assert rules(replace(STUDENT, programme="Distance Law", level="postgraduate")) == POLICY.usual


def test_overrides_change_what_they_name_and_the_later_one_has_the_last_word() -> None:
    foundation = rules(replace(STUDENT, level="foundation"))
    assert foundation.thresholds.high == 70
    assert foundation.kinds[Kind.TAP_IN].weight == 5
    assert foundation.kinds[Kind.TAP_IN].window_days == 14
    assert foundation.kinds[Kind.TAP_IN].saturation == 3
    assert foundation.kinds[Kind.MOODLE_COURSE] == POLICY.usual.kinds[Kind.MOODLE_COURSE]
    distance = rules(replace(STUDENT, level="foundation", programme="Distance Law"))
    assert distance.kinds[Kind.TAP_IN].weight == 0
    assert distance.kinds[Kind.TAP_IN].window_days == 14
    assert distance.minimum_weight == 0.25 * 7.5


def test_part_time_students_have_windows_of_their_own() -> None:
    classic = parse_policy(files("scoring").joinpath("policies/classic.yaml").read_text())
    for mode, days in ((Mode.FULL_TIME, 7), (Mode.PART_TIME, 21), ("sandwich", 7)):
        resolved = resolve(classic, replace(STUDENT, mode=mode))
        assert isinstance(resolved, Rules)
        assert {rule.window_days for rule in resolved.kinds.values()} == {days}


def test_students_with_the_same_rules_are_one_group_whatever_their_records_say() -> None:
    profiles = [STUDENT, replace(STUDENT, programme="Physics"), replace(STUDENT, level="research")]
    groups = group(POLICY, profiles, np.array([[0, 1, 2, 0]]))
    assert groups.resolved == (POLICY.usual, resolve(POLICY, profiles[2]))
    assert groups.of.tolist() == [[0, 0, 1, 0]]


@given(policies(), seeds)
@patiently
def test_a_group_holds_what_is_resolved_for_each_of_its_students(
    policy: Policy, random: np.random.Generator
) -> None:
    numbers = Numbers(random, 1, 1)
    profiles = [numbers.profile() for _ in range(6)]
    places = random.integers(0, 6, (3, 7))
    groups = group(policy, profiles, places)
    for evaluation, student in np.ndindex(3, 7):
        expected = resolve(policy, profiles[int(places[evaluation, student])])
        assert groups.at(evaluation, student) == expected
    assert all(a != b for at, a in enumerate(groups.resolved) for b in groups.resolved[:at])


@pytest.mark.parametrize(
    ("of", "sentence"),
    [
        (np.zeros((1, 3), np.int64), r"groups are \(1, 3\), not \(2, 2\) or \[1, S\]"),
        (np.array([[0, 1]]), "groups must be below 1"),
    ],
)
def test_groups_that_do_not_fit_are_refused(of: np.ndarray, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Groups((EXAMPLE.usual,), of).check(2, 2)
