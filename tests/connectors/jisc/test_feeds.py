"""Each of Jisc's feeds is read under the names that Jisc's samples have in their first line."""

from pathlib import Path
from typing import Final

import pytest

from connectors.catalogue import TYPES
from connectors.options import Setting
from connectors.schemes import Scheme
from schemas.types import Kind
from schemas.wire import Record
from tests.connectors.connected import CAMPUS, connected, people
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.world import PARTITIONS, events

_PAGE: Final = "http://moodle.ac.uk/course/view.php?id=1"


def only_event(folder: Path, name: str, header: str, row: str, scheme: Scheme) -> Record:
    file = folder / "feed.tsv"
    file.write_text("\n".join(line.replace("|", "\t") for line in (header, row, "")))
    source = TYPES[name].source({"files": [str(file)]}, Setting(name, name, CAMPUS))
    publisher = MemoryPublisher(PARTITIONS)
    account = connected(source, publisher, people([(scheme, "s1")]))
    assert account.is_reconciled
    (event,) = events(publisher)
    return event


@pytest.mark.parametrize(
    ("name", "scheme", "header", "row", "told"),
    [
        (
            "jisc.attendance",
            Scheme.STUDENT,
            "STUDENT_ID|EVENT_ID|EVENT_NAME|START_TIME|END_TIME|EVENT_ATTENDED|STAFF_ID",
            "s1|EVT_1|Brands|2017-10-12T14:00:00|2017-10-12T16:00:00|1|x",
            {"kind": Kind.TAP_IN, "session": "EVT_1"},
        ),
        (
            "jisc.loans",
            Scheme.USERNAME,
            "USERNAME|ITEM_ID|ITEM_NAME|ITEM_SUBTYPE|BORROWING_SITE|TIMESTAMP",
            "s1|679|I'm a Book|BOOK|Library|2020-09-19",
            {"kind": Kind.LIBRARY_LOAN, "item": "679", "library": "Library"},
        ),
        (
            "jisc.reading_lists",
            Scheme.USERNAME,
            "SESSION_ID|USERNAME|EMAIL|OBJECT_ID|ITEM_URL|PLATFORM|TIMESTAMP|ACTIVITY_TYPE",
            "f6c|s1|s1@ac.uk|lists/1|items/2|talis|2019-02-22 16:53|list.item.view",
            {"kind": Kind.READING_LIST, "list": "lists/1", "item": "items/2"},
        ),
        (
            "jisc.videos",
            Scheme.USERNAME,
            "TIMESTAMP|USER_ID|USERNAME|SESSION_ID|OBJECT_ID|MINUTES_WATCHED|VIEWING_TYPE",
            "11/15/2018 1:44:52 AM|u|s1|0ecc|749b|1.5|Embedded Viewer",
            {"kind": Kind.LISTEN_AGAIN, "recording": "0ecc", "watched_seconds": 90},
        ),
        (
            "jisc.views",
            Scheme.STUDENT,
            "STUDENT_ID|PLATFORM|TIMESTAMP|OBJECT_ID|TYPE|ITEM_SUBTYPE|VLE_MOD_ID|",
            f"s1|Moodle|2017-08-01T00:00:05Z|{_PAGE}|x|quiz|MOD_1|",
            {"kind": Kind.MOODLE_COURSE, "object": _PAGE, "module": "MOD_1", "component": "quiz"},
        ),
    ],
)
def test_a_row_is_read_under_jiscs_own_names(
    tmp_path: Path, name: str, scheme: Scheme, header: str, row: str, told: dict[str, object]
) -> None:
    event = only_event(tmp_path, name, header, row, scheme)
    assert {field: event[field] for field in told} == told
