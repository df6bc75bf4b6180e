"""What the worker asks of the world around it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from faust.types import TP


@dataclass(frozen=True, slots=True)
class Now:
    """The clocks."""

    milliseconds: Callable[[], int]  # of the wall, UTC
    seconds: Callable[[], float]  # monotonic


class Flow(Protocol):
    """The consumer that feeds a worker; used on the worker's event loop."""

    def waiting(self) -> int:
        """Slices fetched and not yet handed over."""
        ...

    async def seek(self, tp: TP, offset: int) -> None:
        """Read this partition from here on; slices of the old place may still arrive."""
        ...

    def pause(self, tp: TP) -> None:
        """Stop fetching from it."""
        ...

    async def resume(self, tp: TP, offset: int) -> None:
        """Fetch from it again, from an offset on."""
        ...
