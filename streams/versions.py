"""What is published in versions that are never edited: of a day, the latest begun by then holds."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day


class Version(Protocol):
    """One of them."""

    @property
    def version(self) -> int:
        """Its number, by which it is known."""


V = TypeVar("V", bound=Version)


class Versions(Generic[V]):
    """All versions read so far. Of two that begin on one day the higher number holds."""

    def __init__(self, start_of: Callable[[V], Day]) -> None:
        """`start_of`: the first day for which a version was made."""
        self._start_of = start_of
        self._versions: dict[int, V] = {}

    def add(self, one: V) -> bool:
        """Take in a version; returns whether it is new. A version is never edited in place."""
        if one.version in self._versions:
            return False
        self._versions[one.version] = one
        return True

    @property
    def versions(self) -> frozenset[int]:
        """The versions known."""
        return frozenset(self._versions)

    def start_of(self, version: int) -> Day:
        """The first day for which a version was made."""
        return self._start_of(self._versions[version])

    def starts(self) -> Sequence[Day]:
        """The days on which a version begins to hold, ascending."""
        return sorted(set(map(self._start_of, self._versions.values())))

    def latest(self, day: int) -> V | None:
        """The version that holds on a day; None before the first."""
        begun = [one for one in self._versions.values() if self._start_of(one) <= day]
        return max(begun, key=lambda one: (self._start_of(one), one.version), default=None)

    def runs(self, first: Day, last: Day) -> list[tuple[V | None, NDArray[np.int64]]]:
        """The days from `first` to `last`, cut where another version begins to hold."""
        edges = [first, *(start for start in self.starts() if first < start <= last), last + 1]
        return [
            (self.latest(start), np.arange(start, end))
            for start, end in pairwise(edges)
            if start < end
        ]
