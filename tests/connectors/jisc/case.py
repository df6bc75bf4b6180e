"""Attendance as Jisc has it, for the contract suite; its other feeds are tables of that kind."""

from typing import Final

from connectors.jisc.tables import ATTENDED
from schemas.reasons import Reason
from schemas.types import Kind
from tests.connectors.case import Sample
from tests.connectors.coursework.case import activities, case_of

CASE: Final = case_of(
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
