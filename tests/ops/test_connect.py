"""From files to indicators, as an operator does it: real parts, real processes, the wall clock.

The tests build on one another. The taps come before anybody is known, and wait.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from connectors.campus_day import campus_day
from ops.cli import app
from ops.context import Context
from ops.demo.processes import RunningProcess
from ops.demo.waiting import wait_for_worker
from ops.generation import Generation, open_generation, publish_policy
from schemas import topics
from schemas.types import Day, Kind
from tests.connectors.moodle import database, log_rows
from tests.connectors.pc_labs.case import event as logon
from tests.ops.site import Site

pytestmark = pytest.mark.stack

ZONE = ZoneInfo("Europe/London")
STUDENTS = 6
DAYS = 10
POLICY = """
version: 1
valid_from: 2013-01-01
title: campus
look_back_days: 70
amendment_days: 14
minimum_counted_days: 3
minimum_weight_share: 0.1
thresholds: {low: 20, partial: 45, good: 65, high: 85}
kinds:
"""
SCORED = {  # a kind for each type of source, and the feed it comes by
    "tap_in": "taps",
    "moodle_course": "moodle",
    "moodle_mobile": "mobile",
    "moodle_login": "report",
    "faser_upload": "faser",
    "faser_view": "views",
    "library_loan": "loans",
    "listen_again": "recordings",
    "reading_list": "lists",
    "pc_login": "logons",
}
TABLES = {  # feed, type and column of the thing, of tables that are alike
    "faser": ("faser.uploads", "assignment"),
    "views": ("faser.views", "assignment"),
    "loans": ("exports.loans", "item"),
    "recordings": ("exports.recordings", "recording"),
    "lists": ("exports.reading_lists", "list"),
}
A_KIND = "{weight: 1, window_days: 14, measure: events, saturation_per_week: 5, feeds: [%s]}"
POLICY += "".join(f"  {kind}: {A_KIND % feed}\n" for kind, feed in SCORED.items())
ENVIRONMENT = {"LEAP_GENERATION": "campus", "LEAP_PARTITIONS": "3"}


class Campus:
    """Files of a campus whose student number n does everything on the last n days."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.today = datetime.now(ZONE).replace(hour=12, minute=0, second=0, microsecond=0)
        self.days = [self.today - timedelta(days=DAYS - n) for n in range(DAYS)]

    @property
    def yesterday(self) -> datetime:
        return self.days[-1]

    def active(self) -> list[tuple[int, datetime]]:
        return [(n, day) for n in range(1, STUDENTS + 1) for day in self.days[DAYS - n :]]

    def write(self) -> None:
        start = self.days[0] - timedelta(days=30)
        self._csv(
            "students.csv",
            ["student", "name", "card", "username", "moodle", "level", "from"],
            [
                [f"S{n}", f"<b>Student</b> {n}", f"c{n}", f"u{n}", 10 + n, "UG", start.date()]
                for n in range(1, STUDENTS + 1)
            ],
        )
        self._csv(
            "taps.csv",
            ["card", "reader", "time"],
            [[f"C{n}", "R1", f"{day:%Y-%m-%d %H:%M:%S}"] for n, day in self.active()]
            + [["C1", "R1", "2017-13-12 09:00:00"]],
        )
        self._csv("readers.csv", ["reader", "room"], [["R1", "Hall"]])
        self._csv(
            "timetable.csv",
            ["session", "room", "start"],
            [[f"HI/{day:%d}", "Hall", f"{day:%Y-%m-%d} 12:10"] for day in self.days],
        )
        for feed, (_, thing) in TABLES.items():
            self._csv(
                f"{feed}.csv",
                ["time", "student", thing],
                [[f"{day:%Y-%m-%dT%H:%M:%S}", f"S{n}", "diary"] for n, day in self.active()],
            )
        self._csv(
            "report.csv",
            ["Time", "Description", "Origin"],
            [
                [f"{day:%d/%m/%y, %H:%M}", f"The user with id '{10 + n}' has logged in.", "web"]
                for n, day in self.active()
            ],
        )
        self._lines(
            "logons.jsonl", [logon(f"u{n}".upper(), day.isoformat()) for n, day in self.active()]
        )
        self._csv(
            "due.csv",
            ["student", "assignment", "due", "extension"],
            [[f"S{n}", "diary", self.today.date(), ""] for n in range(1, STUDENTS + 1)],
        )
        rows = [
            log_rows.row_of(number, userid=10 + n, timecreated=int(day.timestamp()))
            for number, (n, day) in enumerate(self.active(), 1)
        ]
        self._csv(
            "log.csv",
            list(log_rows.COLUMNS),
            [["" if cell is None else cell for cell in row.values()] for row in rows[:9]],
        )
        database.insert(self.folder / "moodle.db", rows)
        self._lines("mobile.jsonl", [json.dumps(row | {"origin": "ws"}).encode() for row in rows])
        (self.folder / "connect.yaml").write_text(
            json.dumps(  # which is YAML too
                {
                    "sources": {
                        "moodle.export": {
                            "type": "moodle.log_csv",
                            "feed": "moodle",
                            "files": [str(self.folder / "log.csv")],
                        },
                        "moodle": {
                            "type": "moodle.database",
                            "url": f"sqlite:///{self.folder / 'moodle.db'}",
                        },
                        "mobile": self._source("moodle.log_json", "mobile.jsonl"),
                        "report": self._source("moodle.report", "report.csv"),
                        "logons": self._source("pclabs.events_json", "logons.jsonl"),
                        "faser.due": self._source("faser.due", "due.csv"),
                        **{
                            feed: self._source(kind, f"{feed}.csv")
                            for feed, (kind, _) in TABLES.items()
                        },
                    }
                }
            )
        )

    def _source(self, kind: str, file: str) -> dict[str, object]:
        return {"type": kind, "files": [str(self.folder / file)]}

    def _lines(self, name: str, lines: Sequence[bytes]) -> None:
        (self.folder / name).write_bytes(b"".join(line + b"\n" for line in lines))

    def _csv(self, name: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        with (self.folder / name).open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])


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


def leap(place: Place, *arguments: str) -> dict[str, Any]:
    """Within this process: a process a command takes longer than the command."""
    done = CliRunner().invoke(app, [*arguments, "--json"], env=dict(place[0].environment))
    assert done.exit_code == 0, (done.output, done.exception)
    record: dict[str, Any] = json.loads(done.stdout)
    return record


@pytest.fixture(scope="module")
def read(place: Place, campus: Campus) -> Mapping[str, dict[str, Any]]:
    """Everything in the order in which it may well come: the student file last but one."""
    folder, last = campus.folder, f"{campus.yesterday:%Y-%m-%d}"
    taps = leap(
        place,
        *("connect", "taps", str(folder / "taps.csv"), "--complete-through", last),
        *("-o", f"readers={folder / 'readers.csv'}", "-o", f"timetable={folder / 'timetable.csv'}"),
    )
    students = leap(place, "identity", "load", str(folder / "students.csv"))
    waiting = leap(place, "quarantine", "list")
    replayed = leap(place, "quarantine", "replay")
    left = leap(place, "quarantine", "list")
    others = leap(
        place,
        *("connect", "--all", "--config", str(folder / "connect.yaml")),
        *("--complete-through", last),
    )
    return {
        "taps": taps,
        "students": students,
        "waiting": waiting,
        "replayed": replayed,
        "left": left,
        **others["sources"],
    }


def test_what_strangers_did_waits_and_is_released_when_they_are_known(
    read: Mapping[str, dict[str, Any]], campus: Campus
) -> None:
    count = len(campus.active())
    assert read["taps"]["quarantined"] == {"impossible_date": 1, "unknown_identity": count}
    assert read["taps"]["reconciled"]
    assert read["students"]["students"] == STUDENTS
    assert read["students"]["identifiers_added"] == 4 * STUDENTS
    assert read["waiting"]["total"] == count + 1
    assert read["replayed"] == {"chosen": count, "replayed": count}
    assert [one["reason"] for one in read["left"]["entries"]] == ["impossible_date"]
    assert read["left"]["entries"][0]["raw"] == "C1,R1,2017-13-12 09:00:00"


def test_every_source_leads_to_the_indicator(
    place: Place, read: Mapping[str, dict[str, Any]], campus: Campus, tmp_path: Path
) -> None:
    _, _, generation = place
    count = len(campus.active())
    assert read["moodle.export"]["published"] == 9
    for feed in {*SCORED.values()} - {"taps"}:
        assert read[feed]["published"] == read[feed]["read"] == count
    assert read["faser.due"]["expectations"] == STUDENTS
    last_day = Day(campus_day(campus.yesterday.date()))
    with RunningProcess.start("worker", environment=ENVIRONMENT, logs=tmp_path) as worker:
        events = wait_for_worker(worker, generation, last_day).events
    assert events["applied"] == len(SCORED) * count
    assert events["duplicate"] == 9  # what the export and the database both knew
    closings = [
        row
        for row in generation.read(topics.INDICATOR_DAY).iter_rows(named=True)
        if row["day"] == last_day
    ]
    amounts = sorted(
        tuple(part["amount"] for part in closing["contributions"]) for closing in closings
    )
    assert amounts == [(n,) * len(SCORED) for n in range(1, STUDENTS + 1)]
    sessions = generation.read(topics.ACTIVITY[Kind.TAP_IN])["session"]
    assert set(sessions) == {f"HI/{day:%d}" for day in campus.days[DAYS - STUDENTS :]}


def test_reading_on_finds_nothing_and_the_erased_stay_away(
    place: Place, read: Mapping[str, dict[str, Any]], campus: Campus
) -> None:
    config = ("connect", "--all", "--config", str(campus.folder / "connect.yaml"))
    again = leap(place, *config)
    assert {one["read"] for one in again["sources"].values()} == {0}
    assert leap(place, "identity", "suppress", "student:S6") == {"identifiers_suppressed": 4}
    students = leap(place, "identity", "load", str(campus.folder / "students.csv"))
    assert students["skipped"] == {"erased": 1}
    assert students["identifiers_added"] == 0
    whole = leap(place, *config, "--again")
    assert whole["sources"]["faser"]["skipped"] == {"erased": 6}
    assert whole["sources"]["faser"]["published"] == len(campus.active()) - 6
