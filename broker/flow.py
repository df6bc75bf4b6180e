"""What the Faust transport and the application that uses it ask of one another."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias

from faust.types import TP

Offsets: TypeAlias = Mapping[TP, int]


class SlicePositions(Protocol):
    """What the transport asks the application; all calls on the application's event loop."""

    def owned(self) -> Iterable[int]:
        """The partitions whose state is held, for a sticky assignment. Called from any thread."""
        ...

    def take_over(self, assigned: Sequence[TP]) -> Offsets:
        """This is assigned now; the offset from which each has to be read.

        What is left out is held back until the application reads it with `Consumer.read_from`.
        Called after each rebalance, and whenever else Faust likes; returns at once.
        """
        ...

    def committable(self) -> Offsets:
        """The offsets below which everything is accounted for."""
        ...

    def is_full(self) -> bool:
        """Whether fetching should wait."""
        ...


class SliceApp(Protocol):
    """A Faust application that can use this transport."""

    @property
    def positions(self) -> SlicePositions:
        """Its account of what is applied."""
        ...
