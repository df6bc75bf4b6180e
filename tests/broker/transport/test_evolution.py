"""A schema grows while its older writers are still about; both are read by the fast path."""

import io
import json
from contextlib import closing

import fastavro
import pytest
from confluent_kafka.schema_registry import Schema as RegisteredSchema
from confluent_kafka.schema_registry import SchemaRegistryClient

from broker.decoder import Decoder
from broker.registry import SchemaRegistry
from deploy.local.stack import Addresses
from schemas import wire
from schemas.avro import Schema, fields_of, schema_of
from schemas.topics import ACTIVITY
from schemas.types import Kind
from tests.broker.transport.topic import Topic

pytestmark = pytest.mark.stack

TOPIC = ACTIVITY[Kind.TAP_IN]
OLDER: Schema = {**schema_of(TOPIC), "fields": [*fields_of(schema_of(TOPIC))[:-1]]}


def event(number: int, **more: object) -> dict[str, object]:
    return {
        "event_id": number.to_bytes(16),
        "student": number,
        "occurred_at": 0,
        "recorded_at": 0,
        "feed": "taps",
        "revision": 0,
        "action": "assert",
        "reader": "door",
        "room": None,
        **more,
    }


def test_two_writers_at_once_are_read_by_what_the_registry_says_of_each(
    topic: Topic, stack: Addresses
) -> None:
    with closing(SchemaRegistryClient({"url": stack.registry})) as client:
        older, newer = (
            client.register_schema(
                f"{topic.name}-value", RegisteredSchema(json.dumps(schema), "AVRO")
            )
            for schema in (OLDER, schema_of(TOPIC))
        )
    for number in range(0, 40, 4):
        topic.publish([wire.encode(TOPIC, newer, event(number, session="maths"))])
        topic.publish(_written(older, event(n)) for n in range(number + 1, number + 4))
    with SchemaRegistry(stack.registry) as registry:
        decoder = Decoder(schema_of(TOPIC), newer, registry.writer_schema)
        decoded = [decoder.decode(piece) for piece in topic.read()[0]]
    rows = [row for one in decoded for row in one.rows.values.to_dicts()]
    assert [row["student"] for row in rows] == list(range(40))
    assert [row["session"] for row in rows] == ["maths", None, None, None] * 10
    assert sum(one.fast for one in decoded) == 40


def _written(schema_id: int, record: dict[str, object]) -> bytes:
    out = io.BytesIO()
    out.write(wire.prefix(schema_id))
    fastavro.schemaless_writer(out, fastavro.parse_schema(dict(OLDER)), record)
    return out.getvalue()
