"""Circumstances as records of their topic."""

from collections.abc import Iterable, Mapping

from broker.publisher import Publisher
from connectors.records import Destination
from schemas.keys import partition_of, student_circumstance_key
from schemas.topics import CIRCUMSTANCE
from schemas.wire import encode
from scoring.circumstance import Circumstance


def circumstance_record(one: Circumstance, recorded_ms: int) -> Mapping[str, object]:
    """The record of a circumstance; `recorded_ms` in UTC milliseconds."""
    return {
        "student": one.student,
        "circumstance": one.name,
        "sort": one.sort.value,
        "kinds": [{"kind": kind.value} for kind in one.kinds],
        "first_day": one.first,
        "last_day": one.last,
        "extend_days": one.extend_days,
        "declared_on": one.declared_on,
        "withdrawn_on": one.withdrawn_on,
        "recorded_at": recorded_ms,
    }


def publish_circumstances(
    circumstances: Iterable[Circumstance],
    publisher: Publisher,
    destination: Destination,
    recorded_ms: int,
) -> int:
    """Publish declarations and withdrawals; returns how many, once the broker has them."""
    published = 0
    for one in circumstances:
        record = circumstance_record(one, recorded_ms)
        publisher.publish(
            CIRCUMSTANCE.full_name(destination.generation),
            [encode(CIRCUMSTANCE, destination.schema_ids[CIRCUMSTANCE], record)],
            [student_circumstance_key(one.student, one.name)],
            [partition_of(one.student, destination.partitions)],
        )
        published += 1
    publisher.flush()
    return published
