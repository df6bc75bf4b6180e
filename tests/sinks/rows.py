"""Records and what a table holds of them, made without anything of sinks/.

`expected_row` starts from what fastavro reads under the schema itself, logical types included, so
it shares neither the physical form nor the columns with what it is compared with.
"""

import io
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

import fastavro
from hypothesis import strategies as st

from schemas import topics
from schemas.avro import fields_of, parsed, schema_of
from schemas.keys import (
    feed_day_key,
    number_key,
    student_alert_key,
    student_circumstance_key,
    student_day_key,
    student_item_key,
    student_key,
)
from schemas.topics import ACTIVITY, Topic
from schemas.types import KINDS, Day, StudentId
from schemas.wire import PREFIX_BYTES, Record, encode
from tests.schemas.records import records_of

SCHEMA_ID = 7
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EPOCH_DAY = date(1970, 1, 1)
STUDENTS = st.integers(0, 2**53 - 1).map(StudentId)
COMMON = ("event_id", "student", "occurred_at", "recorded_at", "feed", "revision", "action")
KIND_OF = {topic: kind for kind, topic in ACTIVITY.items()}
BY_DAY = (topics.DAILY, topics.INDICATOR_DAY)
BY_FEED = (topics.FEED_GAP, topics.FEED_MARK)
BY_VERSION = (topics.POLICY, topics.CALENDAR)
DATED = (*BY_DAY, *BY_FEED)
GENERATION_KEY = b"generation"

_FIRST, _LAST = date(1900, 1, 1), date(2299, 12, 31)
_FIRST_INSTANT = datetime(1900, 1, 1, tzinfo=UTC)
_COUNTS = tuple(kind.value for kind in KINDS)


def instant(milliseconds: int) -> datetime:
    return EPOCH + timedelta(milliseconds=milliseconds)


def day(number: int) -> date:
    return EPOCH_DAY + timedelta(days=number)


@st.composite
def loadable(draw: st.DrawFn, topic: Topic) -> Record:
    """Any record that a sink loads: with a pseudonym, and within the years that it takes."""
    record = draw(records_of(schema_of(topic)))
    if "student" in record:
        record["student"] = draw(STUDENTS)
    if topic in KIND_OF:
        record["occurred_at"] = instant(draw(st.integers(631_152_000_000, 4_102_444_799_999)))
    if topic in DATED:
        record["day"] = day(draw(st.integers(7_305, 47_481)))
    return record


def key_of(topic: Topic, record: Mapping[str, object]) -> bytes:
    """The key under which the record belongs."""
    if topic is topics.QUARANTINE:
        return str(record["origin"]).encode()
    if topic in BY_FEED:
        return feed_day_key(str(record["feed"]), _day_of(record))
    if topic in BY_VERSION:
        return number_key(int(str(record["version"])))
    if topic is topics.GENERATION:
        return GENERATION_KEY
    student = record["student"]
    assert isinstance(student, int)
    if topic in BY_DAY:
        return student_day_key(StudentId(student), _day_of(record))
    if topic is topics.EXPECTATION:
        return student_item_key(StudentId(student), str(record["item"]))
    if topic is topics.CIRCUMSTANCE:
        return student_circumstance_key(StudentId(student), str(record["circumstance"]))
    if topic in (topics.ALERT, topics.ALERT_COMPLIANCE):
        return student_alert_key(StudentId(student), str(record["alert"]))
    return student_key(StudentId(student))


def _day_of(record: Mapping[str, object]) -> Day:
    when = record["day"]
    assert isinstance(when, date)
    return Day((when - EPOCH_DAY).days)


def value_of(topic: Topic, record: Record, schema_id: int = SCHEMA_ID) -> bytes:
    return encode(topic, schema_id, record)


def expected_row(topic: Topic, value: bytes) -> dict[str, object]:
    """What the table holds of a record; `details` as what its JSON says."""
    record = fastavro.schemaless_reader(io.BytesIO(value[PREFIX_BYTES:]), parsed(topic), None)
    assert isinstance(record, dict)
    row = {name: _held(inner) for name, inner in record.items()}
    if topic in KIND_OF:
        own = [str(f["name"]) for f in fields_of(schema_of(topic)) if f["name"] not in COMMON]
        details = {name: row.pop(name) for name in own}
        row["kind"] = KIND_OF[topic].value
        row["details"] = {name: inner for name, inner in details.items() if inner is not None}
    if topic is topics.FEED_MARK:
        del row["positions"]
    if topic is topics.GENERATION:
        row["name"] = GENERATION_KEY.decode()
    if topic is topics.DAILY:
        for name in _COUNTS:
            row[name] = min(max(int(str(row[name])), 0), 2**32 - 1)
    return row


def with_details_read(row: dict[str, object]) -> dict[str, object]:
    """The row of a table, to be compared with an expected one."""
    if "details" not in row:
        return row
    return {**row, "details": json.loads(str(row["details"]))}


def _held(value: object) -> object:
    match value:
        case datetime():
            return max(value, _FIRST_INSTANT)
        case date():
            return min(max(value, _FIRST), _LAST)
        case list():
            return [_period(item) for item in value]
    return value


def _period(item: dict[str, object]) -> dict[str, object]:
    names = {"from": "first_day", "to": "last_day"}
    return {names.get(name, name): _held(value) for name, value in item.items()}
