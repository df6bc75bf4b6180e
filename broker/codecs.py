"""Decompresses the records of a batch into a buffer of bounded size.

A producer's batch of a few kilobytes can hold hundreds of megabytes; the bound keeps one record
from taking the worker down. What exceeds it is quarantined as `too_large`.
"""

import struct
from collections.abc import Callable
from typing import Final, TypeAlias

import cramjam
import numpy as np

from schemas.errors import Undecodable
from schemas.reasons import Reason

DEFAULT_LIMIT_BYTES: Final = 64 << 20

DecompressInto: TypeAlias = Callable[[memoryview, memoryview], int]

_NONE, _GZIP, _SNAPPY, _LZ4, _ZSTD = range(5)
_FIRST_GUESS: Final = 4  # times the compressed size; grown until it fits or reaches the limit
_BUFFER_IS_FULL: Final = "failed to write whole buffer"  # cramjam has one error class for all
_LEAST_BYTES: Final = 4 << 10  # of a buffer; short batches come by the thousand
_JAVA_SNAPPY_MAGIC: Final = b"\x82SNAPPY\x00"
_JAVA_SNAPPY_HEADER_BYTES: Final = 16  # magic, version, lowest compatible version
_SHORT_BYTES: Final = 4 << 10
_FRAME_BEGINS: Final = struct.Struct("<IB")
_FRAME_MAGIC: Final = 0x184D2204
_WORD: Final = struct.Struct("<I")
_DESCRIBED_BYTES: Final = 7  # magic, flags, block size, checksum of these
_CONTENT_SIZE, _BLOCK_CHECKSUM, _CONTENT_CHECKSUM, _DICTIONARY = 0x08, 0x10, 0x04, 0x01
_STORED: Final = 1 << 31


def decompress(codec: int, payload: memoryview, limit: int = DEFAULT_LIMIT_BYTES) -> memoryview:
    """The records of a batch, uncompressed; at most `limit` bytes.

    Raises `Undecodable`: TOO_LARGE beyond the limit, UNDECODABLE for damaged data or a codec that
    Kafka does not define.
    """
    if codec == _NONE:
        return payload
    if codec == _SNAPPY:
        return _snappy(payload, limit)
    if codec == _LZ4 and len(payload) <= _SHORT_BYTES:
        records = _lz4_block(payload, limit)
        if records is not None:
            return records
    into = _INTO.get(codec)
    if into is None:
        raise Undecodable(Reason.UNDECODABLE, f"compression codec {codec} is not one of Kafka's")
    return _grown(into, payload, limit)


def _grown(into: DecompressInto, payload: memoryview, limit: int) -> memoryview:
    """Tries ever larger buffers: none of these formats says its size before it is read."""
    size = _first_size(payload, limit)
    while True:
        buffer = np.empty(size, np.uint8).data  # a bytearray would be zeroed first
        try:
            return buffer[: into(payload, buffer)]
        except cramjam.DecompressionError as error:
            if _BUFFER_IS_FULL not in str(error):
                raise Undecodable(
                    Reason.UNDECODABLE, f"the batch does not decompress: {error}"
                ) from error
            if size >= limit:
                raise Undecodable(
                    Reason.TOO_LARGE,
                    f"the batch of {len(payload)} bytes decompresses to more than {limit} bytes",
                ) from error
            size = min(limit, size * 4)


def _first_size(compressed: memoryview, limit: int) -> int:
    return min(limit, max(_LEAST_BYTES, len(compressed) * _FIRST_GUESS))


def _lz4_block(payload: memoryview, limit: int) -> memoryview | None:
    """The content of a frame of one block, as short batches are; None for whatever else it may be.

    A decoder of frames takes 10 to 30 us to set up, and one of a block less than 1 (M). Checksums
    are not looked at: the batch has one of its own. "LZ4 Frame Format Description", version 1.6.
    """
    if len(payload) < _DESCRIBED_BYTES + _WORD.size:
        return None
    magic, flags = _FRAME_BEGINS.unpack_from(payload)
    if magic != _FRAME_MAGIC or flags & _DICTIONARY:
        return None
    begin = _DESCRIBED_BYTES + (8 if flags & _CONTENT_SIZE else 0) + _WORD.size
    (said,) = _WORD.unpack_from(payload, begin - _WORD.size)
    end = begin + (said & ~_STORED)
    mark = end + (_WORD.size if flags & _BLOCK_CHECKSUM else 0)
    rest = _WORD.size + (_WORD.size if flags & _CONTENT_CHECKSUM else 0)
    if len(payload) != mark + rest or any(payload[mark : mark + _WORD.size]):
        return None
    block = payload[begin:end]
    if said & _STORED:
        return block if len(block) <= limit else None
    size = _first_size(block, limit)
    buffer = np.empty(size, np.uint8).data
    try:
        return buffer[: cramjam.lz4.decompress_block_into(block, buffer, output_len=size)]
    except cramjam.DecompressionError:  # not one, or it is longer: the decoder of frames knows
        return None


def _snappy(payload: memoryview, limit: int) -> memoryview:
    if bytes(payload[: len(_JAVA_SNAPPY_MAGIC)]) == _JAVA_SNAPPY_MAGIC:
        return _java_snappy(payload[_JAVA_SNAPPY_HEADER_BYTES:], limit)
    return _raw_snappy(payload, limit)


def _raw_snappy(payload: memoryview, limit: int) -> memoryview:
    try:
        size = cramjam.snappy.decompress_raw_len(payload)
        if size > limit:
            raise Undecodable(
                Reason.TOO_LARGE, f"the batch decompresses to {size} bytes, more than {limit}"
            )
        return memoryview(bytes(cramjam.snappy.decompress_raw(payload)))
    except cramjam.DecompressionError as error:
        raise Undecodable(Reason.UNDECODABLE, f"the batch does not decompress: {error}") from error


def _java_snappy(payload: memoryview, limit: int) -> memoryview:
    """Snappy as Java clients frame it: blocks, each behind its length in 4 bytes."""
    parts: list[memoryview] = []
    left = limit
    while len(payload) >= 4:
        length = struct.unpack_from(">i", payload)[0]
        if length < 0 or length > len(payload) - 4:
            break
        part = _raw_snappy(payload[4 : 4 + length], left)
        left -= len(part)
        parts.append(part)
        payload = payload[4 + length :]
    if len(payload):
        raise Undecodable(Reason.UNDECODABLE, "the batch's snappy blocks are cut short")
    return memoryview(b"".join(parts))


_INTO: Final[dict[int, DecompressInto]] = {
    _GZIP: cramjam.gzip.decompress_into,
    _LZ4: cramjam.lz4.decompress_into,
    _ZSTD: cramjam.zstd.decompress_into,
}
