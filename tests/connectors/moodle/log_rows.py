"""Rows of the standard log with all of the real table's columns, and what each leads to."""

import csv
import io
import json
from typing import Final

from schemas.reasons import Reason
from schemas.types import Kind
from tests.connectors.case import Sample

COLUMNS: Final = (
    *("id", "eventname", "component", "action", "target", "objecttable", "objectid", "crud"),
    *("edulevel", "contextid", "contextlevel", "contextinstanceid", "userid", "courseid"),
    *("relateduserid", "anonymous", "other", "timecreated", "origin", "ip", "realuserid"),
)
FIRST: Final = 1_571_040_000  # 2019-10-14 09:00 by the clocks of London
PAGE: Final = r"\core\event\course_viewed"
MODULE: Final = r"\mod_quiz\event\course_module_viewed"
LOGIN: Final = r"\core\event\user_loggedin"
ASSIGN: Final = r"\mod_assign\event" + "\\"

Cell = str | int | None
Row = dict[str, Cell]


def row_of(number: int, **changed: Cell) -> Row:
    """A view of course 5 by user 7, but for what is changed."""
    return {
        "id": number,
        "eventname": PAGE,
        "component": "core",
        "action": "viewed",
        "target": "course",
        "objecttable": None,
        "objectid": None,
        "crud": "r",
        "edulevel": 2,
        "contextid": 43,
        "contextlevel": 50,
        "contextinstanceid": 5,
        "userid": 7,
        "courseid": 5,
        "relateduserid": None,
        "anonymous": 0,
        "other": '{"a":"b, c"}',
        "timecreated": FIRST + number,
        "origin": "web",
        "ip": "127.0.0.1",
        "realuserid": None,
        **changed,
    }


def rows() -> list[tuple[Row, Kind | Reason | str]]:
    told: list[tuple[Row, Kind | Reason | str]] = [
        ({}, Kind.MOODLE_COURSE),
        ({"timecreated": FIRST}, Kind.MOODLE_COURSE),
        ({"timecreated": FIRST}, Kind.MOODLE_COURSE),  # the same page in the same second
        ({"eventname": MODULE, "contextinstanceid": 99}, Kind.MOODLE_COURSE),
        ({"eventname": LOGIN, "courseid": 0}, Kind.MOODLE_LOGIN),
        ({"eventname": LOGIN, "courseid": 0, "origin": "ws"}, Kind.MOODLE_MOBILE),
        ({"origin": "ws", "userid": 8}, Kind.MOODLE_MOBILE),
        ({"eventname": ASSIGN + "assessable_submitted"}, Kind.FASER_UPLOAD),
        ({"eventname": ASSIGN + "assessable_submitted", "origin": "ws"}, Kind.FASER_UPLOAD),
        ({"eventname": ASSIGN + "feedback_viewed"}, Kind.FASER_VIEW),
        ({"eventname": ASSIGN + "submission_status_viewed", "edulevel": 0}, Kind.FASER_VIEW),
        ({"eventname": ASSIGN + "submission_created"}, "other_event"),
        ({"eventname": r"\mod_forum\event\post_created"}, "other_event"),
        ({"origin": "cli", "userid": -1}, "origin_cli"),
        ({"origin": "restore"}, "origin_restore"),
        ({"realuserid": 2}, "logged_in_as"),
        ({"eventname": r"\core\event\user_loggedinas", "userid": 2}, "logged_in_as"),
        ({"eventname": r"\core\event\user_login_failed", "userid": 0}, "failed_login"),
        ({"anonymous": 1}, "anonymous"),
        ({"userid": 0}, "no_user"),
        ({"userid": 1}, "guest"),
        ({"courseid": 1}, "site_home"),
        ({"eventname": ASSIGN + "grading_table_viewed", "edulevel": 1}, "teaching"),
        ({"userid": "seven"}, Reason.NOT_A_NUMBER),
        ({"userid": None}, Reason.MISSING_VALUE),
        ({"timecreated": -5}, Reason.NEGATIVE_AMOUNT),
        ({"timecreated": 5}, Reason.IMPOSSIBLE_TIME),
        ({"timecreated": 4_000_000_000}, Reason.FUTURE),
        ({"id": None}, Reason.MISSING_VALUE),
    ]
    return [
        (row_of(number, **changed), outcome) for number, (changed, outcome) in enumerate(told, 1)
    ]


def csv_line(row: Row) -> bytes:
    text = io.StringIO()
    values = ["" if value is None else value for value in row.values()]
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue().encode()


CSV: Final = tuple(Sample(csv_line(row), outcome) for row, outcome in rows())
JSON: Final = tuple(Sample(json.dumps(row).encode(), outcome) for row, outcome in rows())
