"""Periods of students, and what is expected of them."""

from pathlib import Path

import pytest

from connectors.campus_day import moment
from connectors.identity import pseudonyms
from schemas.topics import EXPECTATION, QUARANTINE, STUDENT
from schemas.types import Day
from tests.connectors.oulad.folders import oulad, write
from tests.connectors.world import SITE_KEY, ZONE, day, published, values


def pseudonym(number: int) -> int:
    return int(pseudonyms(SITE_KEY, "oulad", [str(number)])[0])


def students(folder: Path, *rows: str) -> dict[int, list[tuple[object, object, object]]]:
    publisher = published(oulad(write(folder, studentRegistration=rows)))
    return {
        number: [(p["from"], p["to"], p["programme"]) for p in periods]
        for record in values(publisher, STUDENT)
        for number in (11, 12)
        if record["student"] == pseudonym(number) and isinstance(periods := record["periods"], list)
    }


@pytest.mark.parametrize(
    ("registered", "unregistered", "first", "last"),
    [
        (-30, "", "2013-10-01", "2013-10-10"),  # registered before the start: from the start
        (0, "", "2013-10-01", "2013-10-10"),
        (3, "", "2013-10-04", "2013-10-10"),  # registered late: from that day
        ("", "", "2013-10-01", "2013-10-10"),  # not known when: from the start
        ("?", "?", "2013-10-01", "2013-10-10"),  # the same, as some releases write it
        (-30, 5, "2013-10-01", "2013-10-05"),  # until the day before
        (-30, 1, "2013-10-01", "2013-10-01"),
        (-30, 99, "2013-10-01", "2013-10-10"),  # left after the end: until the end
    ],
)
def test_a_period_lies_within_presentation_and_registration(
    tmp_path: Path, registered: int | str, unregistered: int | str, first: str, last: str
) -> None:
    found = students(tmp_path, f"AAA,2013J,11,{registered},{unregistered}")
    assert found == {11: [(day(first), day(last), "AAA-2013J")]}


def test_a_student_who_left_before_the_start_is_known_and_has_no_period(tmp_path: Path) -> None:
    assert students(tmp_path, "AAA,2013J,11,-30,0") == {11: []}
    assert students(tmp_path, "AAA,2013J,11,-30,-10") == {11: []}


def test_a_presentation_that_begins_in_february_is_a_b(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        courses=["AAA,2014B,28"],
        studentRegistration=["AAA,2014B,11,-30,"],
        assessments=[],
        studentAssessment=[],
        studentVle=[],
    )
    (record,) = values(published(oulad(folder)), STUDENT)
    assert isinstance(periods := record["periods"], list)
    assert [(p["from"], p["to"]) for p in periods] == [(day("2014-02-01"), day("2014-02-28"))]


def test_a_student_of_two_presentations_has_two_periods_in_order(tmp_path: Path) -> None:
    rows = ["AAA,2014J,12,-20,", "AAA,2013J,12,-20,"]
    assert students(tmp_path, *rows) == {
        12: [
            (day("2013-10-01"), day("2013-10-10"), "AAA-2013J"),
            (day("2014-10-01"), day("2014-10-10"), "AAA-2014J"),
        ]
    }


def test_of_periods_that_overlap_the_later_is_rejected_whatever_the_order(tmp_path: Path) -> None:
    rows = ["BBB,2013J,11,2,", "AAA,2013J,11,-30,"]
    for order in (rows, rows[::-1]):
        courses = ["AAA,2013J,10", "AAA,2014J,10", "BBB,2013J,10"]
        folder = write(tmp_path, courses=courses, studentRegistration=order)
        publisher = published(oulad(folder))
        (student,) = values(publisher, STUDENT)
        assert isinstance(periods := student["periods"], list)
        assert [p["programme"] for p in periods] == ["AAA-2013J"]
        (record,) = values(publisher, QUARANTINE)
        assert record["raw"] == b"BBB,2013J,11,2,"
        assert "the period in BBB-2013J overlaps" in str(record["message"])


def test_a_period_says_how_a_student_studies(tmp_path: Path) -> None:
    folder = write(tmp_path, studentRegistration=["AAA,2013J,11,2,"])
    (record,) = values(published(oulad(folder)), STUDENT)
    assert isinstance(periods := record["periods"], list)
    said = {"level": "undergraduate", "mode": "part_time", "status": "enrolled"}
    assert said.items() <= periods[0].items()
    assert record["tutor"] is None
    assert record["recorded_at"] == moment(day("2013-10-03"), 0, ZONE)


def expected_of(folder: Path, registration: str, *assessments: str) -> list[tuple[object, object]]:
    publisher = published(
        oulad(
            write(
                folder,
                studentRegistration=[registration],
                assessments=assessments,
                studentAssessment=[],
            )
        )
    )
    records = values(publisher, EXPECTATION)
    assert all(record["student"] == pseudonym(11) for record in records)
    assert all(record["kind"] == "faser_upload" for record in records)
    return [(record["item"], record["due"]) for record in records]


def test_coursework_is_expected_of_those_whose_period_holds_the_day_it_is_due(
    tmp_path: Path,
) -> None:
    rows = [f"AAA,2013J,{1750 + due},TMA,{due},10" for due in range(-1, 11)]
    rows.append("AAA,2014J,1800,TMA,4,10")
    assert expected_of(tmp_path, "AAA,2013J,11,2,7", *rows) == [
        (str(1750 + due), Day(day("2013-10-01") + due)) for due in range(2, 7)
    ]


def test_neither_exams_nor_coursework_without_a_day_are_expected(tmp_path: Path) -> None:
    rows = ["AAA,2013J,1,Exam,,100", "AAA,2013J,2,Exam,4,100", "AAA,2013J,3,TMA,,10"]
    assert expected_of(tmp_path, "AAA,2013J,11,-30,", *rows) == []


def test_what_was_carried_over_is_expected_of_nobody_once_more(tmp_path: Path) -> None:
    folder = write(
        tmp_path,
        studentRegistration=["AAA,2013J,11,-30,", "AAA,2013J,12,-30,"],
        assessments=["AAA,2013J,1,TMA,3,10", "AAA,2013J,2,TMA,5,10"],
        studentAssessment=["1,11,2,1,80", "2,11,4,0,80", "1,12,2,0,80"],
    )
    expected = {
        (record["student"], record["item"])
        for record in values(published(oulad(folder)), EXPECTATION)
    }
    assert expected == {
        (pseudonym(11), "2"),
        (pseudonym(12), "1"),
        (pseudonym(12), "2"),
    }
