"""A log that is damaged on the broker's disk is never misread, and read whole once it is mended."""

import asyncio
from pathlib import Path

import pytest
from aiokafka.structs import TopicPartition

from broker.batches import CorruptBatch
from broker.clients import ClientConfig
from broker.reader import SliceReader
from broker.slices import Slice
from tests.broker.transport.topic import PATIENCE_S, Topic, numbers, value

pytestmark = pytest.mark.stack


@pytest.mark.parametrize("codec", ["none", "lz4"])
def test_a_flipped_byte_is_found_by_the_checksum_and_nothing_is_lost(
    topic: Topic, stack_folder: Path, codec: str
) -> None:
    topic.publish([value(number) for number in range(200)], compression_type=codec)
    topic.publish([value(number) for number in range(200, 400)], compression_type=codec)
    (segment,) = (stack_folder / "kafka").rglob(f"{topic.name}-0/*.log")
    whole = segment.read_bytes()
    damaged = bytearray(whole)
    damaged[-10] ^= 0x01
    _write(segment, bytes(damaged))
    with pytest.raises(CorruptBatch, match=r"offset \d+ does not match its checksum"):
        topic.read()
    _write(segment, whole)
    assert numbers(topic.read()[0]) == list(range(400))


def test_nothing_that_comes_with_a_damaged_batch_is_lost(
    client: ClientConfig, topic: Topic, stack_folder: Path
) -> None:
    """Two topics, read by one consumer."""
    sound = Topic.create(client, f"{topic.name}-sound")
    for one in (topic, sound):
        one.publish([value(number) for number in range(100)])
    (segment,) = (stack_folder / "kafka").rglob(f"{topic.name}-0/*.log")
    damaged = bytearray(segment.read_bytes())
    damaged[-10] ^= 0x01
    _write(segment, bytes(damaged))
    slices, errors = asyncio.run(
        asyncio.wait_for(_read_to_the_end_of(sound, topic, client), PATIENCE_S)
    )
    assert numbers(slices) == list(range(100))
    assert errors
    assert all(f"{topic.name}[0]" in error for error in errors)


async def _read_to_the_end_of(
    sound: Topic, damaged: Topic, client: ClientConfig
) -> tuple[list[Slice], list[str]]:
    places = [TopicPartition(one.name, 0) for one in (sound, damaged)]
    found: list[Slice] = []
    errors: list[str] = []
    async with SliceReader(client) as reader:
        ends = await reader.assign_from_start(places)
        while not found or not errors or found[-1].next < ends[places[0]]:
            try:
                async for place, piece in reader.read_to(ends):
                    assert place.topic == sound.name
                    found.append(piece)
            except CorruptBatch as error:
                errors.append(str(error))
    return found, errors


def _write(segment: Path, content: bytes) -> None:
    with segment.open("r+b") as file:  # the broker has it open: the same file, in place
        file.write(content)
