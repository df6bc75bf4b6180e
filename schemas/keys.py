"""Record keys and the partition they lead to.

A per-student key begins with the student as 8 bytes, big-endian. The partition is Kafka's murmur2
of those 8 bytes alone, also where compaction needs a longer key; every writer passes it explicitly.
"""

import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day, StudentId

_STUDENT: Final = struct.Struct(">Q")
_STUDENT_DAY: Final = struct.Struct(">Qi")
_DAY: Final = struct.Struct(">i")

_MULTIPLIER: Final = 0x5BD1E995
_SEED_OF_8_BYTES: Final = 0x9747B28C ^ 8


def student_key(student: StudentId) -> bytes:
    """The key of a student's record."""
    return _STUDENT.pack(student)


def student_day_key(student: StudentId, day: Day) -> bytes:
    """The key of a student's record of one campus day."""
    return _STUDENT_DAY.pack(student, day)


def student_item_key(student: StudentId, item: str) -> bytes:
    """The key of something expected of a student."""
    return _named(student, item)


def student_circumstance_key(student: StudentId, circumstance: str) -> bytes:
    """The key of a period that a student is excused from."""
    return _named(student, circumstance)


def student_alert_key(student: StudentId, alert: str) -> bytes:
    """The key of an alert about a student: `alert` names its rule and the day of its raising."""
    return _named(student, alert)


def student_and_name(key: bytes) -> tuple[StudentId, str]:
    """What such a key was made of; bytes that are no text are replaced."""
    size = _STUDENT.size
    return StudentId(int.from_bytes(key[:size])), key[size:].decode(errors="replace")


def _named(student: StudentId, name: str) -> bytes:
    return _STUDENT.pack(student) + name.encode()


def feed_day_key(feed: str, day: Day) -> bytes:
    """The key of a feed's mark."""
    return feed.encode() + b"\0" + _DAY.pack(day)


def number_key(number: int) -> bytes:
    """The key of a record that is named by a small number: a policy's version, a partition."""
    return _DAY.pack(number)


def student_keys(students: NDArray[np.int64]) -> list[bytes]:
    """`student_key` of each."""
    return _cut(students.astype(">u8").tobytes(), 8)


def student_day_keys(students: NDArray[np.int64], days: NDArray[np.int64]) -> list[bytes]:
    """`student_day_key` of each pair."""
    pairs = np.empty(len(students), dtype=[("student", ">u8"), ("day", ">i4")])
    pairs["student"] = students
    pairs["day"] = days
    return _cut(pairs.tobytes(), 12)


def partition_of(student: StudentId, partitions: int) -> int:
    """The partition of a student's records."""
    return int(partitions_of(np.array([student], np.int64), partitions)[0])


def partitions_of(students: NDArray[np.int64], partitions: int) -> NDArray[np.int64]:
    """Kafka's default partitioner over `student_key`: murmur2, positive, modulo `partitions`.

    The constants and the mixing are those of org.apache.kafka.common.utils.Utils.murmur2; a test
    compares it with aiokafka's.
    """
    halves = students.astype(">u8").view("<u4").reshape(-1, 2).astype(np.uint64)
    h = np.full(len(students), _SEED_OF_8_BYTES, np.uint64)
    m, mask = np.uint64(_MULTIPLIER), np.uint64(0xFFFFFFFF)
    for column in (0, 1):
        k = halves[:, column] * m & mask
        k = (k ^ (k >> np.uint64(24))) * m & mask
        h = (h * m & mask) ^ k
    h = (h ^ (h >> np.uint64(13))) * m & mask
    h ^= h >> np.uint64(15)
    return (h & np.uint64(0x7FFFFFFF)).astype(np.int64) % partitions


def _cut(joined: bytes, size: int) -> list[bytes]:
    return [joined[at : at + size] for at in range(0, len(joined), size)]
