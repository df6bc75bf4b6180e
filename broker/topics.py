"""Creates the topics of a generation and refuses those that do not fit."""

import time
from collections.abc import Mapping, Sequence
from typing import Final

from confluent_kafka import KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, OffsetSpec, ResourceType

from broker.clients import ClientConfig, unreachable
from schemas.errors import TopicError
from schemas.topics import REFERENCE_PARTITIONS, TOPICS, RetentionDays, Topic

_TIMEOUT_S: Final = 30.0
_VISIBLE_POLL_S: Final = 0.05
_CHECKED: Final = ("cleanup.policy", "retention.ms", "message.timestamp.type")


def ensure_topics(
    client: ClientConfig,
    generation: str,
    *,
    partitions: int,
    retention: RetentionDays,
    replication: int = 1,
    topics: Sequence[Topic] = TOPICS,
    timeout_s: float = _TIMEOUT_S,
) -> list[str]:
    """Create what is missing; returns the names that were created, once they can be used.

    A topic that exists with another partition count, clean-up or retention raises TopicError: it
    is somebody's decision, not ours, to change it.
    """
    admin = AdminClient(client.settings())
    existing = _partition_counts(admin, client, timeout_s)
    created: list[str] = []
    wrong: list[str] = []
    for topic in topics:
        name = topic.full_name(generation)
        wanted = partitions if topic.per_student else REFERENCE_PARTITIONS
        if name not in existing:
            created.append(name)
        elif existing[name] != wanted:
            wrong.append(f"{name} has {existing[name]} partitions instead of {wanted}")
    kept = [topic for topic in topics if topic.full_name(generation) in existing]
    wrong += _wrong_configs(admin, kept, generation, retention)
    if wrong:
        raise TopicError(
            "; ".join(wrong)
            + ": a generation's partitions are fixed; use another generation (LEAP_GENERATION),"
            " or set the topic's configuration right with kafka-configs"
        )
    _create(admin, client, topics, created, generation, partitions, replication, retention)
    deadline = time.monotonic() + timeout_s
    while not _are_led(admin, client, created, timeout_s):
        if time.monotonic() > deadline:
            raise unreachable(client, "lead the topics it has created")
        time.sleep(_VISIBLE_POLL_S)  # a broker hears of a topic a little later than the controller
    return created


def _create(
    admin: AdminClient,
    client: ClientConfig,
    topics: Sequence[Topic],
    names: Sequence[str],
    generation: str,
    partitions: int,
    replication: int,
    retention: RetentionDays,
) -> None:
    new = [
        NewTopic(
            topic.full_name(generation),
            partitions if topic.per_student else REFERENCE_PARTITIONS,
            replication,
            config=topic.config(retention),
        )
        for topic in topics
        if topic.full_name(generation) in names
    ]
    if not new:
        return
    for name, future in admin.create_topics(new, operation_timeout=_TIMEOUT_S).items():
        try:
            future.result(timeout=_TIMEOUT_S)
        except KafkaException as error:
            kafka_error = error.args[0]
            if kafka_error.code() == KafkaError.TOPIC_ALREADY_EXISTS:
                continue  # another process was quicker
            if kafka_error.retriable():
                raise unreachable(client, "create topics") from error
            raise TopicError(f"{name} cannot be created: {kafka_error.str()}") from error


def _are_led(
    admin: AdminClient, client: ClientConfig, names: Sequence[str], timeout_s: float
) -> bool:
    """Whether every partition of these topics can be read and written."""
    counts = _partition_counts(admin, client, timeout_s)
    if not set(names) <= counts.keys():
        return False
    places = {TopicPartition(n, p): OffsetSpec.latest() for n in names for p in range(counts[n])}
    if not places:
        return True
    futures = admin.list_offsets(places, request_timeout=timeout_s)
    return all(future.exception() is None for future in futures.values())


def _partition_counts(
    admin: AdminClient, client: ClientConfig, timeout_s: float
) -> Mapping[str, int]:
    try:
        topics = admin.list_topics(timeout=timeout_s).topics
    except KafkaException as error:
        raise unreachable(client, "list topics") from error
    return {name: len(topic.partitions) for name, topic in topics.items()}


def _wrong_configs(
    admin: AdminClient, topics: Sequence[Topic], generation: str, retention: RetentionDays
) -> list[str]:
    if not topics:
        return []
    by_name = {topic.full_name(generation): topic.config(retention) for topic in topics}
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in by_name]
    wrong: list[str] = []
    for resource, future in admin.describe_configs(resources).items():
        found = future.result(timeout=_TIMEOUT_S)
        for key in _CHECKED:
            wanted = by_name[resource.name][key]
            if sorted(found[key].value.split(",")) != sorted(wanted.split(",")):
                wrong.append(f"{resource.name} has {key}={found[key].value} instead of {wanted}")
    return wrong
