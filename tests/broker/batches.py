"""Builds record batches by hand."""

from collections.abc import Sequence
from dataclasses import dataclass

import cramjam

from broker.batches import Batch
from broker.slices import Slice

CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}


@dataclass(frozen=True)
class Record:
    """A record as Kafka frames it."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[bytes, bytes | None], ...] = ()


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
        records=count,
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
