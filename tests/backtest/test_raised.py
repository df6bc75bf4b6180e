"""When a rule would have raised an alert, day by day."""

from dataclasses import replace

import numpy as np

from backtest.course import NEVER, Course, Coursework
from backtest.policy_text import changed
from backtest.raised import raised
from backtest.replay import Closings
from ops.commands.backtest import read_policy
from schemas.types import Band, Kind
from scoring.alert_rules import AlertRule, BandAtOrBelow, BandDrop, NoActivity, OverdueAndSilent
from scoring.scores import BANDS
from tests.backtest.worlds import START, course

LETTERS = {"n": Band.NONE, "v": Band.VERY_LOW, "l": Band.LOW, "p": Band.PARTIAL, "g": Band.GOOD}


def _days(rule: AlertRule, bands: str, of: Course | None = None) -> list[int]:
    policy = changed(read_policy(None), {"alerts": (rule,)})
    base = course(students=1, days=len(bands))
    of = of or replace(
        base,
        enrolled=np.ones((len(bands), 1), np.bool_),
        weight_percent=np.full((len(bands), 1), 100),
        counts={Kind.MOODLE_COURSE: np.zeros((len(bands), 1), np.uint32)},
        coursework={},
    )
    band = np.array([[BANDS.index(LETTERS[letter])] for letter in bands], np.uint8)
    closings = Closings(np.where(band > 0, 0, -1).astype(np.int16), band)
    return np.flatnonzero(raised(policy, of, closings)[rule.name][:, 0]).tolist()


def _low(closings: int, cool_down: int = 0) -> BandAtOrBelow:
    return BandAtOrBelow(
        name="low",
        suggestion="talk",
        rule="band_at_or_below",
        band=Band.VERY_LOW,
        closings=closings,
        cool_down_days=cool_down,
    )


def test_a_low_band_is_told_once_and_again_when_it_has_ended() -> None:
    assert _days(_low(3), "gvvvvvgvvv") == [3, 9]


def test_days_of_silence_follow_the_end_of_an_alert() -> None:
    assert _days(_low(1, cool_down=4), "vgvgvgvv") == [0, 6]


def test_a_closing_without_a_band_raises_nothing_and_breaks_a_row() -> None:
    assert _days(_low(3), "vvnvvv") == [5]


def test_a_drop_is_measured_from_the_best_of_the_last_days() -> None:
    rule = BandDrop(name="drop", suggestion="ask", rule="band_drop", bands=2, within_days=3)
    assert _days(rule, "ggplgggggl") == [3, 9]
    assert _days(rule, "gppppl") == []


def _quiet(met: int, weight: int = 100) -> Course:
    return replace(
        course(students=1, days=30),
        enrolled=np.ones((30, 1), np.bool_),
        weight_percent=np.full((30, 1), weight),
        counts={},
        coursework={
            Kind.FASER_UPLOAD: Coursework(np.array([0]), np.array([START + 5]), np.array([met]))
        },
    )


def test_coursework_is_overdue_until_it_is_handed_in() -> None:
    rule = OverdueAndSilent(
        name="due", suggestion="ask", rule="overdue_and_silent", overdue_days=7, silent_days=7
    )
    assert _days(rule, "g" * 30, _quiet(NEVER)) == [12]
    assert _days(rule, "g" * 30, _quiet(START + 4)) == []
    assert _days(rule, "g" * 30, _quiet(START + 11)) == []


def test_silence_counts_days_of_weight_only_and_vacations_raise_nothing() -> None:
    rule = NoActivity(
        name="quiet", suggestion="write", rule="no_activity", counted_days=14, cool_down_days=1
    )
    assert _days(rule, "g" * 30, _quiet(NEVER)) == [13]
    assert _days(rule, "g" * 30, _quiet(NEVER, weight=0)) == []
