"""From records to loads without Kafka: slices made by hand, decoded and gathered as in a sink."""

import asyncio
from collections.abc import Iterable, Sequence

from aiokafka.structs import TopicPartition

from broker.decoder import Decoder
from schemas.avro import schema_of
from schemas.topics import Topic
from schemas.wire import Record
from sinks.batch import Batch, Load
from sinks.loader import Loader
from sinks.tables import ROUTES
from tests.broker import batches
from tests.sinks.rows import SCHEMA_ID, key_of, value_of

Written = tuple[bytes, bytes | None]
"""Key and value; a value of None is a tombstone."""


def written(topic: Topic, records: Iterable[Record]) -> list[Written]:
    return [(key_of(topic, record), value_of(topic, record)) for record in records]


def add(batch: Batch, topic: Topic, records: Sequence[Written], *, base: int = 0) -> None:
    """The next slice of the topic's partition 0."""
    framed = [batches.Record(key, value) for key, value in records]
    piece = batches.slice_of(batches.batch(framed, base=base))
    allowed = ROUTES[topic].table.key is not None
    decoder = Decoder(schema_of(topic), SCHEMA_ID, lambda _: None, allow_tombstones=allowed)
    batch.add(topic, TopicPartition(topic.name, 0), piece, decoder.decode(piece))


def loads_of(topic: Topic, *slices: Sequence[Written]) -> Sequence[Load]:
    """What one batch of these slices comes to."""
    batch, base = Batch(), 0
    for records in slices:
        add(batch, topic, records, base=base)
        base += len(records)
    return batch.loads()


def load(loader: Loader, *parts: Sequence[Load]) -> None:
    """Load one after the other, to the end."""

    async def all_of_them() -> None:
        for loads in parts:
            await loader.load(loads)

    asyncio.run(all_of_them())
