"""What is expected of a student: coursework due, a timetabled session."""

from dataclasses import dataclass
from typing import Final

from schemas.types import Clock, Day, Kind

NAMED_BY: Final = {Kind.TAP_IN: "session", Kind.FASER_UPLOAD: "assignment"}
"""The field by which activity of a kind names the item that it meets; of other kinds none does."""
EARLY_DAYS: Final = {Clock.WALL: 28, Clock.REPLAY: 366}
"""How long before its day an item may be met. Live, the log has to reach back as far; that of a
replay is read from its beginning."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was expected, on its campus day, whenever it was met."""

    due: Day
    """The item's day, extensions included: in windows it counts on this day, and once."""
    met: Day | None = None
    """The campus day of the activity that met it, early, in time or late; None while none has."""

    def is_met_by(self, seen: Day) -> bool:
        """Say whether it is met as far as can be seen on a day."""
        return self.met is not None and self.met <= seen
