"""What the worker asks of the world around it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from faust.types import TP


@dataclass(frozen=True, slots=True)
class Now:
    """The clocks."""

    milliseconds: Callable[[], int]  # of the wall, UTC
    seconds: Callable[[], float]  # monotonic


class Flow(Protocol):
    """The consumer that feeds a worker, and its place in the group.

    Used on the worker's event loop; only `holds_lease` may be asked from any thread.
    """

    async def read_from(self, offsets: Mapping[TP, int]) -> None:
        """Read each from its offset on; slices of the old place may still arrive.

        What is not assigned any more is passed over.
        """
        ...

    async def hold_back(self, tps: Collection[TP]) -> None:
        """Fetch no more from these, until `read_from` or a rebalance."""
        ...

    def holds_lease(self) -> bool:
        """Whether the group confirmed this member so lately that it cannot have been replaced."""
        ...

    def rejoin(self) -> None:
        """Have the group decide anew who owns what."""
        ...

    def log_end(self, tp: TP) -> int | None:
        """The offset behind the last committed record, as far as is known."""
        ...
