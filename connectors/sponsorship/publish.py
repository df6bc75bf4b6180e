"""Sponsorships as records of their topic: one a student, which says all periods."""

from collections.abc import Mapping, Sequence

from broker.publisher import Publisher
from connectors.records import Destination
from schemas.keys import partition_of, student_key
from schemas.topics import SPONSORSHIP
from schemas.types import Day, StudentId
from schemas.wire import encode


def sponsorship_record(
    student: StudentId, periods: Sequence[tuple[Day, Day | None]], recorded_ms: int
) -> Mapping[str, object]:
    """The record of a student; `recorded_ms` in UTC milliseconds."""
    return {
        "student": student,
        "periods": [{"first_day": first, "last_day": last} for first, last in periods],
        "recorded_at": recorded_ms,
    }


def publish_sponsorships(
    changed: Mapping[StudentId, Sequence[tuple[Day, Day | None]]],
    publisher: Publisher,
    destination: Destination,
    recorded_ms: int,
) -> None:
    """Publish the periods of students; returns once the broker has them."""
    for student, periods in changed.items():
        record = sponsorship_record(student, periods, recorded_ms)
        publisher.publish(
            SPONSORSHIP.full_name(destination.generation),
            [encode(SPONSORSHIP, destination.schema_ids[SPONSORSHIP], record)],
            [student_key(student)],
            [partition_of(student, destination.partitions)],
        )
    publisher.flush()
