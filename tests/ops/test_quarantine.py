"""Bad records among good ones, through a real worker: quarantined, and their neighbours applied."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from confluent_kafka import Producer

from ops.demo.ends import end_offsets
from ops.demo.processes import RunningProcess
from ops.demo.run import POLICY
from ops.demo.waiting import events_in, wait_for_worker
from ops.generation import Generation, open_generation, publish_policy
from schemas import topics
from schemas.keys import feed_day_key, partition_of, student_key
from schemas.reasons import Reason
from schemas.types import Clock, Day, Kind, StudentId
from schemas.wire import encode
from tests.ops.site import Site

pytestmark = pytest.mark.stack

FIRST = date(2024, 1, 1)
STUDENTS = [StudentId(n) for n in range(100, 140)]
TOPIC = topics.ACTIVITY[Kind.MOODLE_COURSE]


def event(generation: Generation, student: StudentId, day: int, **changed: object) -> bytes:
    moment = datetime(FIRST.year, FIRST.month, FIRST.day, 12, tzinfo=UTC) + timedelta(days=day)
    record: dict[str, object] = {
        "event_id": student.to_bytes(8) + day.to_bytes(8),
        "student": student,
        "occurred_at": moment,
        "recorded_at": moment,
        "feed": "oulad.vle",
        "revision": 0,
        "action": "assert",
        "module": None,
        "component": None,
        "object": None,
        **changed,
    }
    return encode(TOPIC, generation.schema_ids[TOPIC], record)


def test_each_bad_record_lies_in_quarantine_and_its_neighbours_are_applied(
    site: Site, tmp_path: Path
) -> None:
    generation = open_generation(
        site.context.with_generation("poison", clock=Clock.REPLAY, partitions=24)
    )
    publish_policy(generation, POLICY.read_text(), origin="demo.yaml")
    one, other = STUDENTS[0], STUDENTS[1]
    home = partition_of(one, generation.partitions)
    good = event(generation, one, 1)
    poison: list[tuple[Reason, bytes | None, bytes | None, int]] = [
        (Reason.UNDECODABLE, student_key(one), b"not avro", home),
        (Reason.UNDECODABLE, student_key(one), good[:-1], home),
        (Reason.UNKNOWN_SCHEMA, student_key(one), b"\0\x7f\xff\xff\xff" + good[5:], home),
        (Reason.NO_KEY, None, good, home),
        (Reason.NO_VALUE, student_key(one), None, home),
        (Reason.KEY_MISMATCH, student_key(other), good, home),
        (Reason.WRONG_PARTITION, student_key(one), good, (home + 1) % generation.partitions),
        (
            Reason.IMPOSSIBLE_REVISION,
            student_key(one),
            event(generation, one, 2, revision=-1),
            home,
        ),
        (
            Reason.IMPOSSIBLE_TIME,
            student_key(one),
            event(generation, one, 2, occurred_at=datetime(1970, 1, 1, tzinfo=UTC)),
            home,
        ),
        (Reason.FUTURE, student_key(one), event(generation, one, 20), home),
    ]
    producer = Producer(generation.client.settings(linger_ms=100))
    name = TOPIC.full_name(generation.name)
    for student in STUDENTS:
        for day in range(4):
            partition = partition_of(student, generation.partitions)
            producer.produce(name, event(generation, student, day), student_key(student), partition)
            if student == one and day == 1:
                for _, key, value, where in poison:
                    producer.produce(name, value, key, where)
                producer.produce(  # a header is read slowly, and counts
                    name,
                    event(generation, one, 3, event_id=b"h" * 16),
                    student_key(one),
                    home,
                    headers=[("trace", b"1")],
                )
    producer.flush(30)
    mark_four_days(generation, producer)
    with RunningProcess.start(
        "worker", environment={"LEAP_GENERATION": generation.name}, logs=tmp_path
    ) as worker:
        last_day = Day((FIRST - date(1970, 1, 1)).days + 3)
        events = wait_for_worker(worker, generation, last_day).events
        assert events_in(worker.status() or {}) == events
    assert events["applied"] == len(STUDENTS) * 4 + 1
    assert events["quarantined"] == len(poison)
    found = quarantined(generation)
    assert sorted(found["reason"]) == sorted(reason.value for reason, *_ in poison)
    for reason, key, value, where in poison:
        same = found.filter(pl.col("reason") == reason.value, pl.col("partition") == where)
        rows = same.select("key", "raw", "topic", "origin", "offset").rows()
        matching = [row for row in rows if row[:3] == (key, value, TOPIC.name)]
        assert matching, (reason, rows)
        assert matching[0][3] == f"{name}[{where}]@{matching[0][4]}"


def mark_four_days(generation: Generation, producer: Producer) -> None:
    first = Day((FIRST - date(1970, 1, 1)).days)
    topic = topics.FEED_MARK
    ends = end_offsets(generation, topics.ACTIVITY.values())
    for feed, kind in (("oulad.vle", Kind.MOODLE_COURSE), ("oulad.assessment", Kind.FASER_UPLOAD)):
        for day in range(4):
            # Everything lies between the marks of the third and the fourth day.
            positions = [
                {
                    "topic": topics.ACTIVITY[kind].name,
                    "partition": partition,
                    "offset": end if day == 3 else 0,
                }
                for partition, end in ends[topics.ACTIVITY[kind]].items()
            ]
            record = {
                "feed": feed,
                "day": FIRST + timedelta(days=day),
                "marked_at": datetime.now(UTC),
                "positions": positions,
            }
            value = encode(topic, generation.schema_ids[topic], record)
            producer.produce(
                topic.full_name(generation.name), value, feed_day_key(feed, Day(first + day)), 0
            )
    producer.flush(30)


def quarantined(generation: Generation) -> pl.DataFrame:
    return generation.read(topics.QUARANTINE)
