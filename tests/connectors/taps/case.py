"""Card readers, for the contract suite."""

from pathlib import Path
from typing import Final

from connectors.delimited.reader import DelimitedReader
from connectors.rows import Columns
from connectors.schemes import Scheme
from connectors.table import FileSource
from connectors.taps.mapping import NEEDED, TapMapping
from connectors.taps.rooms import Rooms
from connectors.taps.timetable import Session, Timetable
from connectors.zones import Zone
from schemas.reasons import Reason
from schemas.types import Kind
from tests.connectors.case import Case, Sample, lines_under

ZONE: Final = Zone("Europe/London")
ROOMS: Final = Rooms({"R1": "Lecture Hall", "R2": "Lab"})
NINE: Final = 1_571_040_000_000  # 2019-10-14 09:00 by the clocks of London
TIMETABLE: Final = Timetable([Session("HI101/1", "Lecture Hall", NINE)])
SAMPLES: Final = (
    Sample(b"0A1B,R1,2019-10-14T08:50:00", Kind.TAP_IN),
    Sample(b"0a-1b,R1,2019-10-14 09:40:00", Kind.TAP_IN),
    Sample(b"0C2D,R2,2019-10-15T09:00:00Z", Kind.TAP_IN),
    Sample(b'"0C2D","R2","16/10/2019, 9:05:00 PM"', Kind.TAP_IN),
    Sample(b"0C2D,R2,2019-10-27T01:30:00", Kind.TAP_IN),  # occurs twice
    Sample(b"0C2D,R2,2019-03-31T01:30:00", Reason.NONEXISTENT_TIME),
    Sample(b"0C2D,R2,2019-13-12T09:00:00", Reason.IMPOSSIBLE_DATE),
    Sample(b"0C2D,R2,2019-10-15T24:00:00", Reason.IMPOSSIBLE_TIME),
    Sample(b"0C2D,R2,9/10/2019 09:00", Reason.AMBIGUOUS_DATE),
    Sample(b"0C2D,R2,yesterday", Reason.UNREADABLE_TIME),
    Sample(b"0C2D,R2,2099-10-15T09:00:00", Reason.FUTURE),
    Sample(b"0C2D,R9,2019-10-15T09:00:00", Reason.UNKNOWN_READER),
    Sample(b",R2,2019-10-15T09:00:00", Reason.MISSING_VALUE),
    Sample(b"0C2D,<b>R2</b>,2019-10-15T09:00:00", Reason.MARKUP),
    Sample(b"0C2D,R2", Reason.MALFORMED_ROW),
    Sample(b'0C2D,"R2,2019-10-15T09:00:00', Reason.BROKEN_QUOTES),
    Sample(b"0C2D,R2\xff,2019-10-15T09:00:00", Reason.WRONG_ENCODING),
    Sample(b"card,reader,time", "repeated_header"),
)


def build(folder: Path) -> FileSource:
    mapping = TapMapping("taps", ZONE, Columns(NEEDED), rooms=ROOMS, timetable=TIMETABLE)
    return FileSource("taps", [folder / "taps.csv"], DelimitedReader(window_bytes=64), mapping)


CASE: Final = Case(
    "taps",
    SAMPLES,
    [(Scheme.CARD, "0A1B"), (Scheme.CARD, "0C2D")],
    lines_under(b"card,reader,time", "taps.csv"),
    build,
)
