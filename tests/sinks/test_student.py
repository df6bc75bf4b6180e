"""A student's page, from what went through the loader: the evidence, and the command."""

import json
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from schemas import topics
from schemas.errors import SettingsError
from schemas.topics import ACTIVITY, Topic
from schemas.types import Clock, Day, Kind
from schemas.wire import Record
from scoring.items import Item
from sinks.evidence import Fixed, Records
from tests.deploy.server import USER
from tests.leap import app
from tests.sinks.conftest import Store
from tests.sinks.loading import load, loads_of, written
from tests.sinks.rows import day, instant
from tests.sinks.student_records import (
    A_PART,
    DAY,
    DAY_MS,
    STUDENT_ID,
    a_click,
    a_closing,
    records,
)

CLICKS = ACTIVITY[Kind.MOODLE_COURSE]
NEXT_DAY = instant((DAY + 1) * DAY_MS)


def put(store: Store, topic: Topic, some: Sequence[Record]) -> None:
    loader = store.loader()
    load(loader, loads_of(topic, written(topic, some)))
    loader.close()


@pytest.fixture
def known(store: Store) -> Store:
    """All records of the student, and the closing that follows from them."""
    first = a_closing(revision=0, band="low", score=28.0, cause="day_closed", computed_at=NEXT_DAY)
    closings = {topics.INDICATOR_DAY: [first, a_closing()]}
    loader = store.loader()
    all_of_them = (records() | closings).items()
    load(loader, *(loads_of(topic, written(topic, some)) for topic, some in all_of_them))
    loader.close()
    return store


@pytest.fixture
def leap(known: Store, monkeypatch: pytest.MonkeyPatch) -> "Leap":
    address = known.address
    for name, value in {
        "LEAP_CLICKHOUSE": f"http://127.0.0.1:{address.port}",
        "LEAP_CLICKHOUSE_USER": USER,
        "LEAP_CLICKHOUSE_PASSWORD": address.password,
        "LEAP_CLICKHOUSE_DATABASE": address.database,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "200")
    return Leap()


class Leap:
    """`leap student`, as somebody types it."""

    def __call__(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["student", str(STUDENT_ID), *arguments])

    def json(self, *arguments: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self(*arguments, "--json").stdout)
        return found

    def text(self, *arguments: str) -> str:
        return " ".join(self(*arguments).stdout.split())


AS_OF = ("--as-of", str(day(DAY)))


def test_why_is_told_day_by_day_with_what_the_next_band_needs(leap: Leap) -> None:
    found = leap.json(*AS_OF)
    assert (found["band"], found["score"]) == ("partial", 56.0)
    explanation = found["explanation"]
    assert explanation["thresholds"]["good"] == 65
    (kind,) = explanation["kinds"]
    assert kind["saturation"] == 5
    ago = [6, 5, 4, 3, 2, 0]
    assert [one["day"] for one in kind["days"]] == [str(day(DAY - n)) for n in ago]
    assert [one["amount"] for one in kind["days"]] == [0, 0, 0, 0, 2, 1]
    closed, lacking = str(day(DAY - 4)), str(day(DAY - 1))
    assert kind["light"] == [{"first": closed, "last": closed, "reason": "closure: snow"}]
    reason = "the feed clicks lacks this day: it was declared to be lacking"
    assert kind["left_out"] == [{"first": lacking, "last": lacking, "reason": reason}]
    more = {"kind": "moodle_course", "number": 1}
    wanted = {"band": "good", "lowest": 65.0, "alone": [more], "together": [more]}
    assert explanation["next_band"] == wanted
    text = leap.text(*AS_OF)
    for part in (
        "partial engagement, 56.00 of 100 points",
        "2 days from",
        "are 2.8 a week; 5 a week earn all points: 1.68 of 3 points.",
        f"{lacking}: left out: {reason} (all kinds).",
        "good begins at 65; enough would have been 1 more day of moodle course",
        "library loan: 0 events in 14 days; shown, not scored: shown only.",
        "it decides nothing",
    ):
        assert part in text, text


def test_what_is_equal_is_verified_and_a_tampered_event_is_found_by_kind(
    leap: Leap, known: Store
) -> None:
    equal = leap(*AS_OF, "--verify", "--json")
    assert equal.exit_code == 0, equal.stdout
    told = json.loads(equal.stdout)["verification"]
    assert (told["is_equal"], told["differences"]) == (True, [])
    assert any("reached the log" in sentence for sentence in told["unchecked"])
    put(known, CLICKS, [a_click(9, 3)])
    differs = leap(*AS_OF, "--verify", "--json")
    assert differs.exit_code == 1
    record = json.loads(differs.stdout)
    assert record["explanation"] is None
    fields = {
        (one["kind"], one["field"]): (one["published"], one["recomputed"])
        for one in record["verification"]["differences"]
    }
    assert fields == {
        (None, "band"): ("partial", "good"),
        (None, "score"): (56.0, 84.0),
        ("moodle_course", "amount"): (2, 3),
        ("moodle_course", "rate"): (2.8, 4.2),
        ("moodle_course", "points"): (1.68, 2.52),
    }
    text = leap.text(*AS_OF, "--verify")
    assert "Not equal" in text
    assert "moodle course rate 2.8 4.2" in text
    known.client.command("TRUNCATE TABLE policy")
    without = leap(*AS_OF, "--verify")
    assert without.exit_code == 1
    assert "Not verified: no version of the policy" in " ".join(without.stdout.split())


def test_the_old_and_the_new_view_of_a_past_day_stay_answerable(leap: Leap) -> None:
    now = leap.json(*AS_OF)
    assert [(one["band"], one["cause"]) for one in now["history"]] == [
        ("low", "day_closed"),
        ("partial", "correction"),
    ]
    assert "what was known of that day" in leap.text(*AS_OF)
    before = leap.json(*AS_OF, "--known-at", f"{day(DAY + 1)}T01:30")
    assert (before["band"], before["score"]) == ("low", 28.0)
    assert "as it was known at" in leap.text(*AS_OF, "--known-at", f"{day(DAY + 1)}T01:30")
    after = leap.json(*AS_OF, "--known-at", f"{day(DAY + 3)}T00:00Z")
    assert after["band"] == "partial"
    # In campus time an hour earlier than in UTC: it had not been closed yet.
    early = leap(*AS_OF, "--known-at", f"{day(DAY + 1)}T00:30")
    assert early.exit_code == 1
    assert "There is no indicator" in early.stdout


def test_a_question_that_makes_no_sense_is_refused(leap: Leap) -> None:
    for arguments, said in (
        (("--known-at", "2014-01-01"), "needs --as-of"),
        ((*AS_OF, "--known-at", "soon"), "is no time"),
    ):
        assert said in str(leap(*arguments).exception)
        assert isinstance(leap(*arguments).exception, SettingsError)
    refused = CliRunner().invoke(app, ["student", "9" * 400])
    assert isinstance(refused.exception, SettingsError)


def an_alert(revision: int, state: str, hours: int, **changes: object) -> Record:
    return {
        "student": STUDENT_ID,
        "alert": f"low@{day(DAY)}",
        "rule": "low",
        "raised": day(DAY),
        "ended": None,
        "state": state,
        "evidence": "The band was low.",
        "figures": [],
        "suggestion": "ask whether all is well",
        "note": "This is a suggestion to a person.",
        "policy": 1,
        "revision": revision,
        "cause": "correction" if revision else "day_closed",
        "computed_at": instant((DAY + 1) * DAY_MS + hours * 3_600_000),
        "writer": "w",
        **changes,
    }


def test_alerts_appear_as_they_stand_and_as_they_stood(leap: Leap, known: Store) -> None:
    ended = {"alert": "old@", "rule": "old", "raised": day(DAY - 9), "ended": day(DAY - 2)}
    old = an_alert(0, "closed", 0, **ended)
    put(known, topics.ALERT, [an_alert(0, "open", 0), an_alert(1, "withdrawn", 48), old])
    (alert,) = leap.json(*AS_OF)["alerts"]
    assert (alert["rule"], alert["state"], alert["cause"]) == ("low", "withdrawn", "correction")
    (then,) = leap.json(*AS_OF, "--known-at", f"{day(DAY + 2)}T00:00Z")["alerts"]
    assert (then["state"], then["cause"]) == ("open", "day_closed")
    text = leap.text(*AS_OF)
    for said in (
        "The band was low.",
        "ask whether all is well",
        "This is a suggestion to a person",
    ):
        assert said in text
    earlier = known.queries.alerts(STUDENT_ID)
    assert [(one.rule, one.stands_on(DAY - 5), one.stands_on(DAY - 2)) for one in earlier] == [
        ("old", True, False),
        ("low", False, False),
    ]


def test_the_current_indicator_is_explained_with_the_day_in_progress(
    leap: Leap, known: Store
) -> None:
    """Today's click moves the window on, to 3 of 5 days: the higher rate decides."""
    put(known, CLICKS, [a_click(10, -1)])
    part = {**A_PART, "amount": 3, "rate": 4.2, "points": 2.52}
    closing = a_closing(band="good", score=84.0, contributions=[part])
    current = {
        **{name: closing[name] for name in closing if name not in {"day", "revision", "cause"}},
        "as_of": day(DAY + 1),
        "complete": day(DAY),
        "sequence": 2,
        "version": 3,
    }
    put(known, topics.INDICATOR, [current])
    found = leap("--verify", "--json")
    assert found.exit_code == 0, found.stdout
    assert json.loads(found.stdout)["explanation"]["kinds"][0]["days"][-1]["day"] == str(
        day(DAY + 1)
    )


WRITTEN = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.booleans()), min_size=1, max_size=12
)


@settings(max_examples=6)
@given(said=WRITTEN)
def test_events_count_by_their_highest_revision_and_a_retraction_wins_a_tie(
    shared_store: Store, said: list[tuple[int, int, bool]]
) -> None:
    """By day; every event of these has a day of its own."""
    shared_store.client.command("TRUNCATE TABLE event")
    events = [
        a_click(n, n, revision=revision, action="retract" if retracts else "assert")
        for n, revision, retracts in said
    ]
    put(shared_store, CLICKS, events)
    ranks: dict[int, int] = {}
    for n, revision, retracts in said:
        ranks[n] = max(ranks.get(n, -1), 2 * revision + retracts)
    counted = {Day(DAY - n): 1 for n, rank in ranks.items() if rank % 2 == 0}
    usual = Fixed(Clock.WALL, ZoneInfo("UTC"))
    evidence = Records(shared_store.queries).evidence(STUDENT_ID, usual)
    assert evidence.counts.get(Kind.MOODLE_COURSE, {}) == counted


def an_upload(number: int, at: int, assignment: str | None) -> Record:
    click = a_click(number, DAY - at)
    names = [name for name in click if name not in {"component", "object"}]
    own = {"assignment": assignment, "attempt": None}
    return {name: click[name] for name in names} | own


def an_item(item: str, due: int = DAY) -> Record:
    return {
        "student": STUDENT_ID,
        "item": item,
        "kind": "faser_upload",
        "module": None,
        "due": day(due),
        "recorded_at": instant(0),
    }


def test_an_item_is_met_by_the_first_upload_that_names_it_and_not_long_before(
    store: Store,
) -> None:
    put(store, topics.EXPECTATION, [an_item("early"), an_item("late"), an_item("missed")])
    uploads = [("early", -40), ("early", -9), ("early", 2), ("late", 3), (None, 0)]
    named = [an_upload(n, DAY + at, item) for n, (item, at) in enumerate(uploads)]
    put(store, ACTIVITY[Kind.FASER_UPLOAD], named)
    found = Records(store.queries).evidence(STUDENT_ID, Fixed(Clock.WALL, ZoneInfo("UTC")))
    met = {item.met for item in found.items[Kind.FASER_UPLOAD]}
    assert met == {DAY - 9, DAY + 3, None}
    assert Item(Day(DAY), None) in found.items[Kind.FASER_UPLOAD]
    assert found.periods is None


def a_circumstance(name: str, kinds: Sequence[Kind], withdrawn: int | None) -> Record:
    return {
        "student": STUDENT_ID,
        "circumstance": name,
        "sort": "authorised_absence",
        "kinds": [{"kind": kind.value} for kind in kinds],
        "first_day": day(DAY - 3),
        "last_day": day(DAY),
        "extend_days": 7,
        "declared_on": day(DAY - 5),
        "withdrawn_on": None if withdrawn is None else day(withdrawn),
        "recorded_at": NEXT_DAY,
    }


BY_SHARE = f"""
version: 2
valid_from: {day(DAY - 99)}
title: coursework
look_back_days: 20
amendment_days: 4
minimum_counted_days: 2
minimum_weight_share: 0.5
thresholds: {{low: 20, partial: 45, good: 65, high: 85}}
kinds:
  faser_upload:
    {{weight: 3, window_days: 5, measure: share, saturation_share: 1, feeds: [uploads]}}
"""


def test_an_extended_due_date_is_told_with_the_day_it_was_extended_from(
    leap: Leap, known: Store
) -> None:
    """Of two items, the one that was put off to two days ago was handed in, the other was not.

    The window of DAY has five days of full weight, without the one that the campus was closed on.
    """
    row = {"valid_from": day(DAY - 99), "document": BY_SHARE, "published_at": instant(0)}
    put(known, topics.POLICY, [{"version": 2, **row}])
    put(known, topics.EXPECTATION, [an_item("essay", DAY - 9), an_item("report", DAY - 1)])
    put(known, ACTIVITY[Kind.FASER_UPLOAD], [an_upload(1, DAY - 10, "essay")])
    first = {"first_day": day(DAY - 9), "last_day": day(DAY - 9)}
    put(known, topics.CIRCUMSTANCE, [a_circumstance("a", [], None) | first])
    part = A_PART | {"kind": "faser_upload", "amount": 1, "rate": 0.5, "points": 1.5, "due": 2}
    put(
        known,
        topics.INDICATOR_DAY,
        [a_closing(policy=2, band="partial", score=50.0, contributions=[part], revision=2)],
    )
    found = leap(*AS_OF, "--verify", "--json")
    assert found.exit_code == 0, found.stdout
    (kind,) = json.loads(found.stdout)["explanation"]["kinds"]
    due, extended_to = str(day(DAY - 9)), str(day(DAY - 2))
    assert kind["extensions"] == [{"due": due, "extended_to": extended_to}]
    assert f"faser upload due {due}, extended to {extended_to}." in leap.text(*AS_OF)


def test_what_the_student_is_excused_from_is_read_as_it_was_declared(store: Store) -> None:
    some = [a_circumstance("a", [], None), a_circumstance("b", [Kind.TAP_IN], DAY + 2)]
    put(store, topics.CIRCUMSTANCE, some)
    found = Records(store.queries).evidence(STUDENT_ID, Fixed(Clock.WALL, ZoneInfo("UTC")))
    whole, part = sorted(found.excuses, key=lambda excuse: len(excuse.kinds))
    assert (whole.first, whole.last, whole.withdrawn_on) == (DAY - 3, DAY, None)
    assert part.kinds == (Kind.TAP_IN,)
    assert part.withdrawn_on == DAY + 2
    assert whole.sort == "authorised_absence"
    assert whole.declared_on == DAY - 5
    assert whole.extend_days == 7
