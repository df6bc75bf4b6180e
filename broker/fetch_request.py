"""Kafka's fetch request and its response, version 11, packed and read with `struct`.

A worker asks for some 260 partitions ten times a second and more, most of which have nothing.
aiokafka walks a schema for each of their fields, in both directions: 8 ms a fetch, of which this
takes 1 (M). Layout from the Kafka protocol guide, "Fetch API (Key: 1)". Brokers that do not have
this version get aiokafka's own requests.
"""

import struct
from functools import cache
from io import BytesIO
from itertools import chain
from typing import Final, Self, TypeAlias

from aiokafka.protocol.fetch import (
    FetchRequest,
    FetchRequest_v11,
    FetchRequestStruct,
    FetchResponse_v11,
)

_HEAD: Final = struct.Struct(">iiiibii")  # replica, wait, least, most, isolation, session, epoch
_COUNT: Final = struct.Struct(">i")
_SIZE: Final = struct.Struct(">h")
_ANSWER: Final = struct.Struct(">ihi")  # throttle time, error, session
_PARTITION: Final = struct.Struct(">ihqqqi")  # up to the number of aborted transactions
_ABORTED: Final = struct.Struct(">qq")
_RECORDS: Final = struct.Struct(">ii")  # preferred replica, bytes of records
_NOBODY: Final = -1  # replica, leader epoch, start of the log: a consumer says none of these
_NO_SESSION: Final = (0, -1)

Aborted: TypeAlias = tuple[int, int]
Answered: TypeAlias = tuple[int, int, int, int, int, list[Aborted] | None, int, bytes]


class PackedFetchResponse(FetchResponse_v11):
    """The same fields as its base class has, read faster."""

    @classmethod
    def decode(cls, data: BytesIO | bytes) -> Self:
        """Read a response from where its header ends."""
        buffer = memoryview(data) if isinstance(data, bytes) else data.getbuffer()[data.tell() :]
        throttle_ms, error, session = _ANSWER.unpack_from(buffer)
        at = _ANSWER.size
        topics: list[tuple[str, list[Answered]]] = []
        (number,) = _COUNT.unpack_from(buffer, at)
        at += _COUNT.size
        for _ in range(number):
            (size,) = _SIZE.unpack_from(buffer, at)
            at += _SIZE.size
            name = str(buffer[at : at + size], "utf-8")
            (partitions,) = _COUNT.unpack_from(buffer, at + size)
            at += size + _COUNT.size
            answered: list[Answered] = []
            for _ in range(partitions):
                one, at = _partition(buffer, at)
                answered.append(one)
            topics.append((name, answered))
        return cls(throttle_ms, error, session, topics)


def _partition(buffer: memoryview, at: int) -> tuple[Answered, int]:
    """One partition's answer, and where the next one begins."""
    *numbers, transactions = _PARTITION.unpack_from(buffer, at)
    at += _PARTITION.size
    aborted: list[Aborted] | None = None
    if transactions >= 0:
        end = at + transactions * _ABORTED.size
        aborted = list(_ABORTED.iter_unpack(buffer[at:end]))
        at = end
    replica, size = _RECORDS.unpack_from(buffer, at)
    at += _RECORDS.size
    end = at + max(0, size)
    # Copied: a slice that waits must not hold the records of all the others.
    return (*numbers, aborted, replica, bytes(buffer[at:end])), end


class PackedFetch(FetchRequest_v11):
    """The same bytes as its base class encodes."""

    RESPONSE_TYPE = PackedFetchResponse

    def encode(self) -> bytes:
        """Without header."""
        parts = [
            _HEAD.pack(
                self.replica_id,
                self.max_wait_time,
                self.min_bytes,
                self.max_bytes,
                self.isolation_level,
                self.session_id,
                self.session_epoch,
            ),
            _COUNT.pack(len(self.topics)),
        ]
        for name, partitions in self.topics:
            parts += (_text(name), _COUNT.pack(len(partitions)))
            parts.append(_places(len(partitions)).pack(*chain.from_iterable(partitions)))
        parts += (_COUNT.pack(0), _text(self.rack_id))  # no partition is forgotten without session
        return b"".join(parts)


class PackedFetchRequest(FetchRequest):
    """aiokafka's request, which is packed where the broker has version 11."""

    def build(self, request_struct_class: type[FetchRequestStruct]) -> FetchRequestStruct:
        """Build what goes over the wire."""
        if request_struct_class is not FetchRequest_v11:
            return super().build(request_struct_class)
        return PackedFetch(
            _NOBODY,
            self._max_wait_ms,
            self._min_bytes,
            self._max_bytes,
            self._isolation_level,
            *_NO_SESSION,
            [
                (name, [(place, _NOBODY, offset, _NOBODY, most) for place, offset, most in places])
                for name, places in self._topics
            ],
            [],
            self._rack_id,
        )


@cache
def _places(number: int) -> struct.Struct:
    return struct.Struct(">" + "iiqqi" * number)


@cache
def _text(text: str) -> bytes:
    data = text.encode()
    return _SIZE.pack(len(data)) + data
