"""The registry and the topics of a generation, on the real ones."""

import json
import uuid

import pytest
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from broker.clients import ClientConfig
from broker.offsets import Offsets
from broker.registry import SchemaRegistry
from broker.topics import ensure_topics
from deploy.local.stack import Addresses
from schemas import avro
from schemas.errors import TopicError, Unreachable
from schemas.topics import INDICATOR, STUDENT, TOPICS, RetentionDays, Topic

pytestmark = pytest.mark.stack

DAYS = RetentionDays(horizon=120, short=14)


def new_generation() -> str:
    return "g" + uuid.uuid4().hex[:8]


def test_every_schema_is_registered_once_and_found_again_by_its_id(stack: Addresses) -> None:
    generation = new_generation()
    with SchemaRegistry(stack.registry) as registry:
        ids = registry.register(generation)
        assert ids.keys() == set(TOPICS)
        assert registry.register(generation) == ids
        for topic, schema_id in ids.items():
            held = registry.writer_schema(schema_id)
            assert held is not None
            assert avro.fingerprint(json.dumps(held)) == avro.fingerprint(avro.text_of(topic))
        assert registry.writer_schema(2_000_000_000) is None


@pytest.mark.parametrize("topic", [STUDENT, INDICATOR], ids=lambda topic: topic.name)
def test_an_incompatible_change_is_refused_before_it_reaches_a_consumer(
    stack: Addresses, topic: Topic
) -> None:
    generation = new_generation()
    with SchemaRegistry(stack.registry) as registry:
        registry.register(generation, [topic])
    changed = json.loads(avro.text_of(topic))
    changed["fields"][0]["type"] = "string"
    with (
        SchemaRegistryClient({"url": stack.registry}) as client,
        pytest.raises(SchemaRegistryError) as refused,
    ):
        client.register_schema(topic.subject(generation), Schema(json.dumps(changed), "AVRO"))
    assert refused.value.http_status_code == 409


def test_a_registry_that_is_away_is_one_sentence() -> None:
    with (
        SchemaRegistry("http://127.0.0.1:1/apis") as registry,
        pytest.raises(Unreachable, match="LEAP_REGISTRY"),
    ):
        registry.register("v1", [STUDENT])


def test_topics_are_made_once_with_the_settings_of_the_registry(client: ClientConfig) -> None:
    generation = new_generation()
    made = ensure_topics(client, generation, partitions=3, retention=DAYS)
    assert made == [topic.full_name(generation) for topic in TOPICS]
    assert ensure_topics(client, generation, partitions=3, retention=DAYS) == []


def test_what_was_made_can_be_used_at_once(client: ClientConfig) -> None:
    generation = new_generation()
    made = ensure_topics(client, generation, partitions=6, retention=DAYS)
    places = [(name, 0) for name in made]
    assert Offsets(client).latest(places) == dict.fromkeys(places, 0)


def test_another_partition_count_or_retention_is_refused_with_the_topics_name(
    client: ClientConfig,
) -> None:
    generation = new_generation()
    ensure_topics(client, generation, partitions=2, retention=DAYS, topics=[STUDENT, INDICATOR])
    with pytest.raises(TopicError, match=r"student has 2 partitions instead of 3"):
        ensure_topics(client, generation, partitions=3, retention=DAYS)
    generation = new_generation()
    ensure_topics(client, generation, partitions=2, retention=RetentionDays(90, 14))
    with pytest.raises(TopicError, match=r"activity\.tap_in has retention\.ms"):
        ensure_topics(client, generation, partitions=2, retention=DAYS)


def test_a_broker_that_is_away_is_one_sentence() -> None:
    away = ClientConfig("127.0.0.1:1", {"socket.timeout.ms": "1000"})
    with pytest.raises(Unreachable, match="LEAP_KAFKA"):
        ensure_topics(away, "v1", partitions=1, retention=DAYS, timeout_s=2.0)
