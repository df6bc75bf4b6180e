"""Reads whole topics that the command line needs to know: who is who, what is in quarantine."""

import asyncio
from collections.abc import Mapping

import polars as pl
from aiokafka.structs import TopicPartition

from broker.decoder import Decoder
from broker.reader import SliceReader
from connectors.people import KnownPeople
from connectors.quarantine import Entry, Outcome
from connectors.registrar import Draw, Registrar
from ops.context import Context
from ops.generation import Generation
from schemas import topics
from schemas.avro import schema_of
from schemas.topics import Topic

_OUTCOMES = tuple(outcome.value for outcome in Outcome)


def read_all(generation: Generation, topic: Topic) -> pl.DataFrame:
    """Every record of a topic, all partitions at once, in physical columns."""
    decoder = Decoder(
        schema_of(topic),
        generation.schema_ids[topic],
        generation.registry.writer_schema,
        allow_tombstones=topic.compacted,
    )
    partitions = generation.partitions if topic.per_student else topics.REFERENCE_PARTITIONS
    name = topic.full_name(generation.name)
    places = [TopicPartition(name, partition) for partition in range(partitions)]

    async def read() -> pl.DataFrame:
        async with SliceReader(generation.client) as reader:
            ends = await reader.assign_from_start(places)
            frames = [decoder.decode(piece).rows.values async for _, piece in reader.read_to(ends)]
        return pl.concat(frames) if frames else pl.DataFrame(schema=decoder.types)

    return asyncio.run(read())


def read_people(context: Context, generation: Generation) -> KnownPeople:
    """Who is who now."""
    known, erased = _identities(generation)
    return KnownPeople(context.site_key, known, erased)


def read_registrar(context: Context, generation: Generation, draw: Draw) -> Registrar:
    """Who is who, for the one who may change it."""
    known, erased = _identities(generation)
    return Registrar(context.site_key, known, erased, draw)


def read_entries(generation: Generation) -> list[Entry]:
    """Everything in quarantine, as often as it was put there."""
    frame = read_all(generation, topics.QUARANTINE)
    return [Entry(**row) for row in frame.iter_rows(named=True)]


def read_settled(generation: Generation) -> Mapping[str, str]:
    """What became of entries."""
    frame = read_all(generation, topics.QUARANTINE_SETTLED)
    return {
        entry: _OUTCOMES[outcome] for entry, outcome in frame.select("entry", "outcome").iter_rows()
    }


def _identities(generation: Generation) -> tuple[dict[bytes, int], set[bytes]]:
    known = read_all(generation, topics.IDENTITY).select("identity", "student")
    erased = read_all(generation, topics.ERASED)["identity"]
    return dict(known.iter_rows()), set(erased.to_list())
