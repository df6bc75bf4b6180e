"""OneRoster: students are those who are enrolled, for as long as they are; every row is told."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.source import Rejected
from connectors.students.load import LoadAccount
from connectors.students.oneroster import CLASSES, ENROLMENTS, SESSIONS, USERS, OneRoster
from connectors.values import CELL_BYTES_LIMIT
from schemas.errors import SourceError
from schemas.reasons import Reason
from schemas.topics import STUDENT
from tests.connectors.connected import CAMPUS
from tests.connectors.test_students import load_rows
from tests.connectors.world import day, values

USER_HEADER = "sourcedId,status,dateLastModified,enabledUser,username,givenName,identifier,email"
ENROLMENT_HEADER = "sourcedId,status,classSourcedId,userSourcedId,role,beginDate,endDate"
CLASS_LINES = ["sourcedId,title,termSourcedIds", 'c1,History,"t1,t2"', "c2,Physics,t9"]
SESSION_LINES = [
    "sourcedId,title,startDate,endDate",
    "t1,Autumn,2019-09-30,2019-12-14",
    "t2,Spring,2020-01-13,2020-03-28",
]


def user(name: str, identifier: str = "", status: str = "") -> str:
    shown = identifier or name.upper()
    return f"{name},{status},,true,{name},Sam,{shown},{name}@campus.ac.uk"


def enrolment(name: str, begin: str = "", end: str = "", **other: str) -> str:
    cells = {"status": "", "class": "c9", "role": "student"} | other
    return f"e,{cells['status']},{cells['class']},{name},{cells['role']},{begin},{end}"


def export(folder: Path, users: Sequence[str], enrolments: Sequence[str]) -> OneRoster:
    files = {
        USERS: [USER_HEADER, *users],
        ENROLMENTS: [ENROLMENT_HEADER, *enrolments],
        CLASSES: CLASS_LINES,
        SESSIONS: SESSION_LINES,
    }
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n")
    return OneRoster(folder, CAMPUS)


def periods(
    folder: Path, enrolments: Sequence[str]
) -> tuple[LoadAccount, list[tuple[object, object]]]:
    account, publisher, _ = load_rows(export(folder, [user("sam")], enrolments).rows())
    assert account.is_reconciled
    (student,) = values(publisher, STUDENT) or [{"periods": []}]
    found = student["periods"]
    assert isinstance(found, list)
    return account, [(one["from"], one["to"]) for one in found]


@pytest.mark.parametrize(
    ("enrolments", "told"),
    [
        ([("2019-09-30", "2020-01-01")], [("2019-09-30", "2019-12-31")]),
        ([("2019-09-30", "")], [("2019-09-30", None)]),
        (
            [("2020-01-13", "2020-03-28"), ("2019-09-30", "2019-12-14")],
            [("2019-09-30", "2020-03-27")],
        ),
        ([("2019-09-30", "2020-06-20"), ("2019-11-01", "")], [("2019-09-30", None)]),
        (
            [("2019-09-30", "2020-06-20"), ("2020-09-30", "2021-06-20")],
            [("2019-09-30", "2020-06-19"), ("2020-09-30", "2021-06-19")],
        ),
    ],
)
def test_enrolments_that_belong_together_are_one_period(
    tmp_path: Path, enrolments: list[tuple[str, str]], told: list[tuple[str, str | None]]
) -> None:
    account, found = periods(tmp_path, [enrolment("sam", *dates) for dates in enrolments])
    assert found == [(day(a), day(b) if b else None) for a, b in told]
    assert account.used == 1 + len(enrolments)


def test_an_enrolment_without_dates_is_as_long_as_the_sessions_of_its_class(tmp_path: Path) -> None:
    _, found = periods(tmp_path, [enrolment("sam", **{"class": "c1"})])
    assert found == [(day("2019-09-30"), day("2020-03-27"))]


def test_only_students_are_loaded_and_all_rows_are_accounted_for(tmp_path: Path) -> None:
    roster = export(
        tmp_path,
        [user("sam"), user("prof"), user("gone", status="tobedeleted"), user("kim", "<b>K</b>")],
        [
            enrolment("sam", "2019-09-30"),
            enrolment("prof", "2019-09-30", role="teacher"),
            enrolment("sam", "2019-09-30", status="tobedeleted"),
            enrolment("sam", **{"class": "c2"}),
            enrolment("sam", "2019-09-30", "2019-09-30"),
            enrolment("sam", "2019-09-31"),
            enrolment("nobody", "2019-09-30"),
        ],
    )
    (tmp_path / ENROLMENTS).write_text(
        (tmp_path / ENROLMENTS).read_text() + enrolment("kim", "2019-09-30") + "\n"
    )
    account, _, writer = load_rows(roster.rows())
    assert account.is_reconciled
    assert account.read == 12
    assert account.skipped == {"not_a_student": 2, "tobedeleted": 2}
    assert account.quarantined == {
        Reason.MARKUP: 1,
        Reason.MISSING_VALUE: 1,
        Reason.IMPOSSIBLE_DATE: 2,
        Reason.UNKNOWN_VALUE: 2,
    }
    assert account.students == 1
    assert [one["scheme"] for one in writer.records()] == ["student", "username", "email"]


def test_loading_again_in_another_order_tells_the_same(tmp_path: Path) -> None:
    users = [user("sam"), user("kim")]
    lines = [
        enrolment(name, begin) for name in ("sam", "kim") for begin in ("2019-09-30", "2020-01-13")
    ]
    _, first, _ = load_rows(export(tmp_path, users, lines).rows())
    _, again, _ = load_rows(export(tmp_path, users, lines[::-1]).rows())
    assert values(first, STUDENT) == values(again, STUDENT)


def test_a_folder_that_is_no_export_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=USERS):
        list(OneRoster(tmp_path, CAMPUS).rows())


@pytest.mark.parametrize(
    ("size", "reason"),
    [(CELL_BYTES_LIMIT + 1, "more than the 4096"), (10_000_000, "more than the 1048576")],
)
@pytest.mark.parametrize("file", [USERS, ENROLMENTS, CLASSES, SESSIONS])
def test_a_field_that_is_too_long_is_refused_and_the_rest_goes_on(
    tmp_path: Path, file: str, size: int, reason: str
) -> None:
    lines = [enrolment("sam", "2019-09-30"), enrolment("kim", **{"class": "c1"})]
    roster = export(tmp_path, [user("sam"), user("kim")], lines)
    long = "x" * size
    bad = {
        USERS: user("pat", long),
        ENROLMENTS: enrolment("sam", "2019-09-30", **{"class": long}),
        CLASSES: f"c3,History,{long}",
        SESSIONS: f"{long},Summer,2020-04-20,2020-06-20",
    }
    with (tmp_path / file).open("a") as appended:
        appended.write(f"{bad[file]}\n")
    if file == USERS:
        with (tmp_path / ENROLMENTS).open("a") as appended:
            appended.write(f"{enrolment('pat', '2019-09-30')}\n")
    refused, *of_no_user = [one for one in roster.rows() if isinstance(one, Rejected)]
    assert [one.file for one in of_no_user] == ([ENROLMENTS] if file == USERS else [])
    assert refused.reason is Reason.TOO_LARGE
    assert reason in refused.message
    assert refused.file == file
    account, publisher, _ = load_rows(roster.rows())
    assert account.is_reconciled
    assert len(values(publisher, STUDENT)) == 2


def test_a_session_that_cannot_be_read_is_refused_and_the_others_count(tmp_path: Path) -> None:
    roster = export(tmp_path, [user("sam")], [enrolment("sam", **{"class": "c1"})])
    with (tmp_path / SESSIONS).open("a") as appended:
        appended.write("t3,Summer,2020-04-31,2020-06-20\n")
    account, publisher, _ = load_rows(roster.rows())
    assert account.quarantined == {Reason.IMPOSSIBLE_DATE: 1}
    assert account.is_reconciled
    assert len(values(publisher, STUDENT)) == 1


def test_html_is_refused_in_identifiers_and_not_looked_at_in_names(tmp_path: Path) -> None:
    named = user("kim").replace("Sam", "<b>Kim</b>")
    marked = user("pat").replace("pat@", "<i>pat</i>@")
    users = ["sam", "kim", "pat"]
    roster = export(
        tmp_path, [user("sam"), named, marked], [enrolment(name, "2019-09-30") for name in users]
    )
    refused = [one for one in roster.rows() if isinstance(one, Rejected)]
    assert [one.reason for one in refused] == [Reason.MARKUP, Reason.UNKNOWN_VALUE]
    assert "email is" in refused[0].message
    account, publisher, _ = load_rows(roster.rows())
    assert account.is_reconciled
    assert len(values(publisher, STUDENT)) == 2


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=120), st.binary(max_size=120))
def test_no_bytes_whatever_make_it_fail(users: bytes, enrolments: bytes) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        roster = export(folder, [user("sam")], [enrolment("sam", "2019-09-30")])
        for file, content in ((USERS, users), (ENROLMENTS, enrolments)):
            (folder / file).write_bytes((folder / file).read_bytes() + content)
        account, publisher, _ = load_rows(roster.rows())
    assert account.is_reconciled
    assert len(values(publisher, STUDENT)) == 1, "the row before the noise"
