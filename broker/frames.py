"""A batch's records, out of their frames: for what the fast path does not take.

Field layout from the Kafka protocol guide, "Record". Each record begins with its length, so one
that is broken inside does not hide the next. Where records begin is found one after the other; the
fields of all of them are then read side by side. What is unusual about a record, such as many
headers or a very long varint, is read by itself, to the same effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from broker.spans import Spans
from broker.varints import Integers, readable, varint_at, varints_at

_ATTRIBUTES_BYTES: Final = 1
_HEADERS: Final = 8  # side by side; a record of more is read by itself
_NONE: Final = -1
_FAR: Final = 1 << 62  # no batch spans as much; beyond it an array holds no number


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """The records of a batch, as far as they can be divided: arrays are [n]."""

    deltas: Integers  # of the offsets
    keys: Spans
    values: Spans
    broken: Mapping[int, str]
    """What is wrong with a record; then its value is all of it, and that is all."""
    ends: str | None
    """Why there are not as many as there should be, or more bytes than that."""

    def __len__(self) -> int:
        return len(self.deltas)


def divide(data: bytes, count: int) -> Frames:
    """The `count` records of an uncompressed batch."""
    begins, ends, problem = _records(data, count)
    bytes_ = readable(data)
    _, at, is_plain = varints_at(bytes_, begins + _ATTRIBUTES_BYTES)  # the timestamp's delta
    deltas, at, was_read = varints_at(bytes_, at)
    is_plain &= was_read
    key_bytes, keys, was_read = varints_at(bytes_, at)
    is_plain &= was_read
    value_bytes, values, was_read = varints_at(bytes_, keys + np.maximum(key_bytes, 0))
    is_plain &= was_read
    headers, at, was_read = varints_at(bytes_, values + np.maximum(value_bytes, 0))
    is_plain &= was_read
    for _ in range(_HEADERS):
        which = np.flatnonzero(is_plain & (headers > 0) & (at < ends))
        if not len(which):
            break
        for _ in ("key", "value"):
            size, begin, was_read = varints_at(bytes_, at[which])
            at[which] = begin + np.maximum(size, 0)
            is_plain[which] &= was_read
        headers[which] -= 1
    is_plain &= (headers == 0) & (at == ends)
    broken: dict[int, str] = {}
    for place in np.flatnonzero(~is_plain).tolist():
        first, last = int(begins[place]), int(ends[place])
        frame = _frame(data, first, last)
        if isinstance(frame, str):
            broken[place] = frame
            frame = _Frame(0, 0, _NONE, first, last - first)
        deltas[place], keys[place], key_bytes[place], values[place], value_bytes[place] = frame
    return Frames(
        deltas, Spans(data, keys, key_bytes), Spans(data, values, value_bytes), broken, problem
    )


def _records(data: bytes, count: int) -> tuple[Integers, Integers, str | None]:
    """Where the records begin, behind their length, and end; and what is wrong with that."""
    at = 0
    begins: list[int] = []
    ends: list[int] = []
    problem = None
    for _ in range(count):
        try:
            length, begin = varint_at(data, at)
        except (IndexError, ValueError):
            problem = f"no record begins at byte {at}"
            break
        if length < 0 or begin + length > len(data):
            problem = f"a record of {length} bytes begins at byte {begin}"
            break
        at = begin + length
        begins.append(begin)
        ends.append(at)
    else:
        if at != len(data):
            problem = f"{len(data) - at} bytes are left behind the last record"
    return np.array(begins, np.int64), np.array(ends, np.int64), problem


class _Frame(NamedTuple):
    delta: int
    key: int
    key_bytes: int
    value: int
    value_bytes: int


def _frame(data: bytes, begin: int, end: int) -> _Frame | str:
    """A record by itself, or what is wrong with it."""
    at = begin + _ATTRIBUTES_BYTES
    try:
        _, at = varint_at(data, at)  # the timestamp's delta
        delta, at = varint_at(data, at)
        key_bytes, key = varint_at(data, at)
        value_bytes, value = varint_at(data, key + max(key_bytes, 0))
        headers, at = varint_at(data, value + max(value_bytes, 0))
        while headers > 0 and at < end:
            for _ in ("key", "value"):
                size, at = varint_at(data, at)
                at += max(size, 0)
            headers -= 1
    except (IndexError, ValueError) as error:
        return f"the record is cut short: {error}"
    if headers or at != end:
        return "the record does not end where its length says"
    return _Frame(max(-_FAR, min(delta, _FAR)), key, key_bytes, value, value_bytes)
