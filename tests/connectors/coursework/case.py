"""A coursework system's three tables, for the contract suite."""

from pathlib import Path
from typing import Final

from connectors.coursework.mapping import DUE, UPLOADS, VIEWS, DueMapping
from connectors.delimited.reader import DelimitedReader
from connectors.one_kind import OneKind, Table
from connectors.rows import Columns
from connectors.schemes import Scheme
from connectors.table import FileSource, TableMapping
from connectors.zones import Zone
from schemas.reasons import Reason
from schemas.types import Kind
from tests.connectors.case import EXPECTED, Case, Sample, lines_under

STUDENTS: Final = [(Scheme.STUDENT, "S1"), (Scheme.STUDENT, "S2")]
ZONE: Final = Zone("Europe/London")


def activities(table: Table, feed: str = "faser") -> TableMapping:
    columns = Columns(table.needed, table.optional, table.names)
    return OneKind(table, feed, ZONE, columns, Scheme.STUDENT)


def case_of(name: str, header: bytes, samples: tuple[Sample, ...], mapping: TableMapping) -> Case:
    def build(folder: Path) -> FileSource:
        return FileSource(name, [folder / "table.csv"], DelimitedReader(window_bytes=256), mapping)

    return Case(name, samples, STUDENTS, lines_under(header, "table.csv"), build)


UPLOADED: Final = case_of(
    "faser.uploads",
    b"student;assignment;module;attempt;time",
    (
        Sample(b"S1;essay;HI101;1;2019-10-14T09:00:00", Kind.FASER_UPLOAD),
        Sample(b"s1;essay;HI101;2;2019-10-14T09:05:00", Kind.FASER_UPLOAD),
        Sample(b"S2;essay;;;14 Oct 2019 09:00", Kind.FASER_UPLOAD),
        Sample(b"S2;<i>essay</i>;HI101;1;2019-10-14T09:00:00", Reason.MARKUP),
        Sample(b"S2;essay;HI101;-1;2019-10-14T09:00:00", Reason.NEGATIVE_AMOUNT),
        Sample(b"S2;essay;HI101;one;2019-10-14T09:00:00", Reason.NOT_A_NUMBER),
        Sample(b"S2;;HI101;1;2019-10-14T09:00:00", Reason.MISSING_VALUE),
    ),
    activities(UPLOADS),
)
VIEWED: Final = case_of(
    "faser.views",
    b"time\tassignment\tstudent\tpage",
    (
        Sample(b"2019-10-14T09:00:00\tessay\tS1\tbrief", Kind.FASER_VIEW),
        Sample(b"2019-10-14T09:01:00\tessay\tS1\tFeedback", Kind.FASER_VIEW),
        Sample(b"2019-10-14T09:01:00\tposter\tS1\t", Kind.FASER_VIEW),
        Sample(b"2019-10-14T09:00:00\tessay\tS2\tcover", Reason.UNKNOWN_VALUE),
        Sample(b"2019-10-14T09:00:00\tessay\t\tbrief", Reason.MISSING_VALUE),
    ),
    activities(VIEWS),
)
EXPECTATIONS: Final = case_of(
    "faser.due",
    b"student,assignment,module,due,extension",
    (
        Sample(b"S1,essay,HI101,2019-10-14,", EXPECTED),
        Sample(b"S2,essay,HI101,2019-10-14T16:00:00,2019-10-21", EXPECTED),
        Sample(b"S2,poster,<b>HI101</b>,2019-10-14,", EXPECTED),
        Sample(b"S2,essay,HI101,2019-10-14,2019-10-13", Reason.IMPOSSIBLE_DATE),
        Sample(b"S2,essay,HI101,2019-10-14,soon", Reason.UNREADABLE_TIME),
        Sample(b"S2,essay,HI101,2019-02-29,", Reason.IMPOSSIBLE_DATE),
        Sample(b"S2,essay,HI101,,2019-10-14", Reason.MISSING_VALUE),
    ),
    DueMapping("faser", ZONE, Columns(*DUE), Scheme.STUDENT),
)
