"""Whatever is wrong with a file: no traceback, nothing lost, and a sentence that says where."""

import gzip
import lzma
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from connectors.oulad.results import final_results
from schemas.errors import SourceError
from schemas.topics import ACTIVITY, EXPECTATION, QUARANTINE, STUDENT
from schemas.types import Kind
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.oulad.folders import HEADERS, ROWS, oulad, write
from tests.connectors.world import PARTITIONS, published, run, values

GOOD = {name: list(rows) for name, rows in ROWS.items()}

BAD_ROWS = [
    ("studentVle", "AAA,2013J,11,546652,0", "has 5 fields instead of 6"),
    ("studentVle", "AAA,2013J,11,546652,0,1,1", "has 7 fields instead of 6"),
    ("studentVle", "AAA,2013J,11,546652,0,many", "sum_click is 'many'"),
    ("studentVle", "AAA,2013J,11,546652,0,-1", "sum_click is '-1'"),
    ("studentVle", "AAA,2013J,11,546652,0,1.5", "sum_click is '1.5'"),
    ("studentVle", "AAA,2013J,11,546652,0,99999999999999999999", "sum_click is '9999"),
    ("studentVle", "AAA,2013J,11,546652,5000,1", "date is '5000'"),
    ("studentVle", "AAA,2013J,11,546652,,1", "date is ''"),
    ("studentVle", "AAA,2013J,,546652,0,1", "id_student is ''"),
    ("studentVle", "AAA,2013J,eleven,546652,0,1", "id_student is 'eleven'"),
    ("studentVle", "AAA,2013J,-11,546652,0,1", "id_student is '-11'"),
    ("studentVle", "AAA,2013J,11,page,0,1", "id_site is 'page'"),
    ("studentVle", "AAA,2016J,11,546652,0,1", "'AAA, 2016J', which is not in courses"),
    ("studentVle", 'AAA,2013J,11,"546652,0,1', "is no CSV"),
    ("studentAssessment", "9999,11,3,False,78", "'9999', which is not in assessments"),
    ("studentAssessment", "1752,11,3,perhaps,78", "is_banked is 'perhaps', neither 0 nor 1"),
    ("studentAssessment", "1752,11,,False,78", "date_submitted is ''"),
    ("studentAssessment", "1752,,3,False,78", "id_student is ''"),
    ("studentRegistration", "AAA,2016J,13,-30,", "which is not in courses"),
    ("studentRegistration", "AAA,2013J,13,soon,", "date_registration is 'soon'"),
    ("studentRegistration", "AAA,2013J,13,-30,9999", "date_unregistration is '9999'"),
    ("studentRegistration", "AAA,2013J,11,-30,", "overlaps the student's period in AAA-2013J"),
    ("assessments", "AAA,2016J,1800,TMA,4,10", "which is not in courses"),
    ("assessments", "AAA,2013J,1800,TMA,later,10", "date is 'later'"),
    ("assessments", "AAA,2013J,,TMA,4,10", "id_assessment is empty"),
    ("assessments", "AAA,2014J,1752,TMA,4,10", "id_assessment 1752 is there twice"),
    ("courses", "BBB,2013X,200", "not a module and a year with B"),
    ("courses", "BBB,2013J,long", "module_presentation_length is 'long'"),
    ("courses", "BBB,2013J,0", "module_presentation_length is '0'"),
    ("courses", "AAA,2013J,20", "AAA-2013J is there twice"),
]


def everything(publisher: MemoryPublisher) -> Sequence[object]:
    topics = (STUDENT, EXPECTATION, ACTIVITY[Kind.MOODLE_COURSE], ACTIVITY[Kind.FASER_UPLOAD])
    return [values(publisher, topic) for topic in topics]


@pytest.mark.parametrize(("file", "row", "said"), BAD_ROWS)
def test_a_bad_row_goes_to_quarantine_and_its_neighbours_are_published(
    tmp_path: Path, file: str, row: str, said: str
) -> None:
    expected = everything(published(oulad(write(tmp_path))))
    publisher = MemoryPublisher(PARTITIONS)
    first, *rest = GOOD[file]
    report = run(oulad(write(tmp_path, **{file: [first, row, *rest]})), publisher)
    assert everything(publisher) == expected
    (record,) = values(publisher, QUARANTINE)
    assert said in str(record["message"])
    assert "correct the row at the source" in str(record["message"])
    place = {"origin": f"{file}.csv:3", "offset": 3, "partition": -1, "topic": ""}
    assert {**place, "raw": row.encode(), "reason": "malformed_row"}.items() <= record.items()
    assert report.is_reconciled


def test_every_bad_row_among_many_is_named_by_its_own_line(tmp_path: Path) -> None:
    rows = [f"AAA,2013J,{'x' if n % 1000 == 7 else 11},1,0,1" for n in range(60_000)]
    rows[100] = ""  # a blank line is no row, but a line
    publisher = published(oulad(write(tmp_path, studentVle=rows)))
    lines = [record["offset"] for record in values(publisher, QUARANTINE)]
    assert lines == [n + 2 for n in range(7, 60_000, 1000)]
    assert len(values(publisher, ACTIVITY[Kind.MOODLE_COURSE])) == 60_000 - 60 - 1


def test_a_row_that_is_not_utf8_spoils_no_other(tmp_path: Path) -> None:
    file = write(tmp_path) / "studentVle.csv"
    file.write_bytes(file.read_bytes() + b"AAA,2013J,1\xe91,546652,0,1\nAAA,2013J,11,546652,0,5\n")
    publisher = published(oulad(tmp_path))
    (record,) = values(publisher, QUARANTINE)
    assert record["origin"] == "studentVle.csv:4"
    assert "is not UTF-8 (byte 12 of the line)" in str(record["message"])
    assert len(values(publisher, ACTIVITY[Kind.MOODLE_COURSE])) == 10


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".xz", lzma.compress)])
def test_of_a_file_cut_short_the_rows_before_are_published(
    tmp_path: Path, suffix: str, pack: Callable[[bytes], bytes]
) -> None:
    rows = [f"AAA,2013J,{n % 7919},{n % 977},{n % 10},{n % 5}" for n in range(200_000)]
    plain = write(tmp_path, studentVle=rows) / "studentVle.csv"
    packed = pack(plain.read_bytes())
    plain.unlink()
    (tmp_path / f"studentVle.csv{suffix}").write_bytes(packed[: len(packed) // 2])
    publisher = MemoryPublisher(PARTITIONS)
    report = run(oulad(tmp_path), publisher)
    (record,) = values(publisher, QUARANTINE)
    assert "the file breaks off after line" in str(record["message"])
    assert "get the file anew" in str(record["message"])
    line = int(str(record["offset"]))
    assert line > 1000
    assert report.published[Kind.MOODLE_COURSE] == sum(n % 5 for n in range(line - 2))
    assert report.is_reconciled


def test_rubbish_behind_a_packed_file_does_not_hide_its_rows(tmp_path: Path) -> None:
    plain = write(tmp_path) / "studentVle.csv"
    (tmp_path / "studentVle.csv.gz").write_bytes(gzip.compress(plain.read_bytes()) + b"rubbish")
    plain.unlink()
    publisher = published(oulad(tmp_path))
    assert len(values(publisher, ACTIVITY[Kind.MOODLE_COURSE])) == 5
    (record,) = values(publisher, QUARANTINE)
    assert record["origin"] == "studentVle.csv.gz:4"


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    (write(tmp_path) / f"{name}.csv").unlink()
    with pytest.raises(SourceError, match=f"holds no {name}"):
        published(oulad(tmp_path))


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_a_missing_column_is_named_with_its_file(tmp_path: Path, name: str) -> None:
    file = write(tmp_path) / f"{name}.csv"
    column = HEADERS[name].split(",")[1]
    file.write_text(file.read_text().replace(column, "else"))
    with pytest.raises(SourceError, match=f"{name}.csv: the column {column} is not among"):
        published(oulad(tmp_path))


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfea\x00b\x00", b"\x00" * 9, b'"a\n'])
def test_a_file_without_a_header_is_named(tmp_path: Path, content: bytes) -> None:
    (write(tmp_path) / "studentVle.csv").write_bytes(content)
    with pytest.raises(SourceError, match=r"studentVle\.csv"):
        published(oulad(tmp_path))


@pytest.mark.parametrize("suffix", [".gz", ".xz"])
def test_a_file_that_is_not_what_its_suffix_says_is_named(tmp_path: Path, suffix: str) -> None:
    (write(tmp_path) / "studentVle.csv").rename(tmp_path / f"studentVle.csv{suffix}")
    with pytest.raises(SourceError, match=f"studentVle.csv{suffix} cannot be read"):
        published(oulad(tmp_path))


def test_a_file_that_lies_there_twice_is_refused(tmp_path: Path) -> None:
    plain = write(tmp_path) / "studentVle.csv"
    (tmp_path / "studentVle.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    with pytest.raises(SourceError, match=r"studentVle\.csv and studentVle\.csv\.gz"):
        published(oulad(tmp_path))


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere cannot be read"):
        published(oulad(tmp_path / "nowhere"))


def test_a_very_long_row_is_kept_in_part(tmp_path: Path) -> None:
    publisher = published(oulad(write(tmp_path, studentVle=["9" * 2_000_000])))
    (record,) = values(publisher, QUARANTINE)
    assert record["raw"] == b"9" * 65_536
    assert "the first 65536 of 2000000 bytes are kept" in str(record["message"])


def test_a_bad_row_of_the_results_ends_the_report(tmp_path: Path) -> None:
    header = "code_module,code_presentation,id_student,gender,final_result\n"
    (tmp_path / "studentInfo.csv").write_text(header + "AAA,2013J,eleven,F,Pass\n")
    with pytest.raises(SourceError, match=r"studentInfo\.csv:2: id_student is 'eleven'"):
        final_results(tmp_path)
