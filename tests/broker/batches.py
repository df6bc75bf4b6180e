"""Builds record batches by hand, and reads them by hand: independent of everything in broker/."""

from collections.abc import Sequence
from dataclasses import dataclass

import cramjam
import numpy as np

from broker.batches import Batch
from broker.slices import Slice

CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}


@dataclass(frozen=True)
class Record:
    """A record as Kafka frames it."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[bytes, bytes], ...] = ()


def varint(value: int) -> bytes:
    zigzag = (value << 1) ^ (value >> 63)
    out = bytearray()
    while zigzag > 0x7F:
        out.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    out.append(zigzag)
    return bytes(out)


def padded(value: int, size: int) -> bytes:
    """A varint that is longer than it has to be."""
    short = varint(value)
    if len(short) >= size:
        return short
    body = bytearray(short)
    body[-1] |= 0x80
    body += b"\x80" * (size - len(short) - 1) + b"\x00"
    return bytes(body)


def _sized(data: bytes | None) -> bytes:
    return varint(-1) if data is None else varint(len(data)) + data


def frame(record: Record, delta: int) -> bytes:
    headers = varint(len(record.headers)) + b"".join(
        _sized(name) + _sized(value) for name, value in record.headers
    )
    body = b"\x00" + varint(0) + varint(delta) + _sized(record.key) + _sized(record.value) + headers
    return varint(len(body)) + body


def compressed(payload: bytes, codec: str) -> bytes:
    match codec:
        case "none":
            return payload
        case "snappy":
            return bytes(cramjam.snappy.compress_raw(payload))
    return bytes(getattr(cramjam, codec).compress(payload))


def batch(
    records: Sequence[Record], *, base: int = 0, codec: str = "none", timestamp: int = 0
) -> Batch:
    payload = b"".join(frame(record, delta) for delta, record in enumerate(records))
    return batch_of(payload, len(records), base=base, codec=codec, timestamp=timestamp)


def batch_of(
    payload: bytes,
    count: int,
    *,
    base: int = 0,
    codec: str = "none",
    timestamp: int = 0,
    span: int | None = None,
) -> Batch:
    return Batch(
        base_offset=base,
        next_offset=base + (count if span is None else span),
        count=count,
        codec=CODECS[codec],
        is_control=False,
        is_transactional=False,
        producer_id=-1,
        max_timestamp=timestamp,
        payload=memoryview(compressed(payload, codec)),
    )


def slice_of(*batches: Batch, start: int | None = None) -> Slice:
    first = batches[0].base_offset if start is None else start
    return Slice(first, batches[-1].next_offset, batches)


@dataclass(frozen=True)
class Framed:
    """What a plain reader finds in a payload."""

    delta: int
    key: bytes | None
    value: bytes | None
    has_headers: bool


def read_frames(payload: bytes, count: int) -> list[Framed]:
    """Every record of a payload, byte by byte; ValueError when the framing does not hold."""
    reader = _Reader(payload)
    found = [reader.record() for _ in range(count)]
    if reader.at != len(payload):
        raise ValueError("bytes are left")
    return found


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def record(self) -> Framed:
        length = self.varint()
        end = self.at + length
        self.take(1)
        self.varint()
        delta = self.varint()
        key = self.sized()
        value = self.sized()
        headers = self.varint()
        if headers < 0:
            raise ValueError("negative headers")
        for _ in range(headers):
            self.sized()
            self.sized()
        if self.at != end:
            raise ValueError("length")
        return Framed(delta, key, value, headers > 0)

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return int(np.int64((value >> 1) ^ -(value & 1)))
            if shift > 63:
                raise ValueError("varint")

    def sized(self) -> bytes | None:
        length = self.varint()
        if length == -1:
            return None
        return self.take(length)

    def take(self, length: int) -> bytes:
        if length < 0 or self.at + length > len(self.data):
            raise ValueError("out of bounds")
        self.at += length
        return self.data[self.at - length : self.at]
