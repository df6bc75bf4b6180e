"""Zigzag varints: one, or those at many places of the same bytes, read at once."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Bits = NDArray[np.bool_]

_LONGEST: Final = 5  # 35 bits: whatever counts, sizes and deltas of a batch can sensibly be
_LONGEST_ALONE: Final = 10  # 64 bits
_CONTINUES: Final = 0x80


def readable(data: bytes) -> NDArray[np.uint8]:
    """The bytes as `varints_at` wants them: behind them lies one that goes on and on."""
    return np.frombuffer(data + bytes([_CONTINUES]) * (_LONGEST + 1), np.uint8)


def varints_at(data: NDArray[np.uint8], at: Integers) -> tuple[Integers, Integers, Bits]:
    """The number at each place, where the next begins, and whether it was read: [n] each.

    What is longer than five bytes, or reaches beyond the data, is not. `data` is `readable`, and no
    place is negative.
    """
    at = np.minimum(at, len(data) - _LONGEST - 1)
    byte = data[at].astype(np.int64)
    value = byte & 0x7F
    behind = at + 1
    goes_on = byte >= _CONTINUES
    for place in range(1, _LONGEST):
        which = np.flatnonzero(goes_on)
        if not len(which):
            break
        byte = data[at[which] + place].astype(np.int64)
        value[which] |= (byte & 0x7F) << 7 * place
        behind[which] += 1
        goes_on[which] = byte >= _CONTINUES
    return (value >> 1) ^ -(value & 1), behind, ~goes_on


def varint_at(data: bytes | memoryview, at: int) -> tuple[int, int]:
    """The number at a place, and where the next begins.

    Raises IndexError where it reaches beyond the data, ValueError beyond ten bytes.
    """
    byte = data[at]
    if byte < _CONTINUES:
        return (byte >> 1) ^ -(byte & 1), at + 1
    zigzag = byte & 0x7F
    for place in range(1, _LONGEST_ALONE):
        byte = data[at + place]
        zigzag |= (byte & 0x7F) << 7 * place
        if byte < _CONTINUES:
            return (zigzag >> 1) ^ -(zigzag & 1), at + place + 1
    raise ValueError("a varint of more than ten bytes")
