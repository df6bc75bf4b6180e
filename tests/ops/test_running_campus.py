"""Questions and corrections to a university that runs: real parts, real processes, by the wall.

The tests build on one another: what was put right stays so.
"""

import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.feeds import declare_gaps, feed_states
from ops.policies import named_policy
from schemas.errors import PolicyError, SettingsError
from schemas.types import Action, AlertState, Band, Cause, Day
from scoring.days import date_of
from tests.chaos.until import until
from tests.ops.site import Site
from tests.ops.taps import (
    ABSENT,
    CLOSED_DAYS,
    CLOSINGS,
    CONTACT_RULE,
    DAYS_TO_THE_TAP,
    FEED,
    HELD,
    NAME,
    OTHERS,
    POLICY,
    Campus,
    programme_of,
    running_campus,
    taps_of,
)

pytestmark = pytest.mark.stack

DEADLINE_S = 30
NOWHERE = "http://127.0.0.1:1"


@pytest.fixture(scope="module")
def campus(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    with running_campus(site, tmp_path_factory.mktemp(NAME)) as campus:
        yield campus


def test_a_corrected_tap_shows_the_new_bands_and_the_withdrawn_alert_while_all_runs(
    campus: Campus, capsys: pytest.CaptureFixture[str]
) -> None:
    raised = Day(campus.today - CLOSED_DAYS + CLOSINGS - 1)
    before = {(ABSENT, raised, AlertState.OPEN, Cause.DAY_CLOSED)}
    assert campus.alerts() == before
    assert {change[:3] for change in campus.changes()} == {
        (HELD, Band.NONE, Band.HIGH),
        (ABSENT, Band.NONE, Band.VERY_LOW),
    }
    began = time.monotonic()
    campus.publish(campus.tap(HELD, action=Action.RETRACT, revision=1), campus.tap(ABSENT))
    alerts = {
        (ABSENT, raised, AlertState.WITHDRAWN, Cause.CORRECTION),
        (HELD, raised, AlertState.OPEN, Cause.CORRECTION),
    }
    changes = {
        (ABSENT, Band.VERY_LOW, Band.HIGH, Cause.CORRECTION),
        (HELD, Band.HIGH, Band.VERY_LOW, Cause.CORRECTION),
    }
    until(
        lambda: alerts <= campus.alerts() and changes <= campus.changes(),
        "the topics tell of the correction",
        DEADLINE_S,
    )
    told = time.monotonic() - began
    until(lambda: shows_the_correction(campus, raised), "ClickHouse shows it", DEADLINE_S)
    stored = time.monotonic() - began
    with capsys.disabled():
        print(f"\na correction was told after {told:.2f} s, and in ClickHouse after {stored:.2f} s")
    assert campus.alerts() == before | alerts


def shows_the_correction(campus: Campus, raised: Day) -> bool:
    """Whether all past days, the present and both alerts are there as they are known now."""
    bands = {(HELD, "very_low"), (ABSENT, "high")}
    days = [date_of(day) for day in range(campus.today - CLOSED_DAYS, campus.today)]
    closings = "SELECT student, day, band, cause, revision FROM indicator_day FINAL"
    return (
        campus.stored("SELECT student, band FROM indicator FINAL") == bands
        and campus.stored(closings)
        == {(student, day, band, "correction", 1) for student, band in bands for day in days}
        and campus.stored("SELECT student, raised, state, cause FROM alert FINAL")
        == {
            (HELD, date_of(raised), "open", "correction"),
            (ABSENT, date_of(raised), "withdrawn", "correction"),
        }
    )


def test_the_policy_that_holds_is_shown_as_it_was_written(campus: Campus) -> None:
    assert POLICY in campus.leap("policy", "show")
    shown = json.loads(campus.leap("policy", "show", "--on", "2019-12-31", "--json", status=1))
    assert shown == {"on": "2019-12-31", "version": None}


def test_a_difference_says_whose_band_would_move(campus: Campus, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(POLICY.replace("saturation_per_week: 1", "saturation_per_week: 2"))
    found = campus.leap_json("policy", "diff", "1", str(other))
    change = {"path": "kinds.tap_in.saturation_per_week", "before": 1.0, "after": 2.0}
    assert found["differences"] == [change]
    once = [ABSENT, *(student for student in OTHERS if taps_of(student) == 1)]
    assert found["moves"] == [{"from": "high", "to": "partial", "students": len(once)}]
    assert (found["moved"], found["students"]) == (len(once), len(OTHERS) + 2)


def test_without_clickhouse_a_difference_says_that_it_does_not_know(
    campus: Campus, tmp_path: Path
) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(POLICY.replace("a week", "in a week"))
    said = campus.leap("policy", "diff", "1", str(other), clickhouse=NOWHERE)
    assert "title: one tap a week is enough -> one tap in a week is enough" in said
    assert "is not known: ClickHouse at 127.0.0.1:1 did not answer" in said


def test_a_version_that_is_not_published_is_refused(campus: Campus) -> None:
    with pytest.raises(PolicyError, match="version 2 is not published: there are 1; or name"):
        named_policy("2", lambda: campus.generation)


def test_cohorts_are_summed_up_and_nobody_can_be_told_from_them(campus: Campus) -> None:
    found = campus.leap_json("cohorts", "--days", "28")
    by_programme = {one["programme"]: one for one in found["cohorts"] if not one["level"]}
    hidden = {name for name, one in by_programme.items() if one["suppressed"]}
    # Two students of history, and one of the other programmes: it would tell of them.
    assert hidden in ({"history", "physics"}, {"history", "chemistry"})
    (programme,) = {"physics", "chemistry"} - hidden
    of = [student for student in OTHERS if programme_of(student) == programme]
    figures = by_programme[programme]["figures"]
    assert figures.keys() == {"score", "tap_in"}
    assert figures["tap_in"]["students"] == figures["score"]["students"] == 15
    a_week = [taps_of(student) / 4 for student in of]
    assert figures["tap_in"]["mean"] == round(statistics.mean(a_week), 1)
    assert figures["tap_in"]["median"] == statistics.median(a_week)
    scores = [100 * min(1, taps_of(student)) for student in of]
    assert figures["score"]["mean"] == pytest.approx(statistics.mean(scores), abs=0.05)


def test_eyes_are_told_the_same_as_machines(campus: Campus, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(POLICY.replace("saturation_per_week: 1", "saturation_per_week: 2"))
    told = campus.leap("policy", "diff", "1", str(other))
    assert "the band of 7 of 32 students would move." in told
    assert told.split()[-3:] == ["high", "partial", "7"]
    cohorts = campus.leap("cohorts").splitlines()
    assert [line.split()[-2:] for line in cohorts if line.startswith("history")] == [
        ["not", "shown"],
        ["not", "shown"],
    ]
    assert any(line.split()[3:6] == ["tap", "in", "15"] for line in cohorts)
    (feed,) = [line for line in campus.leap("feed", "status").splitlines() if "tap_in" in line]
    assert feed.split()[:2] == [FEED, str(date_of(campus.today - 1))]


def test_a_declared_gap_moves_the_closings_and_its_withdrawal_moves_them_back(
    campus: Campus,
) -> None:
    day, yesterday = Day(campus.today - DAYS_TO_THE_TAP), Day(campus.today - 1)
    name = str(date_of(day))
    (state,) = campus.leap_json("feed", "status")["feeds"]
    assert state["complete"] == str(date_of(yesterday))
    assert (state["feed"], state["kinds"], state["lacking"]) == (FEED, ["tap_in"], [])
    declared = campus.leap_json("feed", "gap", "declare", FEED, name, "--by", "an engineer")
    assert declared == {"feed": FEED, "declared": [name]}
    (known,) = feed_states(campus.generation)
    assert known.lacking == (day,)
    bands = "SELECT student, band FROM indicator_day FINAL WHERE cause = 'feed'"
    until(
        lambda: campus.stored(bands) == {(ABSENT, "very_low")},
        "the closings are computed without that day",
        DEADLINE_S,
    )
    assert declare_gaps(campus.generation, FEED, day, day, by="another") == []
    until_yesterday = (name, str(date_of(yesterday)))
    withdrawn = campus.leap("feed", "gap", "withdraw", FEED, *until_yesterday)
    assert withdrawn.split() == ["withdrawn", "for", f"{FEED}:", name]
    until(lambda: campus.stored(bands) == {(ABSENT, "high")}, "they are back", DEADLINE_S)
    assert "withdrawn on" in campus.leap("feed", "gap")
    (gap,) = campus.leap_json("feed", "gap")["gaps"]
    assert (gap["day"], gap["holds"], gap["origin"]) == (name, False, "declared")


def test_who_is_sponsored_has_contact_points_and_nobody_else(
    campus: Campus, tmp_path: Path
) -> None:
    """`HELD` and most others have had no tap lately, and one of them is sponsored."""
    today, welfare = (
        campus.today,
        campus.stored("SELECT student, alert, revision, state FROM alert_history FINAL"),
    )
    assert campus.leap("compliance").strip() == "No compliance alert is open."
    file = tmp_path / "sponsored.csv"
    file.write_text(f"student,first,last\n{HELD},{date_of(today - CLOSED_DAYS)},\n")
    publish = ("sponsorship", "publish", str(file), "--scheme", "pseudonym")
    assert campus.leap_json(*publish)["declared"] == 1
    until(lambda: campus.leap_json("compliance")["alerts"], "an alert is there", DEADLINE_S)
    raised = str(date_of(today - CLOSED_DAYS + 2))
    (alert,) = campus.leap_json("compliance")["alerts"]
    assert (alert["student"], alert["rule"], alert["raised"]) == (HELD, CONTACT_RULE, raised)
    assert (alert["basis"], alert["cause"]) == ("the sponsor's duty", "profile")
    assert "decides nothing" in alert["note"]
    assert alert["note"] in campus.leap("compliance")
    assert CONTACT_RULE not in campus.leap("student", str(int(HELD)))
    file.write_text("student,first,last\n")
    assert campus.leap_json(*publish)["withdrawn"] == 1
    until(lambda: not campus.leap_json("compliance")["alerts"], "it is withdrawn", DEADLINE_S)
    (alert,) = campus.leap_json("compliance", "--all")["alerts"]
    assert alert["state"] == "withdrawn"
    history = "SELECT student, revision, state FROM alert_compliance_history FINAL"
    until(
        lambda: campus.stored(history) == {(HELD, 0, "open"), (HELD, 1, "withdrawn")},
        "all that was said is kept",
        DEADLINE_S,
    )
    assert (
        campus.stored("SELECT student, alert, revision, state FROM alert_history FINAL") == welfare
    )


def test_gaps_that_nobody_could_mean_are_refused(campus: Campus) -> None:
    today = campus.today
    refused = [
        (FEED, today, Day(today + 1), "has not begun"),
        (FEED, today, Day(today - 1), "the first comes first"),
        ("tap", today, today, "is in no policy and has marked no day: there are taps"),
    ]
    for feed, first, last, why in refused:
        with pytest.raises(SettingsError, match=why):
            declare_gaps(campus.generation, feed, first, last, by="an engineer")
