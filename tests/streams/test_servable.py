"""A policy is served whole, or refused with what stands against it."""

import re
from importlib.resources import files
from pathlib import Path

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
    - {name: missed, rule: missed_in_a_row, basis: the same, kinds: [faser_upload], items: 5}
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


DOCUMENT = (Path(__file__).parents[2] / "docs" / "COMPLIANCE.md").read_text()


def test_compliance_rules_are_served_those_of_the_document_too() -> None:
    block = re.search(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
    assert block is not None
    for rules in (COMPLIANCE, block.group(1)):
        policy = parse_policy(shipped("default") + rules)
        assert len(policy.compliance.rules) == 2
        check(policy, look_back=70, amendment=14)


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("kind: faser_upload", "kind: pc_login", "alerts.coursework_overdue_and_silent"),
        (
            "measure: days\n    saturation_per_week: 2",
            "measure: share\n    saturation_share: 1",
            "kinds.pc_login.measure: share",
        ),
        ("kinds: [faser_upload], items", "kinds: [pc_login], items", "compliance.rules.missed"),
    ],
)
def test_items_that_nobody_could_meet_are_refused_by_name(old: str, new: str, path: str) -> None:
    text = shipped("default") + COMPLIANCE
    assert old in text
    with pytest.raises(PolicyError) as refused:
        check(parse_policy(text.replace(old, new)), look_back=70, amendment=14)
    assert f"{path}: activity of pc_login does not name what it meets" in str(refused.value)
