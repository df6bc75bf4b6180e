"""The files that each type of source is run on, from end to end: a new type is an entry here.

Student number n of the campus is known everywhere: as S<n>, by the card c<n>, the username u<n>,
the number n in Moodle, the e-mail address s<n>@campus.ac.uk.
"""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeAlias

from schemas.types import Kind
from tests.connectors.ezproxy.case import request
from tests.connectors.folio.case import loan
from tests.connectors.folio.case import write as write_loans
from tests.connectors.moodle import database, log_rows
from tests.connectors.pc_labs.case import event as logon
from tests.connectors.pc_labs.case import logged
from tests.connectors.pc_labs.evtx_file import write_evtx

Options: TypeAlias = Mapping[str, object]
Cells: TypeAlias = Sequence[object]
SESSION: Final = "HI/{:%d}"  # of the day


@dataclass(frozen=True, slots=True)
class EndToEnd:
    """A type of source whose student does one thing at each of some moments.

    `write(folder, number, moments)` lays down what the source reads, and gives its options.
    """

    type: str
    kind: Kind | None
    """What the indicator then counts; None: the source says what is due, not what was done."""
    write: Callable[[Path, int, Sequence[datetime]], Options]


def local(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}"


def utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def american(moment: datetime) -> str:
    return f"{moment:%m/%d/%Y %I:%M:%S %p}"


def write_csv(
    path: Path, header: Sequence[str], rows: Sequence[Cells], separator: str = ","
) -> str:
    with path.open("w", newline="") as file:
        csv.writer(file, delimiter=separator).writerows([header, *rows])
    return str(path)


def write_lines(path: Path, lines: Sequence[bytes]) -> str:
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return str(path)


def log_of(
    number: int, moments: Sequence[datetime], **changed: log_rows.Cell
) -> list[log_rows.Row]:
    """Rows of Moodle's standard log; their ids are nobody else's."""
    return [
        log_rows.row_of(
            1000 * number + at, userid=number, timecreated=int(moment.timestamp()), **changed
        )
        for at, moment in enumerate(moments)
    ]


def table(
    name: str,
    kind: Kind,
    header: str,
    row: Callable[[int, datetime], Cells],
    *,
    separator: str = ",",
    **options: object,
) -> EndToEnd:
    """A delimited file with one activity a row."""

    def write(folder: Path, number: int, moments: Sequence[datetime]) -> Options:
        rows = [row(number, moment) for moment in moments]
        file = write_csv(folder / "table.csv", header.split(","), rows, separator)
        return {"files": [file], **options}

    return EndToEnd(name, kind, write)


def _taps(folder: Path, number: int, moments: Sequence[datetime]) -> Options:
    rows: list[Cells] = [[f"C{number}", "R1", f"{at:%Y-%m-%d %H:%M:%S}"] for at in moments]
    rows.append([f"C{number}", "R1", "2017-13-12 09:00:00"])
    starts = [[SESSION.format(at), "Hall", f"{at:%Y-%m-%d} 12:10"] for at in moments]
    return {
        "files": [write_csv(folder / "taps.csv", ["card", "reader", "time"], rows)],
        "readers": write_csv(folder / "readers.csv", ["reader", "room"], [["R1", "Hall"]]),
        "timetable": write_csv(folder / "timetable.csv", ["session", "room", "start"], starts),
    }


def _log_csv(folder: Path, number: int, moments: Sequence[datetime]) -> Options:
    return {"files": [log_csv(folder / "log.csv", log_of(number, moments))]}


def log_csv(path: Path, rows: Sequence[log_rows.Row]) -> str:
    """An export of rows of the standard log."""
    cells = [["" if cell is None else cell for cell in row.values()] for row in rows]
    return write_csv(path, log_rows.COLUMNS, cells)


def _log_json(folder: Path, number: int, moments: Sequence[datetime]) -> Options:
    rows = log_of(number, moments, origin="ws")
    return {"files": [write_lines(folder / "log.jsonl", [json.dumps(r).encode() for r in rows])]}


def _database(folder: Path, number: int, moments: Sequence[datetime]) -> Options:
    database.insert(folder / "moodle.db", log_of(number, moments))
    return {"url": f"sqlite:///{folder / 'moodle.db'}"}


def _events_json(folder: Path, number: int, moments: Sequence[datetime]) -> Options:
    events = [logon(f"u{number}".upper(), at.isoformat()) for at in moments]
    return {"files": [write_lines(folder / "logons.jsonl", events)]}


def _events_evtx(folder: Path, number: int, moments: Sequence[datetime]) -> Options:
    write_evtx(folder / "Security.evtx", [logged(f"u{number}", utc(at)) for at in moments])
    return {"files": [str(folder / "Security.evtx")]}


def _folio(folder: Path, number: int, moments: Sequence[datetime]) -> Options:
    write_loans(folder, [loan(f"{at}", "u-1", loanDate=utc(at)) for at in moments])
    users = write_csv(folder / "users.csv", ["id", "identifier"], [["u-1", f"S{number}"]])
    return {"files": [str(folder / "loans.json")], "users": users}


def _ezproxy(folder: Path, number: int, moments: Sequence[datetime]) -> Options:
    lines = [request(f"u{number}", at=f"{at:%d/%b/%Y:%H:%M:%S %z}") for at in moments]
    return {"files": [write_lines(folder / "ezproxy.log", lines)]}


def _talis(folder: Path, number: int, moments: Sequence[datetime]) -> Options:
    header = ["uuid", "event_class", "event_timestamp", "performed_by", "property_1", "property_2"]
    rows = [
        ["x", "list.view", f"{at.astimezone(UTC):%F %T}.0", "g1", "uni", "L1"] for at in moments
    ]
    users = [["g1", f"s{number}@campus.ac.uk"]]
    return {
        "files": [write_csv(folder / "events.csv", header, rows)],
        "users": write_csv(folder / "users.csv", ["id", "identifier"], users),
    }


def essay(moment: datetime) -> str:
    """What everybody has to hand in on a day."""
    return f"diary-{moment:%j}"


def _due(folder: Path, number: int, moments: Sequence[datetime]) -> Options:
    """Everybody up to this student has to hand in an essay on each of the days."""
    header = ["student", "assignment", "due", "extension"]
    rows = [[f"S{n}", essay(at), f"{at:%F}", ""] for n in range(1, number + 1) for at in moments]
    return {"files": [write_csv(folder / "due.csv", header, rows)]}


CASES: Final[list[EndToEnd]] = [
    EndToEnd("taps", Kind.TAP_IN, _taps),
    EndToEnd("moodle.log_csv", Kind.MOODLE_COURSE, _log_csv),
    EndToEnd("moodle.log_json", Kind.MOODLE_MOBILE, _log_json),
    table(
        "moodle.report",
        Kind.MOODLE_LOGIN,
        "Time,Description,Origin",
        lambda n, at: [f"{at:%d/%m/%y, %H:%M}", f"The user with id '{n}' has logged in.", "web"],
    ),
    EndToEnd("moodle.database", Kind.MOODLE_COURSE, _database),
    table(
        "faser.uploads",
        Kind.FASER_UPLOAD,
        "student,assignment,time",
        lambda n, at: [f"S{n}", essay(at), local(at)],
    ),
    table(
        "faser.views",
        Kind.FASER_VIEW,
        "time,student,assignment",
        lambda n, at: [local(at), f"S{n}", essay(at)],
    ),
    table(
        "exports.loans",
        Kind.LIBRARY_LOAN,
        "time,student,item",
        lambda n, at: [local(at), f"S{n}", "31999001"],
    ),
    table(
        "exports.recordings",
        Kind.LISTEN_AGAIN,
        "time,student,recording",
        lambda n, at: [local(at), f"S{n}", "lecture-1"],
    ),
    table(
        "exports.panopto",
        Kind.LISTEN_AGAIN,
        "Timestamp,Username,Session ID,Minutes Delivered",
        lambda n, at: [american(at), f"u{n}", "r1", "0.5"],
        date_order="month_first",
    ),
    table(
        "exports.reading_lists",
        Kind.READING_LIST,
        "time,student,list",
        lambda n, at: [local(at), f"S{n}", "week-1"],
    ),
    table(
        "jisc.attendance",
        Kind.TAP_IN,
        "STUDENT_ID,EVENT_ID,START_TIME,EVENT_ATTENDED",
        lambda n, at: [f"S{n}", "EVT1", local(at), 1],
        separator="\t",
    ),
    table(
        "jisc.loans",
        Kind.LIBRARY_LOAN,
        "USERNAME,ITEM_ID,TIMESTAMP,BORROWING_SITE",
        lambda n, at: [f"u{n}", "679", local(at), "Library"],
        separator="\t",
    ),
    table(
        "jisc.reading_lists",
        Kind.READING_LIST,
        "USERNAME,OBJECT_ID,ITEM_URL,TIMESTAMP",
        lambda n, at: [f"u{n}", "lists/1", "items/2", f"{at:%F %H:%M}"],
        separator="\t",
    ),
    table(
        "jisc.videos",
        Kind.LISTEN_AGAIN,
        "TIMESTAMP,USERNAME,SESSION_ID,MINUTES_WATCHED",
        lambda n, at: [american(at), f"u{n}", "0ecc", "1.5"],
        separator="\t",
        date_order="month_first",
    ),
    table(
        "jisc.views",
        Kind.MOODLE_COURSE,
        "STUDENT_ID,TIMESTAMP,OBJECT_ID,VLE_MOD_ID",
        lambda n, at: [f"S{n}", utc(at), "http://moodle.ac.uk/course/view.php?id=1", "MOD_1"],
        separator="\t",
    ),
    EndToEnd("folio.loans", Kind.LIBRARY_LOAN, _folio),
    EndToEnd("ezproxy.log", Kind.LIBRARY_LOAN, _ezproxy),
    EndToEnd("talis.events", Kind.READING_LIST, _talis),
    EndToEnd("pclabs.events_json", Kind.PC_LOGIN, _events_json),
    EndToEnd("pclabs.events_evtx", Kind.PC_LOGIN, _events_evtx),
    EndToEnd("faser.due", None, _due),  # the last: it is about everybody
]
