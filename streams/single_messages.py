"""An outcome's rare records, each encoded by itself: alerts, gaps, refusals, the closed day."""

from collections.abc import Iterator, Mapping

from broker.transactions import Messages
from schemas import topics
from schemas.keys import feed_day_key, number_key
from schemas.topics import Topic
from schemas.wire import encode
from streams.alert_records import alert_messages
from streams.campus import as_date, as_instant
from streams.outcome import Outcome, Told
from streams.stamp import Stamp


def single_messages(generation: str, ids: Mapping[Topic, int], told: Told) -> Iterator[Messages]:
    """Everything that is not published as columns; `ids` are those of the schemas."""
    outcome, stamp = told.outcome, told.stamp
    for alerts in outcome.alerts:
        yield alert_messages(alerts, ids[alerts.topic], stamp)
    if outcome.gaps:
        yield _gaps(ids[topics.FEED_GAP], outcome, stamp)
    if outcome.rejected:
        yield _quarantine(ids[topics.QUARANTINE], generation, told)
    if outcome.closed is not None:
        yield _closed(ids[topics.DAY_CLOSED], told)


def _gaps(schema_id: int, outcome: Outcome, stamp: Stamp) -> Messages:
    topic = topics.FEED_GAP
    keys = [feed_day_key(gap.feed, gap.day) for gap in outcome.gaps]
    values = [
        encode(
            topic,
            schema_id,
            {
                "feed": gap.feed,
                "day": as_date(gap.day),
                "origin": gap.origin.value,
                "declared_on": as_date(gap.declared_on),
                "withdrawn_on": None if gap.withdrawn_on is None else as_date(gap.withdrawn_on),
                "decided_at": as_instant(stamp.now_ms),
                "writer": stamp.writer,
            },
        )
        for gap in outcome.gaps
    ]
    return Messages(topic, keys, values)


def _quarantine(schema_id: int, generation: str, told: Told) -> Messages:
    topic, partition = topics.QUARANTINE, told.partition
    keys: list[bytes] = []
    values: list[bytes] = []
    for name, rejected in told.outcome.rejected:
        origin = f"leap.{generation}.{name}[{partition}]@{rejected.offset}"
        record = {
            "reason": rejected.reason.value,
            "message": rejected.message,
            "origin": origin,
            "feed": "",
            "topic": name,
            "partition": partition,
            "offset": rejected.offset,
            "first_seen": as_instant(told.stamp.now_ms),
            "key": rejected.key,
            "raw": rejected.raw,
        }
        keys.append(origin.encode())
        values.append(encode(topic, schema_id, record))
    return Messages(topic, keys, values)


def _closed(schema_id: int, told: Told) -> Messages:
    topic = topics.DAY_CLOSED
    record = {
        "partition": told.partition,
        "day": as_date(told.outcome.closed or 0),
        "students": told.outcome.students,
        "closed_at": as_instant(told.stamp.now_ms),
        "writer": told.stamp.writer,
    }
    return Messages(topic, [number_key(told.partition)], [encode(topic, schema_id, record)])
