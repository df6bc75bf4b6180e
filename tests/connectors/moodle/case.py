"""Moodle's log, as CSV and as JSON lines, and its log report, for the contract suite."""

from pathlib import Path
from typing import Final

from connectors.delimited.reader import DelimitedReader
from connectors.incremental import IncrementalSource
from connectors.json_lines import JsonLinesReader
from connectors.moodle import log, report
from connectors.moodle.log import LogMapping
from connectors.moodle.report import ReportMapping
from connectors.rows import Columns, RowReader
from connectors.schemes import Scheme
from connectors.table import FileSource
from connectors.zones import Zone
from schemas.reasons import Reason
from schemas.types import Kind
from tests.connectors.case import Case, Sample, lines_under
from tests.connectors.moodle import log_rows

USERS: Final = [(Scheme.MOODLE, "7"), (Scheme.MOODLE, "8")]
LOG: Final = LogMapping(
    "moodle", Columns(log.NEEDED, log.OPTIONAL, empty=log.EMPTY), {"5": "HI101"}
)
REPORT: Final = ReportMapping(
    "moodle",
    Zone("Europe/London"),
    Columns(report.NEEDED, report.OPTIONAL, report.NAMES),
    "day_first",
    {},
)


def logs(folder: Path, file: str, reader: RowReader) -> IncrementalSource:
    return FileSource("moodle", [folder / file], reader, LOG)


def reported(
    said: str, time: str = "14/10/19, 14:05", who: str = "Sam Student", origin: str = "web"
) -> bytes:
    """A line of the report; its columns stand in the order of `REPORT_HEADER`."""
    cells = [who, "-", "Course: HI101", "System", "Course viewed", said, origin, "10.0.0.1", time]
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells).encode()


REPORT_HEADER: Final = (
    b"User full name,Affected user,Event context,Component,Event name,Description,Origin,"
    b"IP address,Time"
)
SEVEN: Final = "The user with id '7' "
OF_ASSIGNMENT: Final = "for the assignment with course module id '9'."
REPORT_SAMPLES: Final = (
    Sample(reported(SEVEN + "viewed the course with id '5'."), Kind.MOODLE_COURSE),
    Sample(
        reported(SEVEN + "viewed the course with id '5'.", "9/11/19, 14:05"), Kind.MOODLE_COURSE
    ),
    Sample(
        reported(SEVEN + "viewed the 'quiz' activity with course module id '4'."),
        Kind.MOODLE_COURSE,
    ),
    Sample(
        reported("The user with id '8' viewed the course with id '5'.", who="<b>O'Hara</b>, Pat"),
        Kind.MOODLE_COURSE,
    ),
    Sample(reported(SEVEN + "viewed the course with id '5'.", origin="ws"), Kind.MOODLE_MOBILE),
    Sample(reported(SEVEN + "has logged in.", "9 November 2019, 2:05 PM"), Kind.MOODLE_LOGIN),
    Sample(
        reported(SEVEN + "has submitted the submission with id '3' " + OF_ASSIGNMENT),
        Kind.FASER_UPLOAD,
    ),
    Sample(
        reported(SEVEN + "has viewed the submission status page " + OF_ASSIGNMENT),
        Kind.FASER_VIEW,
    ),
    Sample(
        reported(SEVEN + "viewed the feedback for the user with id '7' " + OF_ASSIGNMENT),
        Kind.FASER_VIEW,
    ),
    Sample(reported(SEVEN + "has created the post with id '3'."), "other_event"),
    Sample(reported(SEVEN + "viewed the course with id '1'."), "site_home"),
    Sample(reported(SEVEN + "viewed the course with id '5'.", origin="cli"), "origin_cli"),
    Sample(reported(SEVEN + "viewed the course with id '5'.", origin="restore"), "origin_restore"),
    Sample(
        reported(SEVEN + "viewed the course with id '5'.", who="Ada Admin as Sam Student"),
        "logged_in_as",
    ),
    Sample(
        reported("Login failed for the username 'sam' for the reason with id '3'."),
        "failed_login",
    ),
    Sample(reported("The user with id '1' viewed the course with id '5'."), "guest"),
    Sample(reported("The user with id '0' viewed the course with id '5'."), "no_user"),
    Sample(reported("Somebody looked."), "no_user"),
    Sample(reported(""), Reason.MISSING_VALUE),
    Sample(
        reported(SEVEN + "viewed the course with id '5'.", "31/9/19, 14:05"), Reason.IMPOSSIBLE_DATE
    ),
    Sample(
        reported(SEVEN + "viewed the course with id '5'.", "11/13/19, 14:05"),
        Reason.IMPOSSIBLE_DATE,
    ),
    Sample(
        reported(SEVEN + "viewed the course with id '5'.", "9 Nov, 14:05"), Reason.UNREADABLE_TIME
    ),
)

LOG_CSV: Final = Case(
    "moodle.log_csv",
    log_rows.CSV,
    USERS,
    lines_under(",".join(log_rows.COLUMNS).encode(), "log.csv", b"\r\n"),
    lambda folder: logs(folder, "log.csv", DelimitedReader(window_bytes=512)),
)
LOG_JSON: Final = Case(
    "moodle.log_json",
    log_rows.JSON,
    USERS,
    lines_under(b"", "log.jsonl"),
    lambda folder: logs(folder, "log.jsonl", JsonLinesReader(block_bytes=2000)),
)
REPORT_CSV: Final = Case(
    "moodle.report",
    REPORT_SAMPLES,
    USERS,
    lines_under(REPORT_HEADER, "report.csv", b"\r"),
    lambda folder: FileSource(
        "report", [folder / "report.csv"], DelimitedReader(window_bytes=512), REPORT
    ),
)
