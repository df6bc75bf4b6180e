"""CSV logs as systems write them, of any length: for measuring how fast they are read."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from connectors.moodle.events import FEEDBACK_VIEW, LOGIN, SUBMISSION_VIEWS
from connectors.schemes import Scheme

STUDENTS: Final = 20_000
_ROWS_PER_SECOND: Final = 40  # a busy hour of a university of that size
_START: Final = datetime(2023, 10, 16, 9, tzinfo=UTC)
_PAGE: Final = r"\core\event\course_viewed"
_MODULE: Final = r"\mod_quiz\event\course_module_viewed"
_OTHER: Final = r"\mod_forum\event\post_created"
_EVENTS: Final = (
    *([_PAGE] * 5 + [_MODULE] * 3 + [LOGIN] * 2),
    *(SUBMISSION_VIEWS[0], FEEDBACK_VIEW, _OTHER),
)
_MOODLE_COLUMNS: Final = (
    *("id", "eventname", "component", "action", "target", "objecttable", "objectid", "crud"),
    *("edulevel", "contextid", "contextlevel", "contextinstanceid", "userid", "courseid"),
    *("relateduserid", "anonymous", "other", "timecreated", "origin", "ip", "realuserid"),
)

Row = list[object]


@dataclass(frozen=True, slots=True)
class Log:
    """A log: its source type and options, its rows, and who `STUDENTS` students are in it."""

    type: str
    options: Mapping[str, object]
    columns: tuple[str, ...]
    row: Callable[[Random, int, int], Row]
    """Of a draw, the number of a row and the seconds since 1970."""
    scheme: Scheme
    person: Callable[[int], str]

    def write(self, path: Path, rows: int) -> None:
        """A file of that many rows, always the same."""
        with path.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(self.columns)
            writer.writerows(self._rows(rows))

    def _rows(self, rows: int) -> Iterator[Row]:
        draw = Random(1)  # noqa: S311 - no secret
        for number in range(1, rows + 1):
            yield self.row(draw, number, int(_START.timestamp()) + number // _ROWS_PER_SECOND)


def _local(seconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


def _moodle(draw: Random, number: int, seconds: int) -> Row:
    user, course = draw.randrange(2, STUDENTS + 2), draw.randrange(2, 900)
    place = draw.randrange(30_000)
    return [
        *(number, draw.choice(_EVENTS), "core", "viewed", "course", "", "", "r", 2, place + 5, 50),
        *(place, user, course, "", 0, '{"a":"b, c"}', seconds),
        *("ws" if draw.random() < 0.1 else "web", f"10.0.{user % 250}.{place % 250}", ""),
    ]


def _tap(draw: Random, number: int, seconds: int) -> Row:
    at = f"{_local(seconds):%Y-%m-%dT%H:%M:%S}"
    return [f"{draw.randrange(STUDENTS):08X}", f"R{draw.randrange(400)}", at]


def _upload(draw: Random, number: int, seconds: int) -> Row:
    at = f"{_local(seconds):%d/%m/%Y %H:%M}"
    item, module = f"A{draw.randrange(2_000)}", f"M{draw.randrange(400)}"
    return [f"S{draw.randrange(STUDENTS):06}", item, module, draw.randrange(1, 4), at]


LOGS: Final = (
    Log(
        "moodle.log_csv",
        {},
        _MOODLE_COLUMNS,
        _moodle,
        Scheme.MOODLE,
        lambda number: str(number + 2),
    ),
    Log(
        "taps",
        {},
        ("card", "reader", "time"),
        _tap,
        Scheme.CARD,
        lambda number: f"{number:08X}",
    ),
    Log(
        "faser.uploads",
        {"date_order": "day_first"},
        ("student", "assignment", "module", "attempt", "time"),
        _upload,
        Scheme.STUDENT,
        lambda number: f"S{number:06}",
    ),
)
