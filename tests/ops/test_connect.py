"""From files to indicators, as an operator does it: real parts, real processes, the wall clock.

Each type of source has a student of its own, and so have OneRoster and the collector's standards;
one worker makes indicators of it all. The tests build on one another. The taps come before anybody
is known, and wait.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import httpx2
import pytest
from typer.testing import CliRunner

from connectors.campus_day import campus_day
from connectors.schemes import Scheme
from ops.context import Context
from ops.demo.processes import RunningProcess
from ops.demo.waiting import wait_for_worker
from ops.generation import Generation, open_generation, publish_policy
from ops.reference import read_people
from schemas import topics
from schemas.types import Day, Kind
from tests.chaos.until import until
from tests.connectors.collector import face
from tests.connectors.collector.process import START_S, CollectorRunning
from tests.leap import app
from tests.ops.campus import (
    CALIPER,
    DAYS,
    KNOWN_BEFORE,
    NUMBERS,
    POLICY,
    ROSTER,
    UPLOADER,
    XAPI,
    Campus,
)
from tests.ops.site import Site
from tests.ops.source_files import CASES, SESSION, EndToEnd, utc

pytestmark = pytest.mark.stack

ENVIRONMENT: Final = {"LEAP_GENERATION": "campus", "LEAP_PARTITIONS": "3"}


@pytest.fixture(scope="module")
def campus(tmp_path_factory: pytest.TempPathFactory) -> Campus:
    campus = Campus(tmp_path_factory.mktemp("campus"))
    campus.write()
    return campus


@pytest.fixture(scope="module")
def place(site: Site) -> tuple[Site, Context, Generation]:
    """A site whose commands work on a generation of their own."""
    environment = {**site.environment, **ENVIRONMENT}
    context = site.context.with_generation("campus", partitions=3)
    generation = open_generation(context)
    publish_policy(generation, POLICY, origin="the test")
    return Site(environment, context), context, generation


Place = tuple[Site, Context, Generation]
Reports = Mapping[str, dict[str, Any]]


def leap(place: Place, *arguments: str) -> dict[str, Any]:
    """Within this process: a process a command takes longer than the command."""
    done = CliRunner().invoke(app, [*arguments, "--json"], env=dict(place[0].environment))
    assert done.exit_code == 0, (done.output, done.exception)
    record: dict[str, Any] = json.loads(done.stdout)
    return record


@pytest.fixture(scope="module")
def read(place: Place, campus: Campus) -> Reports:
    """Everything in the order in which it may well come: the student file last but one."""
    folder, through = campus.folder, ("--complete-through", campus.last)
    files = campus.taps["files"]
    assert isinstance(files, list)
    tables = [
        word for name in ("readers", "timetable") for word in ("-o", f"{name}={campus.taps[name]}")
    ]
    taps = leap(place, "connect", "taps", *files, *through, *tables)
    students = leap(place, "identity", "load", str(folder / "students.csv"))
    roster = leap(place, "identity", "load", str(folder / "oneroster"))
    waiting = leap(place, "quarantine", "list")
    replayed = leap(place, "quarantine", "replay")
    left = leap(place, "quarantine", "list")
    others = leap(place, "connect", "--all", "--config", str(folder / "connect.yaml"), *through)
    return {
        "identity.students": students,
        "identity.roster": roster,
        "quarantine.waiting": waiting,
        "quarantine.replayed": replayed,
        "quarantine.left": left,
        "taps": taps,
        **others["sources"],
    }


@pytest.fixture(scope="module")
def collected(place: Place, read: Reports, campus: Campus) -> None:
    """What two students did, sent to `leap collect` as xAPI and as Caliper."""
    folder = campus.folder / "collector"
    folder.mkdir()
    with CollectorRunning(place[0].environment, folder) as running:
        until(running.answers, "the collector answers", START_S)
        headers = {"Authorization": f"Bearer {running.secret}", **face.VERSION}
        statements = [
            face.statement(n, f"{XAPI}", timestamp=utc(day)) for n, day in enumerate(campus.days, 1)
        ]
        events = [
            face.event(n, f"{CALIPER}", eventTime=utc(day)) for n, day in enumerate(campus.days, 1)
        ]
        with httpx2.Client(base_url=running.url, headers=headers) as client:
            assert client.post(face.STATEMENTS, json=statements).status_code == 200
            assert client.post("/caliper", json=face.envelope(*events)).status_code == 200


@pytest.fixture(scope="module")
def worked(
    place: Place,
    read: Reports,
    collected: None,
    campus: Campus,
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, int]:
    """What became of all events; the last day is closed."""
    last_day = Day(campus_day(campus.days[-1].date()))
    logs = tmp_path_factory.mktemp("worker")
    with RunningProcess.start("worker", environment=ENVIRONMENT, logs=logs) as worker:
        return wait_for_worker(worker, place[2], last_day).events


@pytest.fixture(scope="module")
def closings(
    place: Place, worked: Mapping[str, int], campus: Campus
) -> Mapping[int, Mapping[str, dict[str, Any]]]:
    """By number of the student, each kind's part of the indicator of the last day."""
    _, context, generation = place
    last_day = Day(campus_day(campus.days[-1].date()))
    rows = generation.read(topics.INDICATOR_DAY).iter_rows(named=True)
    parts = {
        row["student"]: {part["kind"]: part for part in row["contributions"]}
        for row in rows
        if row["day"] == last_day
    }
    names = [f"S{n}" for n in range(1, ROSTER + 1)]
    students = read_people(context, generation).find(Scheme.STUDENT, names).tolist()
    assert len(parts) == len({*students}) == ROSTER
    return {number: parts[student] for number, student in enumerate(students, 1)}


def counted(parts: Mapping[str, dict[str, Any]]) -> dict[str, int]:
    return {kind: part["amount"] for kind, part in parts.items() if part["amount"]}


def test_what_strangers_did_waits_and_is_released_when_they_are_known(read: Reports) -> None:
    assert read["taps"]["quarantined"] == {"impossible_date": 1, "unknown_identity": DAYS}
    assert read["taps"]["reconciled"]
    assert read["identity.students"]["students"] == KNOWN_BEFORE
    assert read["identity.students"]["identifiers_added"] == 5 * KNOWN_BEFORE
    assert read["identity.roster"]["students"] == 1
    assert read["quarantine.waiting"]["total"] == DAYS + 1
    assert read["quarantine.replayed"] == {"chosen": DAYS, "replayed": DAYS}
    (left,) = read["quarantine.left"]["entries"]
    assert left["reason"] == "impossible_date"
    assert left["raw"] == f"C{NUMBERS['taps']},R1,2017-13-12 09:00:00"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)
def test_every_source_leads_to_the_indicator(
    case: EndToEnd, read: Reports, closings: Mapping[int, Mapping[str, dict[str, Any]]]
) -> None:
    parts = closings[NUMBERS[case.type]]
    if case.kind is None:
        assert read[case.type]["expectations"] == read[case.type]["read"] == DAYS * len(CASES)
        assert counted(parts) == {}
        assert parts[Kind.FASER_UPLOAD]["due"] == DAYS, "and nothing handed in"
    else:
        assert counted(parts) == {case.kind: DAYS}
        if case.type != "taps":
            assert read[case.type]["published"] == read[case.type]["read"] == DAYS


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        pytest.param(ROSTER, Kind.LIBRARY_LOAN, id="whom OneRoster knows"),
        pytest.param(XAPI, Kind.MOODLE_COURSE, id="xAPI"),
        pytest.param(CALIPER, Kind.MOODLE_COURSE, id="Caliper"),
    ],
)
def test_so_do_oneroster_and_the_collector(
    number: int, kind: Kind, closings: Mapping[int, Mapping[str, dict[str, Any]]]
) -> None:
    assert counted(closings[number]) == {kind: DAYS}


def test_nothing_counts_twice_and_taps_name_their_sessions(
    place: Place, read: Reports, worked: Mapping[str, int], campus: Campus
) -> None:
    assert read["export"]["published"] == 2
    assert worked["applied"] == DAYS * (ROSTER - 1), "all but who is only expected to do something"
    assert worked["duplicate"] == 2, "what the export and the database both knew"
    taps = place[2].read(topics.ACTIVITY[Kind.TAP_IN])
    sessions = {SESSION.format(day) for day in campus.days}
    assert {*taps["session"]} == sessions | {"EVT1"}


def test_reading_on_finds_nothing_and_the_erased_stay_away(
    place: Place, worked: Mapping[str, int], campus: Campus
) -> None:
    config = ("connect", "--all", "--config", str(campus.folder / "connect.yaml"))
    again = leap(place, *config)
    assert {one["read"] for one in again["sources"].values()} == {0}
    assert leap(place, "identity", "suppress", f"student:S{UPLOADER}") == {
        "identifiers_suppressed": 5
    }
    students = leap(place, "identity", "load", str(campus.folder / "students.csv"))
    assert students["skipped"] == {"erased": 1}
    assert students["identifiers_added"] == 0
    whole = leap(place, *config, "--again")
    assert whole["sources"]["faser.uploads"]["skipped"] == {"erased": DAYS}
    assert whole["sources"]["faser.due"]["skipped"] == {"erased": DAYS}
    assert whole["sources"]["faser.views"]["published"] == DAYS
