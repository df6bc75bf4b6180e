"""How many campus days a partition holds, and why."""

from dataclasses import dataclass
from typing import Final

from schemas.types import Clock, Kind
from scoring.items import EARLY_DAYS, EXTENDABLE, EXTENSION_LIMIT_DAYS

MARGIN_DAYS: Final = 7  # beyond what windows and amendments need, for clocks and slow readers
LIVE_AHEAD_DAYS: Final = 21  # how far closing may lag behind the wall before days are given up
REPLAY_AHEAD_DAYS: Final = 160  # how far a replay may read beyond the day in progress


@dataclass(frozen=True, slots=True)
class Horizon:
    """Lengths in campus days.

    Behind the day in progress lie `look_back + amendment + margin` days: enough to recompute every
    closing of the last `amendment` days. Before it lie `ahead` days that may be counted already,
    but are not looked at until their time comes. Items may have been put off by `extension` days,
    and what names an item is known for `early` days more.
    """

    look_back: int
    amendment: int
    ahead: int
    margin: int = MARGIN_DAYS
    early: int = EARLY_DAYS[Clock.WALL]
    extension: int = EXTENSION_LIMIT_DAYS

    @property
    def behind(self) -> int:
        """Days before the day in progress; what is older comes too late."""
        return self.look_back + self.amendment + self.margin

    @property
    def ring(self) -> int:
        """Days held in all: behind, the day in progress, ahead, and one for the tolerance."""
        return self.behind + 1 + self.ahead + 1

    def extension_of(self, kind: Kind) -> int:
        """Days by which items of a kind may have been put off, at most."""
        return self.extension if kind in EXTENDABLE else 0
