"""The alerts of a course are those of the definition; and what they are, day by day."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backtest.circumstances import excused
from backtest.course import Course
from backtest.policy_text import changed
from backtest.raised import raised
from backtest.replay import Closings, replay
from ops.commands.backtest import read_policy
from schemas.types import Band, Day, Kind, Status
from scoring.alert_rules import AlertRule, BandAtOrBelow, BandDrop, NoActivity, OverdueAndSilent
from scoring.alerts import alerts_of
from scoring.circumstance import Circumstance
from scoring.due_items import NEVER, DueItems
from scoring.observation import Observation, overdue_days, silent_days
from scoring.policy import Policy, parse_policy
from scoring.resolution import resolve
from scoring.rules import NotScored
from scoring.scores import BANDS
from tests.backtest.worlds import START, circumstances, course, days_of, seeds

POLICY = parse_policy("""
version: 1
valid_from: 2013-01-01
title: short windows, and some of whom it does not speak
look_back_days: 21
minimum_counted_days: 2
minimum_weight_share: 0.6
thresholds: {low: 20, partial: 45, good: 65, high: 85}
kinds:
  moodle_course: {weight: 3, window_days: 5, measure: days, saturation_per_week: 3, feeds: [a]}
  faser_upload: {weight: 3, window_days: 14, measure: share, saturation_share: 1, feeds: [b]}
not_scored:
  - {where: {mode: [part_time]}, reason: for this test}
""")
# More days than the look-back has, nothing may ever have lasted.
SMALL_OR_LOOK_BACK = st.integers(1, 5) | st.integers(13, 16)
_ANY = {"name": st.just("rule"), "suggestion": st.just("talk")}
RULES = st.one_of(
    st.builds(
        BandAtOrBelow,
        rule=st.just("band_at_or_below"),
        band=st.sampled_from([Band.VERY_LOW, Band.LOW, Band.PARTIAL]),
        closings=SMALL_OR_LOOK_BACK,
        cool_down_days=st.integers(0, 9),
        **_ANY,
    ),
    st.builds(
        BandDrop,
        rule=st.just("band_drop"),
        bands=st.integers(1, 2),
        within_days=st.integers(1, 9),
        cool_down_days=st.integers(0, 9),
        **_ANY,
    ),
    st.builds(
        NoActivity,
        rule=st.just("no_activity"),
        counted_days=SMALL_OR_LOOK_BACK,
        cool_down_days=st.integers(1, 9),
        **_ANY,
    ),
    st.builds(
        OverdueAndSilent,
        rule=st.just("overdue_and_silent"),
        overdue_days=SMALL_OR_LOOK_BACK,
        silent_days=st.integers(1, 3),
        cool_down_days=st.integers(0, 9),
        **_ANY,
    ),
)
LETTERS = {"n": Band.NONE, "v": Band.VERY_LOW, "l": Band.LOW, "p": Band.PARTIAL, "g": Band.GOOD}


def _definition(
    policy: Policy,
    of: Course,
    said: dict[str, list[Circumstance]],
    closings: Closings,
    student: int,
) -> set[Day]:
    """Days on which the policy's only rule raised an alert, by `scoring.alerts`."""
    days = days_of(of, student, said, policy.kinds)
    items = days.items[Kind.FASER_UPLOAD]
    uploads = {item.met: 1 for item in items if item.met is not None}
    days = replace(days, counts={**days.counts, Kind.FASER_UPLOAD: uploads})
    excluded = isinstance(resolve(policy, of.profiles[student]), NotScored)
    look_back = policy.look_back_days
    seen = []
    for row in np.flatnonzero(of.enrolled[:, student]).tolist():
        day, band = Day(of.start + row), BANDS[closings.band[row, student]]
        unscored = Status.NOT_SCORED if excluded else Status.INSUFFICIENT_DATA
        seen.append(
            Observation(
                day,
                unscored if band is Band.NONE else Status.SCORED,
                band,
                is_quiet=all(days.weight(kind, day) == 0 for kind in policy.kinds),
                silent_days=silent_days(days, policy.kinds, day, look_back),
                overdue_days={
                    Kind.FASER_UPLOAD: overdue_days(days, Kind.FASER_UPLOAD, day, look_back)
                },
            )
        )
    told = alerts_of(seen, lambda _: policy, of.start, of.last)
    return {alert.raised for alert in told}


@given(
    seed=seeds,
    excuses=st.none() | seeds,
    rule=RULES,
    look_back=st.integers(14, 16),
    falls_silent=st.booleans(),
)
def test_alerts_of_a_course_are_those_of_the_definition(
    seed: int, excuses: int | None, rule: AlertRule, look_back: int, falls_silent: bool
) -> None:
    of = course(seed, students=4)
    if falls_silent:
        for cells in of.counts.values():
            cells[8:] = 0
    policy = changed(POLICY, {"alerts": (rule,), "look_back_days": look_back})
    said = {} if excuses is None else circumstances(excuses, of)
    with_excuses = excused(of, said)
    closings = replay(policy, with_excuses)
    found = raised(policy, with_excuses, closings)[rule.name]
    for student in range(of.size):
        days = {Day(of.start + row) for row in np.flatnonzero(found[:, student]).tolist()}
        assert days == _definition(policy, of, said, closings, student)


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


def test_a_closing_without_a_band_is_passed_over() -> None:
    assert _days(_low(3), "vvnvvv") == [3]


def test_who_leaves_and_comes_back_is_told_of_again() -> None:
    of = replace(_quiet(NEVER), enrolled=(np.arange(30) != 12)[:, np.newaxis])
    assert _days(_low(1), "v" * 12 + "n" + "v" * 17, of) == [0, 13]


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
            Kind.FASER_UPLOAD: DueItems(np.array([0]), np.array([START + 5]), np.array([met]))
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


def test_a_day_that_is_excused_from_any_kind_is_not_silent() -> None:
    rule = NoActivity(
        name="quiet", suggestion="write", rule="no_activity", counted_days=14, cool_down_days=1
    )
    first_ten = np.arange(30)[:, np.newaxis] < 10
    of = replace(_quiet(NEVER), excused={Kind.TAP_IN: first_ten})
    assert _days(rule, "g" * 30, of) == [23]


def test_what_was_due_on_an_excused_day_is_not_overdue() -> None:
    rule = OverdueAndSilent(
        name="due", suggestion="ask", rule="overdue_and_silent", overdue_days=7, silent_days=7
    )
    for row, told in ((5, []), (4, [12])):
        that_day = np.arange(30)[:, np.newaxis] == row
        of = replace(_quiet(NEVER), excused={Kind.FASER_UPLOAD: that_day})
        assert _days(rule, "g" * 30, of) == told
