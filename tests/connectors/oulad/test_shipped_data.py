"""The data that is shipped is what was published: the known figures of module AAA."""

import lzma
from collections import Counter

from connectors.oulad.files import find, shipped
from connectors.oulad.results import final_results
from connectors.oulad.source import OuladSource
from connectors.source import ActivityDay, Expectation, FileRead, Rejected, Student
from schemas.types import Kind
from tests.connectors.oulad.folders import HEADERS
from tests.connectors.world import SITE_KEY, ZONE, day


def test_counts_equal_those_of_the_dataset() -> None:
    students: list[Student] = []
    expected = 0
    files: dict[str, FileRead] = {}
    kinds: Counter[Kind] = Counter()
    days: list[int] = []
    for item in OuladSource(shipped(), SITE_KEY, ZONE).read():
        match item:
            case Student():
                students.append(item)
            case Expectation():
                expected += 1
            case FileRead():
                files[item.file.partition(".")[0]] = item
            case ActivityDay():
                days.append(item.day)
                kinds.update({batch.kind: len(batch.student) for batch in item.batches})
            case Rejected():
                raise AssertionError(item)
    assert files["studentVle"].rows == 350_298
    assert files["studentVle"].events == kinds[Kind.MOODLE_COURSE] == 1_246_652
    assert files["studentAssessment"].rows == 3_149
    assert files["studentAssessment"].left_out == 42
    assert kinds[Kind.FASER_UPLOAD] == 3_149 - 42
    assert files["studentRegistration"].rows == 748
    assert len(students) == 748 - 36
    assert sum(len(one.periods) for one in students) == 748 - files["studentRegistration"].left_out
    assert days == list(range(day("2013-09-21"), day("2015-06-27") + 1))
    assert expected == 3_411 - 40  # of the 42 carried over, 40 lay within a period


def test_36_students_are_in_both_presentations() -> None:
    presentations = Counter(student for _, student in final_results(shipped()))
    assert sorted(Counter(presentations.values()).items()) == [(1, 676), (2, 36)]


def test_every_enrolment_has_a_result() -> None:
    results = final_results(shipped())
    assert len(results) == 748
    assert Counter(results.values()) == {
        "Pass": 487,
        "Withdrawn": 126,
        "Fail": 91,
        "Distinction": 44,
    }


def test_the_attribution_lies_beside_the_data() -> None:
    text = (shipped() / "ATTRIBUTION.md").read_text()
    for part in ("Kuzilek", "Hlosta", "Zdrahal", "10.1038/sdata.2017.171", "licenses/by/4.0"):
        assert part in text
    for name in HEADERS:
        assert find(shipped(), name).name in text


def test_nothing_about_a_person_is_shipped_that_is_not_used() -> None:
    with (shipped() / "studentInfo.AAA.csv.xz").open("rb") as file:
        header = lzma.decompress(file.read()).splitlines()[0]
    assert header == b"code_module,code_presentation,id_student,final_result"
