"""A batch's records, out of their frames one by one: for what the fast path does not take.

Field layout from the Kafka protocol guide, "Record". Each record begins with its length, so one
that is broken inside does not hide the next.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

_LONGEST_VARINT: Final = 10
_ATTRIBUTES_BYTES: Final = 1


class Frame(NamedTuple):
    """A record. `broken` says what is wrong with it; then `value` is all of it, and that is all."""

    offset_delta: int
    key: bytes | None
    value: bytes | None
    broken: str | None = None


class BrokenFraming(Exception):
    """What follows cannot be divided into records."""


def frames(payload: bytes, count: int) -> Iterator[Frame]:
    """The `count` records of an uncompressed batch; BrokenFraming where there are not as many."""
    at = 0
    for _ in range(count):
        try:
            length, begin = _varint(payload, at)
        except (IndexError, ValueError) as error:
            raise BrokenFraming(f"no record begins at byte {at}") from error
        at = begin + length
        if length < 0 or at > len(payload):
            raise BrokenFraming(f"a record of {length} bytes begins at byte {begin}")
        yield _frame(payload, begin, at)
    if at != len(payload):
        raise BrokenFraming(f"{len(payload) - at} bytes are left behind the last record")


def _frame(data: bytes, begin: int, end: int) -> Frame:
    at = begin + _ATTRIBUTES_BYTES
    try:
        _, at = _varint(data, at)  # the timestamp's delta
        delta, at = _varint(data, at)
        key, at = _sized(data, at)
        value, at = _sized(data, at)
        headers, at = _varint(data, at)
        while headers > 0 and at < end:
            _, at = _sized(data, at)
            _, at = _sized(data, at)
            headers -= 1
    except (IndexError, ValueError) as error:
        return Frame(0, None, data[begin:end], f"the record is cut short: {error}")
    if headers or at != end:
        return Frame(0, None, data[begin:end], "the record does not end where its length says")
    return Frame(delta, key, value)


def _sized(data: bytes, at: int) -> tuple[bytes | None, int]:
    length, at = _varint(data, at)
    if length < 0:
        return None, at
    end = at + length
    return data[at:end], end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A zigzag varint, and where the next begins."""
    byte = data[at]
    if byte < 0x80:
        return (byte >> 1) ^ -(byte & 1), at + 1
    zigzag = byte & 0x7F
    for place in range(1, _LONGEST_VARINT):
        byte = data[at + place]
        zigzag |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return (zigzag >> 1) ^ -(zigzag & 1), at + place + 1
    raise ValueError("a varint of more than ten bytes")
