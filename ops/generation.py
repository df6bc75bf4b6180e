"""A generation of topics: made once, then only checked.

What is fixed for all its life (clock, zone, partitions) stands in its `generation` topic, and
every process takes it from there.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import polars as pl
from aiokafka.structs import TopicPartition

from broker.clients import ClientConfig
from broker.decoder import Decoder
from broker.publisher import KafkaPublisher
from broker.reader import SliceReader
from broker.registry import SchemaRegistry
from broker.topics import ensure_topics
from ops.clocks import now
from ops.context import Context
from schemas import topics
from schemas.avro import schema_of
from schemas.errors import PolicyError, SettingsError
from schemas.keys import number_key
from schemas.topics import RetentionDays, Topic
from schemas.types import Clock, Day
from schemas.wire import encode
from scoring.policy import parse_policy
from streams.servable import check

_CLOCKS = tuple(Clock)


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation as its processes have to know it."""

    name: str
    client: ClientConfig
    registry: SchemaRegistry
    schema_ids: Mapping[Topic, int]
    partitions: int
    clock: Clock
    zone: ZoneInfo
    look_back_days: int
    amendment_days: int

    def read(self, topic: Topic) -> pl.DataFrame:
        """Every record of a topic, all partitions at once, in physical columns."""
        decoder = Decoder(
            schema_of(topic),
            self.schema_ids[topic],
            self.registry.writer_schema,
            allow_tombstones=topic.compacted,
        )
        partitions = self.partitions if topic.per_student else topics.REFERENCE_PARTITIONS
        name = topic.full_name(self.name)
        places = [TopicPartition(name, partition) for partition in range(partitions)]
        return asyncio.run(_read(self.client, places, decoder))

    def publish(self, topic: Topic, key: bytes, record: Mapping[str, object]) -> None:
        """One record of a reference topic; returns when the broker has it."""
        publisher = KafkaPublisher(self.client, say=lambda sentence: None)
        value = encode(topic, self.schema_ids[topic], record)
        publisher.publish(topic.full_name(self.name), [value], [key], [0])
        publisher.flush()


def open_generation(context: Context) -> Generation:
    """The generation of the settings; its topics, schemas and record are made where missing."""
    settings, name = context.settings, context.generation
    retention = RetentionDays(settings.retention_days, settings.quarantine_days)
    ensure_topics(
        context.client,
        name,
        partitions=settings.partitions,
        retention=retention,
        replication=settings.replication,
    )
    found = Generation(
        name=name,
        client=context.client,
        registry=context.registry,
        schema_ids=context.registry.register(name),
        partitions=settings.partitions,
        clock=settings.clock,
        zone=ZoneInfo(settings.zone),
        look_back_days=settings.look_back_days,
        amendment_days=settings.amendment_days,
    )
    records = found.read(topics.GENERATION)
    if records.is_empty():
        found.publish(
            topics.GENERATION,
            b"generation",
            {
                "clock": settings.clock.value,
                "zone": settings.zone,
                "partitions": settings.partitions,
                "created_at": now(),
            },
        )
        return found
    clock = _CLOCKS[int(records["clock"][0])]
    zone = str(records["zone"][0])
    for setting, wanted, held in (
        ("clock", settings.clock.value, clock.value),
        ("zone", settings.zone, zone),
    ):
        if setting in settings.model_fields_set and wanted != held:
            raise SettingsError(
                f"LEAP_{setting.upper()} is {wanted}, but generation {name} was created with"
                f" {held}, which is fixed: use another generation (LEAP_GENERATION)"
            )
    return replace(found, clock=clock, zone=ZoneInfo(zone))


def publish_policy(generation: Generation, document: str, *, origin: str) -> int:
    """Publish a policy that workers can serve; returns its version.

    Publishing the same again does nothing.
    """
    policy = parse_policy(document, origin=origin)
    check(policy, look_back=generation.look_back_days, amendment=generation.amendment_days)
    held = generation.read(topics.POLICY)
    same = held.filter(pl.col("version") == policy.version)["document"].to_list()
    if same and same[0] != document:
        raise PolicyError(
            f"{origin}: version {policy.version} is published already with other content; a"
            " version is never edited: give the new one the next number"
        )
    if not same:
        generation.publish(
            topics.POLICY,
            number_key(policy.version),
            {
                "version": policy.version,
                "valid_from": policy.valid_from,
                "document": document,
                "published_at": now(),
            },
        )
    return policy.version


def marked_days(generation: Generation) -> set[tuple[str, Day]]:
    """The (feed, day) that have a mark."""
    marks = generation.read(topics.FEED_MARK)
    return {(feed, Day(day)) for feed, day in marks.select("feed", "day").iter_rows()}


async def _read(
    client: ClientConfig, places: Sequence[TopicPartition], decoder: Decoder
) -> pl.DataFrame:
    async with SliceReader(client) as reader:
        ends = await reader.assign_from_start(places)
        frames = [decoder.decode(piece).rows.values async for _, piece in reader.read_to(ends)]
    return pl.concat(frames) if frames else pl.DataFrame(schema=decoder.types)
