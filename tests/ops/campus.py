"""A campus where every source has something to tell, on each of the last days, of a student."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from connectors.students.oneroster import ENROLMENTS, USERS
from schemas.types import Kind
from tests.connectors.test_oneroster import ENROLMENT_HEADER, USER_HEADER, enrolment, user
from tests.ops.source_files import CASES, EndToEnd, log_csv, log_of, write_csv

ZONE: Final = ZoneInfo("Europe/London")
DAYS: Final = 3
NUMBERS: Final = {case.type: number for number, case in enumerate(CASES, 1)}
KINDS: Final = {case.type: case.kind for case in CASES}
XAPI, CALIPER, ROSTER = (len(CASES) + n for n in (1, 2, 3))
KNOWN_BEFORE: Final = CALIPER  # students of the file; whom OneRoster knows comes after them
UPLOADER: Final = NUMBERS["faser.uploads"]
POLICY: Final = """
version: 1
valid_from: 2013-01-01
title: campus
look_back_days: 70
amendment_days: 14
minimum_counted_days: 3
minimum_weight_share: 0.1
thresholds: {low: 20, partial: 45, good: 65, high: 85}
kinds:
""" + "".join(
    f"  {kind}: {{weight: 1, window_days: 14, measure: {measure},"
    f" feeds: {[name for name, leads_to in KINDS.items() if leads_to is kind]}}}\n"
    for kind in Kind
    for measure in [
        "share, saturation_share: 1"
        if kind is Kind.FASER_UPLOAD
        else "events, saturation_per_week: 5"
    ]
)


class Campus:
    """Its files, in a folder; `taps` are the options of the source that is read by itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        today = datetime.now(ZONE).replace(hour=12, minute=0, second=0, microsecond=0)
        self.days = [today - timedelta(days=DAYS - n) for n in range(DAYS)]
        self.start = f"{today - timedelta(days=40):%F}"

    @property
    def last(self) -> str:
        return f"{self.days[-1]:%F}"

    def write(self) -> None:
        header = ["student", "name", "card", "username", "moodle", "email", "level", "from"]
        students = [
            [f"S{n}", f"<b>Student</b> {n}", f"c{n}", f"u{n}", n, f"s{n}@campus.ac.uk", "UG"]
            for n in range(1, KNOWN_BEFORE + 1)
        ]
        rows = [[*one, self.start] for one in students]
        write_csv(self.folder / "students.csv", header, rows)
        self._write_roster()
        sources = {case.type: self._source(case.type, case, NUMBERS[case.type]) for case in CASES}
        self.taps = sources.pop("taps")
        sources["roster"] = self._source("roster", _case("exports.loans"), ROSTER)
        known_twice = log_of(NUMBERS["moodle.database"], self.days[:2])
        sources["export"] = {
            "type": "moodle.log_csv",
            "feed": "moodle.database",
            "files": [log_csv(self.folder / "export.csv", known_twice)],
        }
        (self.folder / "connect.yaml").write_text(json.dumps({"sources": sources}))  # YAML too

    def _source(self, name: str, case: EndToEnd, number: int) -> dict[str, object]:
        folder = self.folder / name
        folder.mkdir()
        return {"type": case.type, **case.write(folder, number, self.days)}

    def _write_roster(self) -> None:
        folder = self.folder / "oneroster"
        folder.mkdir()
        name = f"s{ROSTER}"
        enrolled = enrolment(name, self.start)
        (folder / USERS).write_text(f"{USER_HEADER}\n{user(name)}\n")
        (folder / ENROLMENTS).write_text(f"{ENROLMENT_HEADER}\n{enrolled}\n")


def _case(name: str) -> EndToEnd:
    (found,) = (case for case in CASES if case.type == name)
    return found
