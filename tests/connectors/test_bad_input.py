"""Every bad input that is known of: its reason, its sentence, and that the rest is published."""

import gzip
import re
from pathlib import Path

import pytest

from connectors.coursework.mapping import UPLOADS
from connectors.delimited.reader import DelimitedReader
from connectors.table import FileSource
from connectors.values import CELL_BYTES_LIMIT
from schemas.reasons import Reason
from tests.connectors.connected import connected, people, quarantined
from tests.connectors.coursework.case import STUDENTS, activities
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.world import PARTITIONS, events, typed

HEADER = b"student,assignment,module,attempt,time\n"
BEFORE = b"S1,essay,HI101,1,2019-10-14T09:00:00\n"
AFTER = b"S2,essay,HI101,1,2019-10-14T09:00:00\n"
PACKED = gzip.compress(HEADER + BEFORE + AFTER, 0)  # whatever is cut off, the rest is there


def row(**changed: bytes) -> bytes:
    cells = {
        "student": b"S1",
        "assignment": b"poster",
        "module": b"HI101",
        "attempt": b"1",
        "time": b"2019-10-14T10:00:00",
        **changed,
    }
    return b",".join(cells.values()) + b"\n"


def uploaded(folder: Path, content: bytes) -> tuple[MemoryPublisher, list[dict[str, object]]]:
    (folder / "uploads.csv").write_bytes(content)
    source = FileSource(
        "faser.uploads", [folder / "uploads.csv"], DelimitedReader(), activities(UPLOADS)
    )
    publisher = MemoryPublisher(PARTITIONS)
    account = connected(source, publisher, people(STUDENTS))
    assert account.is_reconciled
    return publisher, [dict(one) for one in quarantined(publisher)]


@pytest.mark.parametrize(
    ("bad", "reason", "said"),
    [
        (row(module="Été".encode("cp1252")), Reason.WRONG_ENCODING, "not text of the file's enc"),
        (b"S1,essay\n", Reason.MALFORMED_ROW, "2 fields instead of 5"),
        (row(module=b'"HI101'), Reason.BROKEN_QUOTES, "does not end where a field may end"),
        (row(time=b"2017-13-12T10:00:00"), Reason.IMPOSSIBLE_DATE, "there is no such day"),
        (row(time=b"2019-02-29"), Reason.IMPOSSIBLE_DATE, "there is no such day"),
        (row(time=b"9/11/19 10:00"), Reason.AMBIGUOUS_DATE, "declare date_order"),
        (row(time=b"2019-10-14T25:00:00"), Reason.IMPOSSIBLE_TIME, "no such time"),
        (row(time=b"2019-03-31T01:30:00"), Reason.NONEXISTENT_TIME, "clocks .* went forward"),
        (row(time=b"last Tuesday"), Reason.UNREADABLE_TIME, "no date and time of a form"),
        (row(time=b""), Reason.MISSING_VALUE, "time is empty"),
        (row(attempt=b"-1"), Reason.NEGATIVE_AMOUNT, "less than nothing"),
        (row(attempt=b"two"), Reason.NOT_A_NUMBER, "not a whole number"),
        (row(student=b"<b>S1</b>"), Reason.MARKUP, "holds HTML: export it as plain text"),
        (row(module=b"x" * (CELL_BYTES_LIMIT + 1)), Reason.TOO_LARGE, "module has 4097 bytes"),
        (row(module=b"x" * 10_000_000), Reason.TOO_LARGE, "more than the 1048576"),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "",
)
def test_a_bad_row_has_its_reason_and_its_sentence_and_the_rest_is_published(
    bad: bytes, reason: Reason, said: str, tmp_path: Path
) -> None:
    publisher, refused = uploaded(tmp_path, HEADER + BEFORE + bad + AFTER)
    assert [(one["reason"], one["origin"]) for one in refused] == [(reason.value, "uploads.csv:3")]
    assert re.search(said, typed(refused[0]["message"], str))
    assert len(events(publisher)) == 2


@pytest.mark.parametrize(
    ("content", "reason", "said", "published"),
    [
        (HEADER.replace(b"time", b"when") + BEFORE, Reason.MISSING_COLUMN, "no column time", 0),
        (
            b"student,student,assignment,module,attempt,time\nS1," + BEFORE,
            Reason.REPEATED_COLUMN,
            "the column student 2 times",
            0,
        ),
        (PACKED[:-20], Reason.BROKEN_OFF, "breaks off after line", 1),
        (PACKED[:30], Reason.BROKEN_OFF, "get it anew", 0),
    ],
    ids=["missing column", "repeated column", "cut short", "cut within the header"],
)
def test_a_bad_file_is_said_once_and_what_can_be_read_of_it_is_published(
    content: bytes, reason: Reason, said: str, published: int, tmp_path: Path
) -> None:
    publisher, refused = uploaded(tmp_path, content)
    assert refused[-1]["reason"] == reason.value
    assert re.search(said, typed(refused[-1]["message"], str))
    assert len(events(publisher)) == published


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + HEADER + BEFORE + AFTER,
        (HEADER + BEFORE + AFTER).decode().encode("utf-16"),
        HEADER + BEFORE.replace(b"\n", b"\r\n") + AFTER.replace(b"\n", b"\r"),
        HEADER + BEFORE + row(module=b'"HI\n""101"""').replace(b"S1", b"S2"),
        HEADER + BEFORE + row(module=b"<b>HI101</b>", time=b"2019-10-27T01:30:00"),
        HEADER + BEFORE + HEADER + AFTER,
    ],
    ids=["mark", "utf-16", "line ends", "quoted newline", "HTML, and twice", "header again"],
)
def test_what_only_looks_bad_is_published(content: bytes, tmp_path: Path) -> None:
    publisher, refused = uploaded(tmp_path, content)
    assert refused == []
    assert len(events(publisher)) == 2
