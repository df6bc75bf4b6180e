"""Values that lie here and there in the same bytes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Where each of them begins, and how many bytes it has, negative where there is none: [n]."""

    data: bytes
    begins: Integers
    sizes: Integers

    def __len__(self) -> int:
        return len(self.begins)

    def __getitem__(self, place: int) -> bytes:
        begin = int(self.begins[place])
        return self.data[begin : begin + int(self.sizes[place])]

    def __iter__(self) -> Iterator[bytes]:
        ends = (self.begins + self.sizes).tolist()
        return (self.data[a:b] for a, b in zip(self.begins.tolist(), ends, strict=True))

    def find(self, place: int) -> bytes | None:
        """One of them, which may not be there."""
        return None if self.sizes[place] < 0 else self[place]

    def of(self, places: Integers) -> "Spans":
        """Some of them."""
        return Spans(self.data, self.begins[places], self.sizes[places])

    def beginnings(self, size: int) -> Integers:
        """What each begins with, as a number; shorter values have numbers of their own."""
        data = np.frombuffer(self.data + bytes(size), np.uint8)
        found = np.minimum(self.sizes, size)
        for place in range(size):
            byte = data[self.begins + place].astype(np.int64)
            found = (found << 8) | np.where(place < self.sizes, byte, 0)
        return found


def joined(parts: Sequence[Spans]) -> Spans:
    """All of them, in this order, in bytes that lie one behind the other."""
    lengths = np.array([len(part.data) for part in parts], np.int64)
    shifts = np.repeat(np.cumsum(lengths) - lengths, [len(part) for part in parts])
    return Spans(
        b"".join(part.data for part in parts),
        np.concatenate([part.begins for part in parts]) + shifts,
        np.concatenate([part.sizes for part in parts]),
    )
