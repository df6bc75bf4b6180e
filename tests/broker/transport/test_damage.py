"""A log that is damaged on the broker's disk is never misread, and read whole once it is mended."""

from pathlib import Path

import pytest

from broker.batches import CorruptBatch
from tests.broker.transport.topic import Topic, numbers, value

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


def _write(segment: Path, content: bytes) -> None:
    with segment.open("r+b") as file:  # the broker has it open: the same file, in place
        file.write(content)
