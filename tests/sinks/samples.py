"""A few records of every topic, as fastavro takes them; each is told apart by its key."""

from schemas.avro import fields_of, schema_of
from schemas.topics import ACTIVITY
from schemas.types import KINDS, Kind, StudentId
from schemas.wire import Record
from tests.sinks.rows import day, instant

NOON = 1_400_068_800_000
STUDENTS = tuple(StudentId(number) for number in (1, 2, 3, 2**53 - 1))
ACTIVE_DAYS = 3

_OWN: dict[str, object] = {
    "module": "AAA/2013J",
    "object": 'a "page"',
    "reader": "door 7",
    "session": "s1",
    "lab": "north",
    "item": "copy 3",
    "authentication": "single sign-on",
    "assignment": "essay",
    "attempt": 1,
    "watched_seconds": 90,
    "renewal": True,
}
"""Of the fields that kinds have of their own; the others are null."""
_COMMON = 7  # fields that every kind has


def an_event(kind: str, student: int, number: int, recorded_ms: int = 1_000) -> Record:
    """An event; its id tells student and number."""
    occurred = NOON + number * 86_400_000
    fields = fields_of(schema_of(ACTIVITY[Kind(kind)]))[_COMMON:]
    return {
        **{str(field["name"]): _OWN.get(str(field["name"])) for field in fields},
        "event_id": student.to_bytes(8) + number.to_bytes(8),
        "student": student,
        "occurred_at": instant(occurred),
        "recorded_at": instant(occurred + recorded_ms),
        "feed": f"feed of {kind}",
        "revision": 0,
        "action": "assert",
    }


def a_student(student: int) -> Record:
    period = {
        "from": day(16_100),
        "to": None,
        "level": "undergraduate",
        "mode": "full_time",
        "programme": "AAA/2013J",
        "status": "enrolled",
    }
    earlier = {**period, "from": day(15_000), "to": day(16_000), "status": "interrupted"}
    return {
        "student": student,
        "recorded_at": instant(NOON),
        "periods": [earlier, period],
        "tutor": None,
    }


def an_expectation(student: int, item: str) -> Record:
    return {
        "student": student,
        "item": item,
        "kind": "faser_upload",
        "module": "AAA/2013J",
        "due": day(16_300),
        "recorded_at": instant(NOON),
    }


def a_circumstance(student: int) -> Record:
    return {
        "student": student,
        "circumstance": "placement@2014-08-15/2014-08-20;all;+0;2014-08-14",
        "sort": "placement",
        "kinds": [{"kind": "tap_in"}],
        "first_day": day(16_297),
        "last_day": day(16_302),
        "extend_days": 0,
        "declared_on": day(16_296),
        "withdrawn_on": None,
        "recorded_at": instant(NOON),
    }


def a_daily(student: int, number: int, revision: int) -> Record:
    return {
        "student": student,
        "day": day(number),
        "revision": revision,
        **dict.fromkeys((kind.value for kind in KINDS), 1),
        "counted_at": instant(NOON),
        "writer": "w",
    }


def _result(student: int) -> Record:
    contribution = {
        "kind": "moodle_course",
        "counted": True,
        "reason": "",
        "amount": 5,
        "days": 7.0,
        "rate": 5.0,
        "points": 2.5,
        "weight": 3.0,
        "due": 0,
    }
    return {
        "student": student,
        "status": "scored",
        "band": "good",
        "score": 66.67,
        "reason": "",
        "contributions": [contribution],
        "policy": 1,
        "computed_at": instant(NOON),
        "writer": "w",
    }


def an_indicator(student: int, version: int) -> Record:
    return {
        **_result(student),
        "as_of": day(16_203),
        "complete": day(16_202),
        "sequence": 3,
        "version": version,
    }


def a_closing(student: int, number: int, revision: int) -> Record:
    return {**_result(student), "day": day(number), "revision": revision, "cause": "day_closed"}


def a_change(student: int, sequence: int) -> Record:
    chain = [("none", "none"), ("scored", "low"), ("scored", "partial"), ("scored", "good")]
    former, now = chain[sequence - 1], chain[sequence]
    return {
        "student": student,
        "sequence": sequence,
        "as_of": day(16_199 + sequence),
        "previous_status": former[0],
        "previous_band": former[1],
        "status": now[0],
        "band": now[1],
        "score": 50.0,
        "cause": "day_closed",
        "policy": 1,
        "changed_at": instant(NOON),
        "writer": "w",
    }


def an_alert(student: int, revision: int) -> Record:
    """Raised, and withdrawn with the next revision; of welfare and of compliance alike."""
    return {
        "student": student,
        "alert": f"very_low@{day(16_200)}",
        "rule": "very_low",
        "raised": day(16_200),
        "ended": None,
        "state": ("open", "withdrawn")[revision],
        "evidence": "The band was very low on 3 closings.",
        "figures": [{"name": "closings", "value": 3}],
        "suggestion": "ask whether all is well",
        "basis": "a duty of the sponsor",
        "note": "a suggestion",
        "policy": 1,
        "revision": revision,
        "cause": ("day_closed", "correction")[revision],
        "computed_at": instant(NOON),
        "writer": "w",
    }


def a_refusal(number: int) -> Record:
    return {
        "reason": "malformed_row",
        "message": f"row {number} has no student",
        "origin": f"file.csv:{number}",
        "feed": "",
        "topic": "",
        "partition": -1,
        "offset": number,
        "first_seen": instant(NOON),
        "key": None,
        "raw": b"\xff\x00 not text" + bytes([number]),
    }


def a_gap(number: int) -> Record:
    return {
        "feed": "taps",
        "day": day(number),
        "origin": "deadline",
        "declared_on": day(number + 2),
        "withdrawn_on": None if number % 2 else day(number + 3),
        "decided_at": instant(NOON),
        "writer": "w",
    }


def a_mark(number: int) -> Record:
    return {
        "feed": "taps",
        "day": day(number),
        "marked_at": instant(NOON),
        "positions": [{"topic": "activity.tap_in", "partition": 0, "offset": number}],
    }


def a_policy(version: int) -> Record:
    return {
        "version": version,
        "valid_from": day(16_000 + version),
        "document": "title: none",
        "published_at": instant(NOON),
    }


def a_calendar(version: int) -> Record:
    return {
        "version": version,
        "valid_from": day(16_000 + version),
        "origin": "calendar.yaml",
        "first": day(16_000),
        "days": [{"percent": 100, "reason": ""}, {"percent": 0, "reason": "closure: snow"}],
        "unnamed_percent": 100,
        "weekdays": [{"percent": percent} for percent in (100, 100, 100, 100, 100, 0, 0)],
        "published_at": instant(NOON),
    }


def a_generation() -> Record:
    return {
        "clock": "wall",
        "zone": "Europe/London",
        "partitions": 2,
        "created_at": instant(NOON),
    }
