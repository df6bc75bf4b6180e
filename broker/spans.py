"""Values that lie here and there in the same bytes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """Where each of them begins, and how many bytes it has: [n]."""

    data: bytes
    begins: Integers
    sizes: Integers

    def __len__(self) -> int:
        return len(self.begins)

    def __getitem__(self, place: int) -> bytes:
        begin = int(self.begins[place])
        return self.data[begin : begin + int(self.sizes[place])]

    def joined(self) -> bytes:
        """All of them, one behind the other."""
        before = np.cumsum(self.sizes) - self.sizes
        places = np.arange(int(self.sizes.sum())) + np.repeat(self.begins - before, self.sizes)
        joined: NDArray[np.uint8] = np.frombuffer(self.data, np.uint8)[places]
        return joined.tobytes()

    def beginnings(self, size: int) -> Integers:
        """What each begins with, as a number; shorter values have numbers of their own."""
        data = np.frombuffer(self.data + bytes(size), np.uint8).astype(np.int64)
        found = np.minimum(self.sizes, size)
        for place in range(size):
            found = (found << 8) | np.where(place < self.sizes, data[self.begins + place], 0)
        return found
