"""Activity of the weeks before, as if it had been published day by day."""

from typing import TYPE_CHECKING

import numpy as np
from confluent_kafka import Producer
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from ops.clocks import now_ms
from schemas.topics import ACTIVITY

if TYPE_CHECKING:
    from tests.chaos.campus import Campus

HISTORY_DAYS = 69
DAY_MS = 86_400_000
CHUNK = 50_000
DEADLINE_S = 120.0


def publish_history(campus: "Campus", random: np.random.Generator) -> None:
    """Publish it in order of time, each event appended when it occurred.

    Only a broker that takes the producer's word for the time can be told of the past: for as long
    as this takes, it does.
    """
    total, kinds = campus.scale.history, campus.kinds
    _stamp(campus, "CreateTime")
    producer = Producer(
        campus.generation.client.settings(
            compression_type="lz4", linger_ms=20, queue_buffering_max_messages=2 * CHUNK
        )
    )
    begin, end = now_ms() - HISTORY_DAYS * DAY_MS, now_ms() - DAY_MS // 24
    for first in range(0, total, CHUNK):
        numbers = np.arange(first, min(first + CHUNK, total))
        occurred = begin + (end - begin) * numbers // total
        of_kind = random.integers(0, len(kinds), len(numbers))
        students = random.choice(campus.students, len(numbers))
        for at, kind in enumerate(kinds):
            chosen = of_kind == at
            records = campus.events(kind, -1 - numbers[chosen], students[chosen], occurred[chosen])
            for value, key, partition, moment in zip(
                records.values,
                records.keys,
                records.partitions,
                occurred[chosen].tolist(),
                strict=True,
            ):
                producer.produce(records.topic, value, key, partition, timestamp=moment)
        assert producer.flush(DEADLINE_S) == 0
    _stamp(campus, "LogAppendTime")


def _stamp(campus: "Campus", kind: str) -> None:
    admin = AdminClient(campus.generation.client.settings())
    entry = ConfigEntry("message.timestamp.type", kind, incremental_operation=AlterConfigOpType.SET)
    resources = [
        ConfigResource(
            ResourceType.TOPIC,
            ACTIVITY[one].full_name(campus.generation.name),
            incremental_configs=[entry],
        )
        for one in campus.kinds
    ]
    for future in admin.incremental_alter_configs(resources).values():
        future.result(DEADLINE_S)
