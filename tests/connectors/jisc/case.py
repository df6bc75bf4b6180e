"""Jisc's feeds, for the contract suite."""

from typing import Final

from connectors.jisc.tables import ATTENDED, BORROWED, LISTS, VIEWED, WATCHED
from schemas.reasons import Reason
from schemas.types import Kind
from tests.connectors.case import Sample
from tests.connectors.coursework.case import activities, case_of

ATTENDANCE: Final = case_of(
    "jisc.attendance",
    b"STUDENT_ID\tEVENT_ID\tEVENT_NAME\tSTART_TIME\tEVENT_ATTENDED",
    (
        Sample(b"S1\tEVT1\tText mining\t2017-10-12T14:00:00\t1", Kind.TAP_IN),
        Sample(b"S1\tEVT2\t<b>Brands</b>\t2017-10-13T14:00:00\tYes", Kind.TAP_IN),
        Sample(b"S2\tEVT1\tText mining\t2017-10-12T14:00:00\t0", "absent"),
        Sample(b"S2\tEVT1\tText mining\t2017-10-12T14:00:00\t", Reason.MISSING_VALUE),
        Sample(b"S2\tEVT1\tText mining\t2017-10-12T14:00:00\tlate", Reason.UNKNOWN_VALUE),
        Sample(b"S2\tEVT1\tText mining\t2017-13-12T14:00:00\t1", Reason.IMPOSSIBLE_DATE),
    ),
    activities(ATTENDED, "attendance"),
)
LOANS: Final = case_of(
    "jisc.loans",
    b"USERNAME\tITEM_ID\tITEM_NAME\tBORROWING_SITE\tTIMESTAMP",
    (
        Sample(b"S1\t679\tI'm a Book\tLibrary\t2020-09-19", Kind.LIBRARY_LOAN),
        Sample(b"S1\t679\tI'm a Book\tLibrary\t2020-10-19", Kind.LIBRARY_LOAN),
        Sample(b"S2\t680\t\t<i>Library</i>\t2020-09-19", Kind.LIBRARY_LOAN),
        Sample(b"S2\t680\t\tLibrary\t2020-19-09", Reason.IMPOSSIBLE_DATE),
        Sample(b"S2\t<b>680</b>\t\tLibrary\t2020-09-19", Reason.MARKUP),
        Sample(b"\t680\t\tLibrary\t2020-09-19", Reason.MISSING_VALUE),
    ),
    activities(BORROWED, "loans"),
)
READING_LISTS: Final = case_of(
    "jisc.reading_lists",
    b"SESSION_ID\tUSERNAME\tOBJECT_ID\tITEM_URL\tTIMESTAMP",
    (
        Sample(b"f6c\tS1\tlists/1\titems/2\t2019-02-22 16:53", Kind.READING_LIST),
        Sample(b"f6c\tS1\tlists/2\t\t2019-02-22 16:53", Kind.READING_LIST),
        Sample(b"f6d\tS2\tlists/1\t\t2019-02-22 16:54", Kind.READING_LIST),
        Sample(b"f6d\tS2\t\t\t2019-02-22 16:54", Reason.MISSING_VALUE),
        Sample(b"f6d\tS2\tlists/1\t\tsoon", Reason.UNREADABLE_TIME),
        Sample(b"f6d\tS2\tlists/1\t\t2019-02-29 16:54", Reason.IMPOSSIBLE_DATE),
    ),
    activities(LISTS, "lists"),
)
VIDEOS: Final = case_of(
    "jisc.videos",
    b"TIMESTAMP\tUSERNAME\tSESSION_ID\tVLE_MOD_ID\tMINUTES_WATCHED",
    (
        Sample(b"11/15/2018 1:44:52 AM\tS1\t0ecc\tHI101\t1.5", Kind.LISTEN_AGAIN),
        Sample(b"11/15/2018 1:44:52 PM\tS1\t0ecc\t\t", Kind.LISTEN_AGAIN),
        Sample(b"11/15/2018 1:44:52 AM\tS2\t0ecd\t<b>HI101</b>\t50", Kind.LISTEN_AGAIN),
        Sample(b"11/9/2018 1:44:52 AM\tS2\t0ecd\tHI101\t1", Reason.AMBIGUOUS_DATE),
        Sample(b"11/15/2018 1:44:52 AM\tS2\t0ecd\tHI101\t-1", Reason.NEGATIVE_AMOUNT),
        Sample(b"11/15/2018 1:44:52 AM\tS2\t0ecd\tHI101\tall", Reason.NOT_A_NUMBER),
    ),
    activities(WATCHED, "videos"),
)
VIEWS: Final = case_of(
    "jisc.views",
    b"STUDENT_ID\tPLATFORM\tTIMESTAMP\tOBJECT_ID\tITEM_SUBTYPE\tVLE_MOD_ID",
    (
        Sample(b"S1\tMoodle\t2017-08-01T00:00:05Z\tview.php?id=1\tquiz\tM1", Kind.MOODLE_COURSE),
        Sample(b"S1\tMoodle\t2017-08-01T00:00:05Z\tview.php?id=2\t\t", Kind.MOODLE_COURSE),
        Sample(b"S2\tMoodle\t2017-08-01T00:00:05Z\tview.php?id=1\t\tM1", Kind.MOODLE_COURSE),
        Sample(b"S2\tMoodle\t2017-08-32T00:00:05Z\tview.php?id=1\t\tM1", Reason.IMPOSSIBLE_DATE),
        Sample(b"S2\tMoodle\t\tview.php?id=1\t\tM1", Reason.MISSING_VALUE),
        Sample(b"<i>S2</i>\tMoodle\t2017-08-01T00:00:05Z\tview.php?id=1\t\tM1", Reason.MARKUP),
    ),
    activities(VIEWED, "views"),
)
CASES: Final = (ATTENDANCE, LOANS, READING_LISTS, VIDEOS, VIEWS)
