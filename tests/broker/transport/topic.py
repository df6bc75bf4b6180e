"""A topic of one partition on the real broker: written by anybody, read as slices."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import confluent_kafka
from aiokafka.structs import TopicPartition
from confluent_kafka import IsolationLevel, Producer
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec

from broker.clients import ClientConfig
from broker.decoder import Decoder
from broker.reader import SliceReader
from broker.slices import Slice
from schemas import wire
from schemas.avro import schema_of
from schemas.topics import DAY_CLOSED

SCHEMA_ID = 5
PATIENCE_S = 60.0


def value(number: int, size: int = 50) -> bytes:
    """A record whose number can be read back; about `size` bytes that do not compress well."""
    text = "".join(format(hash((number, part)) % 2**32, "08x") for part in range(size // 8))
    record: dict[str, object] = {
        "partition": number,
        "day": 1,
        "students": number,
        "closed_at": 0,
        "writer": text,
    }
    return wire.encode(DAY_CLOSED, SCHEMA_ID, record)


def numbers(slices: Iterable[Slice]) -> list[int]:
    """The numbers of `value`, in order of offset."""
    decoder = Decoder(schema_of(DAY_CLOSED), SCHEMA_ID, lambda _: None, allow_tombstones=True)
    found: list[int] = []
    for piece in slices:
        decoded = decoder.decode(piece)
        assert not decoded.rejected
        found += decoded.rows.values["partition"].to_list()
    return found


def are_chained(slices: Sequence[Slice]) -> bool:
    return all(before.next == after.start for before, after in pairwise(slices))


@dataclass(frozen=True)
class Topic:
    """What a test does with it."""

    client: ClientConfig
    name: str

    @classmethod
    def create(cls, client: ClientConfig, name: str, **config: str) -> "Topic":
        """With settings; their dots are underscores."""
        settings = {key.replace("_", "."): text for key, text in config.items()}
        admin = AdminClient(client.settings())
        admin.create_topics([NewTopic(name, 1, 1, config=settings)])[name].result(PATIENCE_S)
        return cls(client, name)

    def publish(
        self, values: Iterable[bytes | None], key: bytes = b"k", **settings: str | int
    ) -> None:
        producer = Producer(self.client.settings(linger_ms=20, **settings))
        for one in values:
            producer.produce(self.name, one, key, 0)
        assert producer.flush(PATIENCE_S) == 0

    def read(self, start: int | None = None) -> tuple[list[Slice], int]:
        """The slices from an offset on, and the end that was aimed at."""
        self._wait_until_decided()

        async def all_of_it() -> tuple[list[Slice], int]:
            partition = TopicPartition(self.name, 0)
            async with SliceReader(self.client) as reader:
                ends = await reader.assign_from_start([partition])
                if start is not None:
                    reader.seek(partition, start)
                return [piece async for _, piece in reader.read_to(ends)], ends[partition]

        return asyncio.run(asyncio.wait_for(all_of_it(), PATIENCE_S))

    def _wait_until_decided(self) -> None:
        """Until no transaction is open: its end is written a moment after its producer is told."""
        admin = AdminClient(self.client.settings())
        place = confluent_kafka.TopicPartition(self.name, 0)
        end = time.monotonic() + PATIENCE_S
        while True:
            committed, written = (
                admin.list_offsets({place: OffsetSpec.latest()}, isolation_level=level)[place]
                .result(PATIENCE_S)
                .offset
                for level in (IsolationLevel.READ_COMMITTED, IsolationLevel.READ_UNCOMMITTED)
            )
            if committed == written:
                return
            assert time.monotonic() < end, "a transaction stays open"

    def delete_before(self, offset: int) -> None:
        """As retention does."""
        admin = AdminClient(self.client.settings())
        place = confluent_kafka.TopicPartition(self.name, 0, offset)
        admin.delete_records([place])[place].result(PATIENCE_S)
