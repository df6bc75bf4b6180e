"""A policy is served whole, or refused with what stands against it."""

from importlib.resources import files

import pytest

from schemas.errors import PolicyError
from scoring.policy import parse_policy
from streams.servable import check

POLICIES = files("scoring") / "policies"


def shipped(name: str) -> str:
    return (POLICIES / f"{name}.yaml").read_text()


def test_the_demonstrations_policy_is_served() -> None:
    check(parse_policy(shipped("demo")), look_back=70, amendment=14)


@pytest.mark.parametrize(
    ("look_back", "amendment", "setting"),
    [(69, 14, "LEAP_LOOK_BACK_DAYS"), (70, 13, "LEAP_AMENDMENT_DAYS")],
)
def test_a_policy_that_reaches_further_than_the_workers_is_refused(
    look_back: int, amendment: int, setting: str
) -> None:
    with pytest.raises(PolicyError, match=setting):
        check(parse_policy(shipped("demo")), look_back=look_back, amendment=amendment)


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        (
            "default",
            ["kinds.faser_upload.measure: share", "alerts.coursework_overdue_and_silent"],
        ),
    ],
)
def test_what_workers_would_leave_out_is_refused_by_name(name: str, paths: list[str]) -> None:
    policy = parse_policy(shipped(name))
    with pytest.raises(PolicyError) as refused:
        check(policy, look_back=policy.look_back_days, amendment=policy.amendment_days)
    for path in paths:
        assert f"{path} is not applied by workers yet" in str(refused.value)
