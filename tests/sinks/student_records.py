"""One student's records, from which a closing follows that can be worked out by hand.

Five days count, of which the student was there on two: 2 x 7 / 5 = 2.8 a week, of the 5 that earn
all 3 points: 1.68 of 3, which is 56 of 100.
"""

from typing import Final

from schemas.topics import (
    ACTIVITY,
    CALENDAR,
    FEED_GAP,
    FEED_MARK,
    GENERATION,
    POLICY,
    STUDENT,
    Topic,
)
from schemas.types import Kind, StudentId
from schemas.wire import Record
from tests.sinks.rows import day, instant

STUDENT_ID = StudentId(77)
DAY = 16_200
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

DOCUMENT = f"""
version: 1
valid_from: {day(DAY - 100)}
title: by hand
look_back_days: 20
amendment_days: 4
minimum_counted_days: 2
minimum_weight_share: 0.5
thresholds: {{low: 20, partial: 45, good: 65, high: 85}}
kinds:
  moodle_course:
    {{weight: 3, window_days: 5, measure: days, saturation_per_week: 5, feeds: [clicks]}}
shown:
  library_loan: {{reason: shown only, window_days: 14}}
"""


def a_click(number: int, days_ago: int, **changes: object) -> Record:
    occurred_ms = (DAY - days_ago) * DAY_MS + 12 * HOUR_MS
    return {
        "event_id": number.to_bytes(16),
        "student": STUDENT_ID,
        "occurred_at": instant(occurred_ms),
        "recorded_at": instant(occurred_ms + 1_000),
        "feed": "clicks",
        "revision": 0,
        "action": "assert",
        "module": None,
        "component": None,
        "object": None,
        **changes,
    }


A_PART: Final[Record] = {
    "kind": "moodle_course",
    "counted": True,
    "reason": "",
    "amount": 2,
    "days": 5.0,
    "rate": 2.8,
    "points": 1.68,
    "weight": 3.0,
    "due": 0,
}


def a_closing(**changes: object) -> Record:
    return {
        "student": STUDENT_ID,
        "day": day(DAY),
        "status": "scored",
        "band": "partial",
        "score": 56.0,
        "reason": "",
        "contributions": [A_PART],
        "policy": 1,
        "revision": 1,
        "cause": "correction",
        "computed_at": instant((DAY + 3) * DAY_MS),
        "writer": "w",
        **changes,
    }


def a_period(**changes: object) -> Record:
    return {
        "from": day(DAY - 50),
        "to": None,
        "level": "undergraduate",
        "mode": "full_time",
        "programme": "History",
        "status": "enrolled",
        **changes,
    }


def records() -> dict[Topic, list[Record]]:
    """The third click adds no day: by the campus clock it is past midnight, on that of the second.

    Of the others, one was retracted and one lies on a day that its feed lacks.
    """
    clicks = [
        a_click(1, 0),
        a_click(2, 2),
        a_click(3, 0, occurred_at=instant((DAY - 2) * DAY_MS - HOUR_MS // 2)),
        a_click(4, 3),
        a_click(4, 3, revision=1, action="retract"),
        a_click(5, 1),
    ]
    gap = {
        "feed": "clicks",
        "origin": "declared",
        "declared_on": day(DAY),
        "withdrawn_on": None,
        "decided_at": instant(DAY * DAY_MS),
        "writer": "w",
    }
    overdue = {**gap, "origin": "deadline"}
    mark = {"feed": "clicks", "positions": [], "marked_at": instant((DAY + 1) * DAY_MS)}
    return {
        ACTIVITY[Kind.MOODLE_COURSE]: clicks,
        STUDENT: [
            {
                "student": STUDENT_ID,
                "recorded_at": instant(0),
                "periods": [a_period()],
                "tutor": None,
            }
        ],
        POLICY: [
            {
                "version": 1,
                "valid_from": day(DAY - 100),
                "document": DOCUMENT,
                "published_at": instant(0),
            }
        ],
        CALENDAR: [
            {
                "version": 1,
                "valid_from": day(DAY - 100),
                "origin": "c.ics",
                "first": day(DAY - 4),
                "days": [{"percent": 0, "reason": "closure: snow"}],
                "unnamed_percent": 100,
                "weekdays": [{"percent": 100}] * 7,
                "published_at": instant(0),
            }
        ],
        FEED_GAP: [{**gap, "day": day(DAY - 1)}, {**overdue, "day": day(DAY - 2)}],
        FEED_MARK: [{**mark, "day": day(DAY - 2)}],
        GENERATION: [
            {
                "clock": "wall",
                "zone": "Europe/London",
                "partitions": 2,
                "created_at": instant(0),
            }
        ],
    }
