"""What is expected of a student: coursework due, a timetabled session."""

from dataclasses import dataclass
from typing import Final

from schemas.types import Clock, Day, Kind

NAMED_BY: Final = {Kind.TAP_IN: "session", Kind.FASER_UPLOAD: "assignment"}
"""The field by which activity of a kind names the item that it meets; of other kinds none does."""
EARLY_DAYS: Final = {Clock.WALL: 28, Clock.REPLAY: 366}
"""How long before the day that was set first an item may be met. Live, the log has to reach back as
far; that of a replay is read from its beginning."""

EXTENDABLE: Final = frozenset({Kind.FASER_UPLOAD})
"""Kinds whose items have a deadline, which a circumstance may put off. A session takes place when
it does: who is excused from it cannot go to it later."""
EXTENSION_LIMIT_DAYS: Final = 60
"""By how much a due date is put off at most. What was due so long before a window may lie in it
after all, so this is how much further back the log has to reach, live."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was expected, on its campus day, whenever it was met."""

    due: Day
    """The item's day, extensions included: in windows it counts on this day, and once."""
    met: Day | None = None
    """The campus day of the activity that met it, early, in time or late; None while none has."""
    extended_from: Day | None = None
    """The day on which it was due before a circumstance put it off; None where none did."""

    def is_met_by(self, seen: Day) -> bool:
        """Say whether it is met as far as can be seen on a day."""
        return self.met is not None and self.met <= seen
