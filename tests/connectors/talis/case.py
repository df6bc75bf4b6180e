"""Raw events of Talis Aspire, for the contract suite."""

from pathlib import Path
from typing import Final

from connectors.delimited.reader import DelimitedReader
from connectors.rows import Columns
from connectors.schemes import Scheme
from connectors.table import FileSource
from connectors.talis.mapping import NEEDED, OPTIONAL, TalisEvents
from schemas.reasons import Reason
from schemas.types import Kind
from tests.connectors.case import Case, Sample, lines_under

MAPPING: Final = TalisEvents(
    "talis",
    Columns(NEEDED, OPTIONAL),
    Scheme.EMAIL,
    {"g1": "sam@campus.ac.uk", "g2": "kim@campus.ac.uk"},
)
_TIME: Final = "2018-05-23 00:52:43.0"


def event(name: str, who: str, one: str, two: str, three: str = "", at: str = _TIME) -> bytes:
    return ",".join(("uuid", name, at, who, one, two, three)).encode()


def build(folder: Path) -> FileSource:
    reader = DelimitedReader(window_bytes=256)
    return FileSource("talis.events", [folder / "events.csv"], reader, MAPPING)


CASE: Final = Case(
    "talis.events",
    (
        Sample(event("list.view", "g1", "uni", "L1"), Kind.READING_LIST),
        Sample(event("list.item.view", "g1", "uni", "L1", "I1"), Kind.READING_LIST),
        Sample(event("list.entry_point", "g2", "uni:L1", "item:I1", "view:lti"), Kind.READING_LIST),
        Sample(
            event("list.entry_point", "g2", "uni:L1", "list:L1", "view:direct"), Kind.READING_LIST
        ),
        Sample(event("list.entry_point", "g2", "uni:L1", "list:L1", "edit:lti"), "not_as_a_reader"),
        Sample(event("list.publish", "g2", "uni", "L1"), "other_event"),
        Sample(event("list.view", "anon", "uni", "L1"), "anonymous"),
        Sample(event("list.view", "", "uni", "L1"), "anonymous"),
        Sample(event("list.view", "g3", "uni", "L1"), Reason.UNKNOWN_VALUE),
        Sample(event("list.view", "g1", "uni", ""), Reason.MISSING_VALUE),
        Sample(event("list.view", "g1", "uni", "L1", at="soon"), Reason.UNREADABLE_TIME),
        Sample(event("list.view", "g1", "uni", "L1", at="2018-02-30"), Reason.IMPOSSIBLE_DATE),
    ),
    [(Scheme.EMAIL, "sam@campus.ac.uk"), (Scheme.EMAIL, "kim@campus.ac.uk")],
    lines_under(
        b"uuid,event_class,event_timestamp,performed_by,property_1,property_2,property_3",
        "events.csv",
    ),
    build,
)
