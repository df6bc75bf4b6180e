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
from schemas.avro import Schema
from schemas.keys import partition_of
from schemas.topics import ACTIVITY, RetentionDays, Topic
from schemas.types import KINDS, StudentId
from schemas.wire import Record
from sinks.clickhouse import ClickHouseAddress
from sinks.config import SinkConfig
from sinks.tables import ROUTES
from tests.sinks.rows import key_of, value_of
from tests.sinks.running import Ends, ends_of
from tests.sinks.samples import (
    ACTIVE_DAYS,
    STUDENTS,
    a_calendar,
    a_change,
    a_circumstance,
    a_closing,
    a_daily,
    a_gap,
    a_generation,
    a_mark,
    a_policy,
    a_refusal,
    a_student,
    an_alert,
    an_event,
    an_expectation,
    an_indicator,
)

PARTITIONS = 2
DEADLINE_S = 30.0


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
            is_first = topic is topics.QUARANTINE or not topic.per_student
            partition = 0 if is_first else partition_of(student, PARTITIONS)
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
        self.publish(topics.CIRCUMSTANCE, map(a_circumstance, STUDENTS))
        self.publish(topics.DAILY, (a_daily(s, n, 0) for s in STUDENTS for n in days))
        self.publish(topics.INDICATOR, (an_indicator(s, v) for v in (1, 2) for s in STUDENTS))
        self.publish(
            topics.INDICATOR_DAY,
            (a_closing(s, n, r) for r in (0, 1) for s in STUDENTS for n in days),
        )
        self.publish(topics.INDICATOR_CHANGE, (a_change(s, n) for s in STUDENTS for n in (1, 2, 3)))
        for topic in (topics.ALERT, topics.ALERT_COMPLIANCE):
            self.publish(topic, (an_alert(s, revision) for revision in (0, 1) for s in STUDENTS))
        self.publish(topics.FEED_GAP, (a_gap(day) for day in days))
        self.publish(topics.FEED_MARK, (a_mark(day) for day in days))
        self.publish(topics.POLICY, map(a_policy, (1, 2)))
        self.publish(topics.CALENDAR, map(a_calendar, (1, 2)))
        self.publish(topics.GENERATION, [a_generation()])
        self.publish(topics.QUARANTINE, map(a_refusal, range(5)))
        students = len(STUDENTS)
        return {
            "event": len(KINDS) * students * ACTIVE_DAYS,
            "daily": students * ACTIVE_DAYS,
            "indicator": students,
            "indicator_day": students * ACTIVE_DAYS,
            "indicator_day_history": 2 * students * ACTIVE_DAYS,
            "indicator_change": students * 3,
            "alert": students,
            "alert_history": 2 * students,
            "alert_compliance": students,
            "alert_compliance_history": 2 * students,
            "student": students,
            "expectation": students * 2,
            "circumstance": students,
            "feed_gap": ACTIVE_DAYS,
            "feed_mark": ACTIVE_DAYS,
            "policy": 2,
            "calendar": 2,
            "generation": 1,
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


Published = tuple[Generation, dict[str, int]]
"""Records on every topic, and how many rows each table has to have of them."""
