"""A proposal is written, tried on students it was not made from, and changes nothing."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from backtest.course import History
from backtest.earnings import earnings
from backtest.proposal import propose, spans
from backtest.replay import replay
from backtest.synthetic import synthetic_history
from backtest.tuning import Goal, bands_of
from connectors.oulad.files import shipped
from ops.commands.backtest import read_policy
from schemas.errors import SettingsError
from scoring.policy import parse_policy
from scoring.scores import BANDS
from tests.leap import app

POLICY = read_policy(None)


def _two_years() -> History:
    (first,) = synthetic_history(120, 84).courses
    renamed = [str(int(name) + 100) for name in first.students]  # the last 20 come back
    return History([first, replace(first, name="next", students=renamed)], [])


def test_students_of_both_spans_are_not_held_out() -> None:
    trained, held_out = spans(_two_years().courses, ["synthetic"], [])
    assert not {*trained[0].students} & {*held_out[0].students}
    assert held_out[0].size == 100


def test_a_span_is_never_tuned_on_and_held_out() -> None:
    courses = _two_years().courses
    with pytest.raises(SettingsError, match="at once"):
        spans(courses, ["next"], ["next"])
    with pytest.raises(SettingsError, match="no course other"):
        spans(courses, ["other"], [])
    with pytest.raises(SettingsError, match="two courses"):
        spans(courses[:1], [], [])


def test_an_alert_load_is_kept_on_the_training_span() -> None:
    proposal = propose(POLICY, _two_years(), goal=Goal.ALERTS, alerts_per_100=1.0)
    assert proposal.trained.alerts_after <= 1.0
    assert all("thresholds.low" in difference for difference in proposal.differences)


def test_a_proposal_is_a_valid_policy_of_the_next_version_that_says_where_it_is_from() -> None:
    proposal = propose(POLICY, _two_years(), goal=Goal.ORDER)
    text = proposal.as_yaml()
    assert parse_policy(text) == proposal.policy
    assert proposal.policy.version == POLICY.version + 1
    assert text.startswith("# A proposal of `leap policy tune`. Nothing has been changed")


def test_scores_of_the_policy_s_own_weights_are_the_kernel_s() -> None:
    (course,) = synthetic_history(60, 84).courses
    measured = earnings(POLICY, course, [4, 8])
    scores = measured.scores({kind: rule.weight for kind, rule in POLICY.kinds.items()}, 0)
    wanted = replay(POLICY, course).score[[27, 55]] / 100
    assert np.abs(scores - wanted)[measured.who].max() < 0.02


@given(st.integers(0, 10_000))
def test_bands_by_thresholds_are_those_of_the_policy(score: int) -> None:
    codes = bands_of(np.array([score, -1], np.int16), POLICY.thresholds)
    assert BANDS[codes[0]] is POLICY.band_of(score / 100)
    assert codes[1] == 0


def test_a_proposal_replaces_no_file(tmp_path: Path) -> None:
    there = tmp_path / "policy.yaml"
    there.write_text("mine")
    done = CliRunner().invoke(
        app, ["policy", "tune", "--data", str(shipped()), "--out", str(there)]
    )
    assert isinstance(done.exception, SettingsError)
    assert there.read_text() == "mine"
