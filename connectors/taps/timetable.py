"""Which timetabled session a tap meets: the one in its room that starts about then."""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

MEETS_WITHIN_MS: Final = 15 * 60_000
"""A tap meets a session from this long before its start to this long after."""


class Session(NamedTuple):
    """A session in a room; `start` in UTC milliseconds."""

    session: str
    room: str
    start: int


class Timetable:
    """The sessions of each room, by their starts."""

    def __init__(self, sessions: Iterable[Session]) -> None:
        first: dict[tuple[str, int], str] = {}
        for one in sorted(sessions, key=lambda one: (one.room, one.start, one.session)):
            first.setdefault((one.room, one.start), one.session)
        self._by_room: dict[str, tuple[NDArray[np.int64], list[str]]] = {}
        for room in {room for room, _ in first}:
            of_room = {start: name for (where, start), name in first.items() if where == room}
            self._by_room[room] = np.array(list(of_room), np.int64), list(of_room.values())

    def met(self, rooms: pl.Series, at: NDArray[np.int64]) -> pl.Series:
        """The session that each tap meets; "" where there is none.

        The session whose start is nearest; of two that are equally near, the one that starts
        later: people come to what begins, not to what has begun. Of two that start together, the
        first by name.
        """
        met = np.full(len(at), "", object)
        names = rooms.to_numpy()
        for room in rooms.unique().to_list():
            starts, sessions = self._by_room.get(room, (np.empty(0, np.int64), []))
            rows = np.flatnonzero(names == room)
            if not sessions:
                continue
            moments = at[rows]
            later = np.searchsorted(starts, moments)
            earlier = np.maximum(later - 1, 0)
            later = np.minimum(later, len(starts) - 1)
            is_later = np.abs(starts[later] - moments) <= np.abs(moments - starts[earlier])
            nearest = np.where(is_later, later, earlier)
            is_met = np.abs(starts[nearest] - moments) <= MEETS_WITHIN_MS
            met[rows[is_met]] = np.array(sessions, object)[nearest[is_met]]
        return pl.Series(rooms.name, met.tolist(), dtype=pl.String)
