"""One activity topic of a partition: what waits, and how much of it may be applied now."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from broker.slices import Slice
from schemas.types import Day, Kind
from streams.clocks import LogClock
from streams.intake import Events


@dataclass(frozen=True, slots=True)
class Piece:
    """Events of a slice that are not applied yet; the slice still holds their bytes."""

    slice: Slice
    events: Events


@dataclass(frozen=True, slots=True)
class Ready:
    """Events of a topic that may be applied now, with the log day of each."""

    topic: str
    kind: Kind
    slice: Slice
    events: Events
    log_days: NDArray[np.int64]
    are_new: bool  # False: they were applied before, by this or a former owner


Certainty: TypeAlias = Callable[[Events, NDArray[np.int64]], NDArray[np.bool_]]
"""Of events and their log days: whether a later log day would change what becomes of each."""


@dataclass(slots=True)
class Source:
    """A topic of the partition. `topic` is without the generation."""

    topic: str
    partition: int
    kind: Kind
    position: int  # the next offset to apply
    target: int  # applied up to here, the partition is as its former owner may have left it
    committed: int  # below here nothing is new
    held: deque[Piece] = field(default_factory=deque)

    @property
    def expected(self) -> int:
        """Where the next slice has to start."""
        return self.held[-1].slice.next if self.held else self.position

    @property
    def held_events(self) -> int:
        """Events that wait."""
        return sum(len(piece.events) for piece in self.held)

    @property
    def is_caught_up(self) -> bool:
        """Whether everything up to the target is applied, but for what has to wait anyway.

        To be asked when nothing is ready: what is held then waits.
        """
        return bool(self.held) or self.position >= self.target

    def offer(self, piece: Piece) -> None:
        """The topic's next slice; slices have to chain."""
        if piece.slice.start != self.expected:
            raise ValueError(
                f"{self.topic}[{self.partition}]: the next slice starts at {piece.slice.start}"
                f" instead of {self.expected}"
            )
        self.held.append(piece)

    def take(self, clock: LogClock, reach: Day, is_certain: Certainty) -> Ready | None:
        """The next events that may be applied; None when there are none.

        `reach`: the last log day that may be read ahead.
        """
        while self.held:
            piece = self.held[0]
            events = piece.events
            log_days = clock.log_days(self.topic, self.partition, events)
            count = self._applicable(clock, events, log_days, reach, is_certain)
            old = int(np.searchsorted(events.offsets, self.committed))
            if old:
                count = min(count, old)
            if count == len(events):
                self.held.popleft()
                self.position = piece.slice.next
            elif count:
                self.held[0] = Piece(piece.slice, events[count:])
                self.position = int(events.offsets[count])
            if count:
                return Ready(
                    self.topic,
                    self.kind,
                    piece.slice,
                    events[:count],
                    log_days[:count],
                    are_new=not old,
                )
            if len(events):
                return None
        return None

    def _applicable(
        self,
        clock: LogClock,
        events: Events,
        log_days: NDArray[np.int64],
        reach: Day,
        is_certain: Certainty,
    ) -> int:
        """How many events from the front may be applied: those before the first of these.

        - one beyond reach: the ring could not hold it;
        - one whose log day is not certain yet, unless what becomes of it is.
        """
        waits = log_days > reach
        settled = clock.settled_below(self.topic, self.partition)
        if settled is not None and len(events) and events.offsets[-1] >= settled:
            open_ = events.offsets >= settled
            waits[open_] |= ~is_certain(events[open_], log_days[open_])
        found = np.flatnonzero(waits)
        return int(found[0]) if len(found) else len(events)
