"""A policy is served whole, or refused with what stands against it."""

from importlib.resources import files

import pytest

from schemas.errors import PolicyError
from scoring.policy import parse_policy
from streams.servable import check

POLICIES = files("scoring") / "policies"

COMPLIANCE = """
compliance:
  rules:
    - name: few_contacts
      rule: contact_points
      basis: the sponsor's duty to report
      kinds: [tap_in]
      at_least: 2
      within_days: 30
"""


def shipped(name: str) -> str:
    return (POLICIES / f"{name}.yaml").read_text()


@pytest.mark.parametrize("name", ["classic", "default", "demo"])
def test_policies_that_ship_are_served(name: str) -> None:
    check(parse_policy(shipped(name)), look_back=70, amendment=14)


@pytest.mark.parametrize(
    ("look_back", "amendment", "setting"),
    [(69, 14, "LEAP_LOOK_BACK_DAYS"), (70, 13, "LEAP_AMENDMENT_DAYS")],
)
def test_a_policy_that_reaches_further_than_the_workers_is_refused(
    look_back: int, amendment: int, setting: str
) -> None:
    with pytest.raises(PolicyError, match=setting):
        check(parse_policy(shipped("demo")), look_back=look_back, amendment=amendment)


def test_what_workers_would_leave_out_is_refused_by_name() -> None:
    text = shipped("default") + COMPLIANCE
    with pytest.raises(PolicyError) as refused:
        check(parse_policy(text), look_back=70, amendment=14)
    assert str(refused.value) == (
        "policy version 1: compliance.rules is not applied by workers yet: leave it out"
    )


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("kind: faser_upload", "kind: pc_login", "alerts.coursework_overdue_and_silent"),
        (
            "measure: days\n    saturation_per_week: 2",
            "measure: share\n    saturation_share: 1",
            "kinds.pc_login.measure: share",
        ),
    ],
)
def test_items_that_nobody_could_meet_are_refused_by_name(old: str, new: str, path: str) -> None:
    text = shipped("default")
    assert old in text
    with pytest.raises(PolicyError) as refused:
        check(parse_policy(text.replace(old, new)), look_back=70, amendment=14)
    assert f"{path}: activity of pc_login does not name what it meets" in str(refused.value)
