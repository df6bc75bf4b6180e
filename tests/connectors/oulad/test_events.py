"""Which rows of the dataset are events, and what they are called."""

import random
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.campus_day import moment
from connectors.identity import pseudonyms
from schemas.topics import ACTIVITY
from schemas.types import Day, Kind
from schemas.wire import Record
from tests.connectors.oulad.folders import HEADERS, ROWS, oulad, write
from tests.connectors.world import SITE_KEY, ZONE, by_id, day, events, published, values

CLICK_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["2013J", "2014J"]),
        st.integers(11, 13),
        st.integers(1, 2),
        st.integers(-3, 12),
        st.integers(0, 3),
    ),
    max_size=30,
)
SUBMISSION_ROWS = st.lists(
    st.tuples(st.integers(11, 13), st.integers(-3, 12), st.booleans()), max_size=10
)


def texts(
    clicks: list[tuple[str, int, int, int, int]], submissions: list[tuple[int, int, bool]]
) -> tuple[list[str], list[str]]:
    return (
        [f"AAA,{code},{student},{site},{on},{n}" for code, student, site, on, n in clicks],
        [f"1752,{student},{on},{banked},50" for student, on, banked in submissions],
    )


def read(folder: Path, **rows: list[str]) -> dict[bytes, Record]:
    return by_id(published(oulad(write(folder, **rows))))


@settings(max_examples=40, deadline=None)
@given(CLICK_ROWS, SUBMISSION_ROWS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(
    clicks: list[tuple[str, int, int, int, int]],
    submissions: list[tuple[int, int, bool]],
    shuffle: random.Random,
) -> None:
    click_rows, submission_rows = texts(clicks, submissions)
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        first = read(Path(one), studentVle=click_rows, studentAssessment=submission_rows)
        shuffle.shuffle(click_rows)
        shuffle.shuffle(submission_rows)
        again = read(
            Path(other),
            studentVle=click_rows,
            studentAssessment=submission_rows,
            studentRegistration=list(reversed(ROWS["studentRegistration"])),
            assessments=list(reversed(ROWS["assessments"])),
            courses=list(reversed(ROWS["courses"])),
        )
    assert first == again


@settings(max_examples=40, deadline=None)
@given(CLICK_ROWS, SUBMISSION_ROWS)
def test_there_is_an_event_for_every_click_and_every_submission_that_is_not_banked(
    clicks: list[tuple[str, int, int, int, int]], submissions: list[tuple[int, int, bool]]
) -> None:
    click_rows, submission_rows = texts(clicks, submissions)
    with TemporaryDirectory() as folder:
        found = read(Path(folder), studentVle=click_rows, studentAssessment=submission_rows)
    names = pseudonyms(SITE_KEY, "oulad", ["11", "12", "13"]).tolist()
    start = {"2013J": day("2013-10-01"), "2014J": day("2014-10-01")}
    expected: Counter[tuple[object, ...]] = Counter()
    for code, student, site, on, n in clicks:
        noon = moment(Day(start[code] + on), 12, ZONE)
        expected["moodle_course", names[student - 11], noon, f"AAA-{code}", str(site)] += n
    for student, on, banked in submissions:
        if not banked:
            noon = moment(Day(start["2013J"] + on), 12, ZONE)
            expected["faser_upload", names[student - 11], noon, "AAA-2013J", "1752"] = 1
    assert +expected == Counter(
        (
            event["kind"],
            event["student"],
            event["occurred_at"],
            event["module"],
            event.get("object", event.get("assignment")),
        )
        for event in found.values()
    )


def test_reading_twice_gives_the_same_ids(tmp_path: Path) -> None:
    source = oulad(write(tmp_path))
    assert by_id(published(source)) == by_id(published(source))


def test_rows_that_repeat_exactly_are_clicks_of_their_own(tmp_path: Path) -> None:
    row = "AAA,2013J,11,546652,0,1"
    assert len(clicks_of(tmp_path, [row, row, row])) == 3


def test_how_clicks_are_spread_over_rows_changes_nothing(tmp_path: Path) -> None:
    together = clicks_of(tmp_path, ["AAA,2013J,11,546652,0,3"])
    apart = clicks_of(tmp_path, ["AAA,2013J,11,546652,0,1", "AAA,2013J,11,546652,0,2"])
    assert together == apart


def test_the_same_submission_twice_is_one_event(tmp_path: Path) -> None:
    rows = ["1752,11,3,False,78", "1752,11,3,False,80"]
    publisher = published(oulad(write(tmp_path, studentAssessment=rows, studentVle=[])))
    assert len(events(publisher)) == 2
    assert len(by_id(publisher)) == 1


def test_a_banked_submission_is_no_event(tmp_path: Path) -> None:
    rows = [f"1752,11,3,{banked},78" for banked in ("True", "true", "1")]
    publisher = published(oulad(write(tmp_path, studentAssessment=rows, studentVle=[])))
    assert events(publisher) == []


def test_an_event_happens_at_noon_by_the_clocks_of_the_campus(tmp_path: Path) -> None:
    publisher = published(
        oulad(
            write(
                tmp_path,
                courses=["AAA,2013J,200"],
                studentVle=[
                    "AAA,2013J,11,546652,0,1",  # 1 October: British Summer Time
                    "AAA,2013J,11,546652,31,1",  # 1 November: Greenwich Mean Time
                ],
            )
        )
    )
    clicks = values(publisher, ACTIVITY[Kind.MOODLE_COURSE])
    noons = [datetime(2013, 10, 1, 11, tzinfo=UTC), datetime(2013, 11, 1, 12, tzinfo=UTC)]
    assert [click["occurred_at"] for click in clicks] == [n.timestamp() * 1000 for n in noons]
    assert [click["recorded_at"] for click in clicks] == [n.timestamp() * 1000 for n in noons]


def test_an_event_says_where_it_happened(tmp_path: Path) -> None:
    publisher = published(oulad(write(tmp_path)))
    click = values(publisher, ACTIVITY[Kind.MOODLE_COURSE])[0]
    upload = values(publisher, ACTIVITY[Kind.FASER_UPLOAD])[0]
    said = {"feed": "oulad.vle", "module": "AAA-2013J", "component": None, "object": "546652"}
    assert said.items() <= click.items()
    said = {"feed": "oulad.assessment", "module": "AAA-2013J", "assignment": "1752"}
    assert {**said, "attempt": None, "revision": 0, "action": "assert"}.items() <= upload.items()


def test_columns_may_stand_in_any_order_with_others_among_them(tmp_path: Path) -> None:
    expected = by_id(published(oulad(write(tmp_path))))
    for name in HEADERS:
        file = tmp_path / f"{name}.csv"
        table = [line.split(",") for line in file.read_text().splitlines()]
        mixed = [["more", *reversed(table[0])], *(["x", *reversed(row)] for row in table[1:])]
        file.write_text("".join(",".join(row) + "\r\n" for row in mixed))
    assert by_id(published(oulad(tmp_path))) == expected


def test_fields_may_be_quoted_as_in_the_published_files(tmp_path: Path) -> None:
    expected = by_id(published(oulad(write(tmp_path))))
    for name in HEADERS:
        file = tmp_path / f"{name}.csv"
        rows = [line.split(",") for line in file.read_text().splitlines()]
        quoted = "".join(",".join(f'"{field}"' for field in row) + "\n" for row in rows)
        file.write_bytes(b"\xef\xbb\xbf" + quoted.encode())
    assert by_id(published(oulad(tmp_path))) == expected


def clicks_of(folder: Path, rows: list[str]) -> dict[bytes, Record]:
    return read(folder, studentVle=rows, studentAssessment=[])
