"""Loans, recordings and reading lists, for the contract suite."""

from typing import Final

from connectors.exports.tables import LOANS, PANOPTO, READING_LISTS, RECORDINGS
from schemas.reasons import Reason
from schemas.types import Kind
from tests.connectors.case import Sample
from tests.connectors.coursework.case import activities, case_of

LIBRARY: Final = case_of(
    "exports.loans",
    b"student,item,library,renewal,time",
    (
        Sample(b"S1,31999001,Main,no,2019-10-14T09:00:00", Kind.LIBRARY_LOAN),
        Sample(b"S1,31999001,Main,Yes,2019-10-28T09:00:00", Kind.LIBRARY_LOAN),
        Sample(b"S2,31999002,,,14 Oct 2019 09:00", Kind.LIBRARY_LOAN),
        Sample(b"S2,31999002,Main,perhaps,2019-10-14T09:00:00", Reason.UNKNOWN_VALUE),
        Sample(b"S2,,Main,no,2019-10-14T09:00:00", Reason.MISSING_VALUE),
        Sample(b"S2,31999002,Main,no,2017-13-12", Reason.IMPOSSIBLE_DATE),
    ),
    activities(LOANS, "library"),
)
WATCHED: Final = case_of(
    "exports.recordings",
    b"time;student;recording;module;watched_seconds",
    (
        Sample(b"2019-10-14T09:00:00;S1;lecture-1;HI101;3000", Kind.LISTEN_AGAIN),
        Sample(b"2019-10-14T10:00:00;S1;lecture-1;HI101;20", Kind.LISTEN_AGAIN),
        Sample(b"2019-10-14T09:00:00;S2;lecture-2;;", Kind.LISTEN_AGAIN),
        Sample(b"2019-10-14T09:00:00;S2;lecture-1;HI101;-5", Reason.NEGATIVE_AMOUNT),
        Sample(b"2019-10-14T09:00:00;S2;lecture-1;HI101;long", Reason.NOT_A_NUMBER),
        Sample(b"2019-10-14T09:00:00;<b>S2</b>;lecture-1;HI101;5", Reason.MARKUP),
    ),
    activities(RECORDINGS, "recordings"),
)
PANOPTO_REPORT: Final = case_of(
    "exports.panopto",
    b"Timestamp,User ID,Username,Session ID,Folder Name,Minutes Delivered,Viewing Type",
    (
        Sample(b"11/15/2018 1:44:52 AM,u1,S1,r1,HI101,0.030178967,Embedded", Kind.LISTEN_AGAIN),
        Sample(b"11/15/2018 1:44:52 PM,u1,S1,r1,HI101,,Embedded", Kind.LISTEN_AGAIN),
        Sample(b"11/16/2018 1:44:52 AM,u2,S2,r1,<i>HI101</i>,50,Embedded", Kind.LISTEN_AGAIN),
        Sample(b"11/9/2018 1:44:52 AM,u1,S1,r1,HI101,0.5,Embedded", Reason.AMBIGUOUS_DATE),
        Sample(b"11/15/2018 1:44:52 AM,u1,S1,r1,HI101,nan,Embedded", Reason.NOT_A_NUMBER),
        Sample(b"11/15/2018 1:44:52 AM,u1,S1,r1,HI101,1e9,Embedded", Reason.NOT_A_NUMBER),
        Sample(b"11/15/2018 1:44:52 AM,u1,S1,r1,HI101,-0.5,Embedded", Reason.NEGATIVE_AMOUNT),
    ),
    activities(PANOPTO, "panopto"),
)
LISTS: Final = case_of(
    "exports.reading_lists",
    b"student\ttime\tlist\titem",
    (
        Sample(b"S1\t2019-10-14T09:00:00\thi101-week-1\t", Kind.READING_LIST),
        Sample(b"S1\t2019-10-14T09:01:00\thi101-week-1\tbook-7", Kind.READING_LIST),
        Sample(b"S2\t2019-10-14T09:00:00\thi101-week-2\t<i>book</i>", Kind.READING_LIST),
        Sample(b"S2\tsoon\thi101-week-1\t", Reason.UNREADABLE_TIME),
        Sample(b"\t2019-10-14T09:00:00\thi101-week-1\t", Reason.MISSING_VALUE),
    ),
    activities(READING_LISTS, "reading_lists"),
)
