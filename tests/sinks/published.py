"""A generation of topics of a test's own, on the real broker, and records on all of them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self
from uuid import uuid4

from confluent_kafka import KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.schema_registry import Schema as RegisteredSchema
from confluent_kafka.schema_registry import SchemaRegistryClient

from broker.clients import ClientConfig
from broker.registry import SchemaRegistry
from broker.topics import ensure_topics
from deploy.local.stack import Addresses
from schemas import topics
from schemas.avro import Schema, fields_of, schema_of
from schemas.keys import partition_of
from schemas.topics import ACTIVITY, RetentionDays, Topic
from schemas.types import KINDS, Kind, StudentId
from schemas.wire import Record
from sinks.clickhouse import ClickHouseAddress
from sinks.config import SinkConfig
from sinks.tables import ROUTES
from tests.sinks.rows import day, instant, key_of, value_of
from tests.sinks.running import Ends, ends_of

PARTITIONS = 2
DEADLINE_S = 30.0
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


@dataclass(frozen=True, slots=True)
class Registered:
    """The shipped schemas and their ids, which are the same for every generation."""

    registry: SchemaRegistry
    ids: Mapping[Topic, int]

    @classmethod
    @contextmanager
    def at(cls, stack: Addresses) -> Iterator[Self]:
        with SchemaRegistry(stack.registry) as registry:
            yield cls(registry, registry.register(f"s{uuid4().hex[:12]}", list(ROUTES)))


@dataclass(frozen=True, slots=True)
class Generation:
    """Topics, registered schemas, and a way to publish."""

    name: str
    client: ClientConfig
    schema_ids: Mapping[Topic, int]
    registry: SchemaRegistry
    registry_url: str

    @classmethod
    def new(cls, stack: Addresses, schemas: Registered) -> Self:
        """Made for the test, and left on the broker."""
        name, client = f"s{uuid4().hex[:12]}", ClientConfig(stack.kafka)
        ensure_topics(
            client,
            name,
            partitions=PARTITIONS,
            retention=RetentionDays(10_000, 10_000),
            topics=list(ROUTES),
        )
        return cls(name, client, schemas.ids, schemas.registry, stack.registry)

    @property
    def ends(self) -> Ends:
        return ends_of(self.client, self.name, PARTITIONS)

    def config(self, clickhouse: ClickHouseAddress) -> SinkConfig:
        return SinkConfig(
            self.client, self.name, self.schema_ids, self.registry.writer_schema, clickhouse
        )

    def publish(self, topic: Topic, records: Iterable[Record]) -> None:
        ours = self.schema_ids[topic]
        self.publish_bytes(
            topic, [(key_of(topic, record), value_of(topic, record, ours)) for record in records]
        )

    def publish_bytes(self, topic: Topic, records: Sequence[tuple[bytes, bytes | None]]) -> None:
        """Keys and values; the partition is that of the student in the key, or else the first."""
        producer = Producer(self.client.settings(compression_type="lz4"))
        for key, value in records:
            student = StudentId(int.from_bytes(key[:8]))
            partition = 0 if topic is topics.QUARANTINE else partition_of(student, PARTITIONS)
            producer.produce(topic.full_name(self.name), value, key, partition)
        assert producer.flush(DEADLINE_S) == 0

    def publish_everything(self) -> dict[str, int]:
        """Records on every topic; how many rows each table has to have then."""
        for kind, topic in ACTIVITY.items():
            self.publish(
                topic, (an_event(kind.value, s, n) for s in STUDENTS for n in range(ACTIVE_DAYS))
            )
        days = range(16_200, 16_200 + ACTIVE_DAYS)
        self.publish(topics.STUDENT, map(a_student, STUDENTS))
        self.publish(
            topics.EXPECTATION, (an_expectation(s, item) for s in STUDENTS for item in "ab")
        )
        self.publish(topics.DAILY, (a_daily(s, n, 0) for s in STUDENTS for n in days))
        self.publish(topics.INDICATOR, (an_indicator(s, v) for v in (1, 2) for s in STUDENTS))
        self.publish(
            topics.INDICATOR_DAY,
            (a_closing(s, n, r) for r in (0, 1) for s in STUDENTS for n in days),
        )
        self.publish(topics.INDICATOR_CHANGE, (a_change(s, n) for s in STUDENTS for n in (1, 2, 3)))
        self.publish(topics.QUARANTINE, map(a_refusal, range(5)))
        students = len(STUDENTS)
        return {
            "event": len(KINDS) * students * ACTIVE_DAYS,
            "daily": students * ACTIVE_DAYS,
            "indicator": students,
            "indicator_day": students * ACTIVE_DAYS,
            "indicator_change": students * 3,
            "student": students,
            "expectation": students * 2,
            "quarantine": 5,
        }

    def forget_what_was_loaded(self) -> None:
        """The group of the sinks begins again from the first offset that is kept."""
        group = f"leap-sink-{self.name}"
        admin = AdminClient(self.client.settings())
        try:
            admin.delete_consumer_groups([group])[group].result(timeout=DEADLINE_S)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.GROUP_ID_NOT_FOUND:
                raise

    def delete_before_end(self, topic: Topic) -> None:
        """As retention would: everything that lies on the topic now is gone."""
        places = [
            TopicPartition(topic.full_name(self.name), partition, end)
            for partition, end in self.ends[topic.name].items()
        ]
        admin = AdminClient(self.client.settings())
        for future in admin.delete_records(places).values():
            future.result(timeout=DEADLINE_S)

    def register_as_another_version(self, topic: Topic, schema: Schema) -> int:
        """The id of a schema that another writer of the topic has."""
        text = RegisteredSchema(json.dumps(schema), "AVRO")
        with SchemaRegistryClient({"url": self.registry_url}) as registry:
            return int(registry.register_schema(topic.subject(self.name), text))


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
