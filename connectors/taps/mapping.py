"""What a row of the card readers' CSV means: docs/connectors/taps.md."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from connectors.incremental import Activities, Due
from connectors.rows import Columns, Rows
from connectors.schemes import Scheme
from connectors.sieve import Sieve
from connectors.taps.rooms import Rooms
from connectors.taps.timetable import Timetable
from connectors.times import DateOrder
from connectors.values import coded, identifiers, shown, times, where_given
from connectors.zones import Zone
from schemas.columns import Column
from schemas.reasons import Reason
from schemas.types import Kind

NEEDED: Final = ("card", "reader", "time")


@dataclass(frozen=True, slots=True)
class TapMapping:
    """A tap names the room of its reader, and the session that it meets there."""

    feed: str
    zone: Zone
    columns: Columns
    order: DateOrder | None = None
    rooms: Rooms | None = None
    """None: rooms are not known, and so are sessions."""
    timetable: Timetable | None = None

    @property
    def kinds(self) -> Sequence[Kind]:
        """Taps."""
        return (Kind.TAP_IN,)

    def read(self, rows: Rows, sieve: Sieve) -> Sequence[Activities | Due]:
        """One tap a row."""
        cards = identifiers(sieve, "card")
        readers = identifiers(sieve, "reader")
        at = times(sieve, "time", self.zone, self.order)
        in_rooms = None if self.rooms is None else self.rooms.of(readers)
        if in_rooms is not None:
            sieve.reject(
                in_rooms == "",
                Reason.UNKNOWN_READER,
                lambda row: (
                    f"the reader {shown(readers[row])} is not in the table of readers: add it there"
                ),
            )
        row = np.flatnonzero(sieve.left)
        if not len(row):
            return []
        reader, occurred_at = coded(readers.gather(row)), at[row]
        fields: dict[str, Column] = {"reader": reader}
        if in_rooms is not None:
            room = in_rooms.gather(row)
            fields["room"] = coded(room)
            if self.timetable is not None:
                fields["session"] = where_given(self.timetable.met(room, occurred_at))
        person = coded(cards.gather(row))
        return [
            Activities(
                kind=Kind.TAP_IN,
                feed=self.feed,
                row=row,
                scheme=Scheme.CARD,
                person=person,
                occurred_at=occurred_at,
                recorded_at=occurred_at,
                source_key=("tap", reader),
                fields=fields,
            )
        ]
