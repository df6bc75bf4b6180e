"""Record batches as they lie in a fetch response: Kafka's message format 2.

Field layout from the Kafka protocol guide, "Record Batch". Only the header is read here; the
records stay compressed until `broker.blocks` or `broker.records` want them.
"""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from aiokafka.record._crecords.cutil import crc32c_cython as crc32c

from schemas.errors import LeapError

HEADER: Final = struct.Struct(">qiibIhiqqqhii")
_OFFSET: Final = struct.Struct(">q")
_LENGTH: Final = struct.Struct(">i")
_LENGTH_AT: Final = 8
_COUNTED_FROM: Final = 12  # batchLength counts the bytes behind itself
_CRC_FROM: Final = 21  # the checksum covers everything behind itself
_CODEC_MASK: Final = 0x07
_TRANSACTIONAL: Final = 0x10
_CONTROL: Final = 0x20
_FORMAT: Final = 2
_AGAIN: Final = "it is fetched again, and if it stays so the partition's replica is damaged"


class CorruptBatch(LeapError):
    """A batch's checksum, size or format is wrong: the log or the network damaged it."""


class Batch(NamedTuple):
    """One record batch. `max_timestamp` is the append time where the topic is LogAppendTime.

    A tuple: thousands come each second, and a frozen dataclass takes twice as long to make (M).
    """

    base_offset: int
    next_offset: int
    records: int
    codec: int
    is_control: bool
    is_transactional: bool
    producer_id: int
    max_timestamp: int  # milliseconds UTC
    payload: memoryview  # the records, still compressed

    @property
    def is_abort_marker(self) -> bool:
        """Whether this control batch ends an aborted transaction.

        Its one record's key is version and type, 2 bytes each; type 0 is abort. Before the key
        lie one-byte varints: length, attributes, timestamp and offset delta, key length. Compaction
        may have taken the record away, with everything that it ended.
        """
        return (
            self.is_control
            and self.records > 0
            and struct.unpack_from(">hh", self.payload, 5)[1] == 0
        )


def read_batches(data: memoryview, *, origin: str) -> Iterator[Batch]:
    """Each whole batch in a fetch response; one that the fetch size cut short is left out.

    `origin` names topic and partition for the error. Raises `CorruptBatch`, also where the first
    batch is not whole: a broker sends it whole, however large it is (KIP-74), or nothing at all.
    """
    at = 0
    while at + HEADER.size <= len(data):
        end = at + _COUNTED_FROM + _LENGTH.unpack_from(data, at + _LENGTH_AT)[0]
        if end > len(data) and at > 0:
            return
        if not at + HEADER.size <= end <= len(data):
            (base,) = _OFFSET.unpack_from(data, at)
            raise CorruptBatch(
                f"{origin}: the batch at offset {base} says that it has {end - at} bytes, of"
                f" {len(data) - at} that the broker sent; {_AGAIN}"
            )
        yield _read(data[at:end], origin)
        at = end


def _read(data: memoryview, origin: str) -> Batch:
    (base, _, _, magic, crc, attributes, last_delta, _, newest, producer, _, _, count) = (
        HEADER.unpack_from(data)
    )
    if magic != _FORMAT:
        raise CorruptBatch(
            f"{origin}: the batch at offset {base} has message format {magic}; this reads format 2,"
            " the only one Kafka 4 stores"
        )
    if crc32c(data[_CRC_FROM:]) != crc:
        raise CorruptBatch(
            f"{origin}: the batch at offset {base} does not match its checksum; {_AGAIN}"
        )
    return Batch(
        base_offset=base,
        next_offset=base + last_delta + 1,
        records=count,
        codec=attributes & _CODEC_MASK,
        is_control=bool(attributes & _CONTROL),
        is_transactional=bool(attributes & _TRANSACTIONAL),
        producer_id=producer,
        max_timestamp=newest,
        payload=data[HEADER.size :],
    )
