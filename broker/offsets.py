"""Offsets asked of the broker for many partitions at once. All calls block."""

from collections.abc import Iterable, Mapping
from typing import Final

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    IsolationLevel,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec

from broker.clients import ClientConfig, unreachable
from schemas.errors import Unreachable

_TIMEOUT_S: Final = 30.0

Partition = tuple[str, int]


class Offsets:
    """Of topic-partitions, by (topic, partition)."""

    def __init__(self, client: ClientConfig) -> None:
        self._client = client
        self._admin = AdminClient(client.settings())

    def earliest(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        """The first offset that is kept."""
        return self._list(partitions, OffsetSpec.earliest())

    def latest(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        """The offset behind the last record that may be read as committed."""
        return self._list(partitions, OffsetSpec.latest())

    def at_time(
        self, partitions: Iterable[Partition], timestamp_ms: int
    ) -> Mapping[Partition, int]:
        """The first offset whose record is not older; -1 where all are older."""
        return self._list(partitions, OffsetSpec.for_timestamp(timestamp_ms))

    def committed(self, group: str, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        """What a consumer group has committed; 0 where it has not."""
        wanted = [TopicPartition(topic, partition) for topic, partition in partitions]
        request = ConsumerGroupTopicPartitions(group, wanted)
        try:
            future = self._admin.list_consumer_group_offsets([request])[group]
            found = future.result(timeout=_TIMEOUT_S).topic_partitions
        except KafkaException as error:
            raise self._failed(error, f"ask for offsets of group {group}") from error
        return {(p.topic, p.partition): max(0, p.offset) for p in found}

    def _list(self, partitions: Iterable[Partition], spec: OffsetSpec) -> Mapping[Partition, int]:
        request = {TopicPartition(topic, partition): spec for topic, partition in partitions}
        if not request:
            return {}
        try:
            futures = self._admin.list_offsets(
                request, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=_TIMEOUT_S
            )
            return {
                (p.topic, p.partition): future.result(timeout=_TIMEOUT_S).offset
                for p, future in futures.items()
            }
        except KafkaException as error:
            raise self._failed(error, "ask for offsets") from error

    def _failed(self, error: KafkaException, attempted: str) -> Unreachable:
        """What to raise. The client is replaced: what it knows of the cluster may be outdated."""
        self._admin = AdminClient(self._client.settings())
        return unreachable(self._client, f"{attempted}: {error.args[0].str()}")
