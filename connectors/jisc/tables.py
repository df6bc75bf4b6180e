"""Feeds as the recipes of Jisc's learning analytics have them: docs/connectors/jisc.md."""

from typing import Final

from connectors.exports.tables import watched_minutes
from connectors.one_kind import Table
from connectors.one_kind_source import source_type
from connectors.schemes import Scheme
from connectors.sieve import Sieve
from connectors.values import given, one_of
from schemas.types import Kind

_YES: Final = ("1", "yes", "true")
_NO: Final = ("0", "no", "false")


def _was_there(sieve: Sieve) -> None:
    given(sieve, "attended")
    sieve.skip(one_of(sieve, "attended", (*_YES, *_NO)).is_in(_NO), "absent")


ATTENDED: Final = Table(
    system="jisc.attendance",
    kind=Kind.TAP_IN,
    item="session",
    rules={"attended": _was_there},
    names={
        "student": "STUDENT_ID",
        "session": "EVENT_ID",
        "time": "START_TIME",
        "attended": "EVENT_ATTENDED",
    },
)
BORROWED: Final = Table(
    system="jisc.library",
    kind=Kind.LIBRARY_LOAN,
    item="item",
    texts=("library",),
    names={
        "student": "USERNAME",
        "item": "ITEM_ID",
        "time": "TIMESTAMP",
        "library": "BORROWING_SITE",
    },
    scheme=Scheme.USERNAME,
)
LISTS: Final = Table(
    system="jisc.readinglist",
    kind=Kind.READING_LIST,
    item="list",
    texts=("item",),
    names={
        "student": "USERNAME",
        "list": "OBJECT_ID",
        "time": "TIMESTAMP",
        "item": "ITEM_URL",
    },
    scheme=Scheme.USERNAME,
)
WATCHED: Final = Table(
    system="jisc.video",
    kind=Kind.LISTEN_AGAIN,
    item="recording",
    texts=("module",),
    others={"minutes_watched": watched_minutes},
    told_as={"minutes_watched": "watched_seconds"},
    names={
        "student": "USERNAME",
        "recording": "SESSION_ID",
        "time": "TIMESTAMP",
        "module": "VLE_MOD_ID",
        "minutes_watched": "MINUTES_WATCHED",
    },
    scheme=Scheme.USERNAME,
)
VIEWED: Final = Table(
    system="jisc.vle",
    kind=Kind.MOODLE_COURSE,
    item="object",
    texts=("module", "component"),
    names={
        "student": "STUDENT_ID",
        "object": "OBJECT_ID",
        "time": "TIMESTAMP",
        "module": "VLE_MOD_ID",
        "component": "ITEM_SUBTYPE",
    },
)

ATTENDANCE: Final = source_type("jisc.attendance", "teaching attended", ATTENDED)
LOANS: Final = source_type("jisc.loans", "library loans", BORROWED)
READING_LISTS: Final = source_type("jisc.reading_lists", "reading lists opened", LISTS)
VIDEOS: Final = source_type("jisc.videos", "recordings watched", WATCHED)
VIEWS: Final = source_type("jisc.views", "pages of the VLE", VIEWED)
