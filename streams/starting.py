"""From where the activity of a partition is read again when it is taken over."""

from collections.abc import Mapping
from typing import Final

from broker.offsets import Offsets
from broker.offsets import Partition as TopicAndPartition
from schemas.types import Clock, Day, Kind
from scoring.items import NAMED_BY
from streams.campus import CampusDays
from streams.horizon import Horizon

SEEK_TOLERANCE_MS: Final = 3_600_000  # brokers' clocks may differ by less than this


def starts(
    offsets: Offsets,
    wanted: Mapping[TopicAndPartition, Kind],
    current: Day,
    *,
    clock: Clock,
    campus: CampusDays,
    horizon: Horizon,
) -> dict[TopicAndPartition, int]:
    """Where the window starts in the log of each of `wanted`, given whose kind it is.

    `current`: the day that is closed last, or is in progress where none is closed.

    In a replay all of the log was appended within minutes, whatever its days: it is read from its
    beginning, and what lies before the window is passed over. Live, append time leads to the
    window: an event cannot have been appended before it happened. What names an item may lie
    further back, since items are met early and put off.
    """
    earliest = dict(offsets.earliest(wanted))
    if clock is Clock.REPLAY:
        return earliest
    further = {kind: horizon.early + horizon.extension_of(kind) for kind in NAMED_BY}
    by_day: dict[Day, list[TopicAndPartition]] = {}
    for place, kind in wanted.items():
        oldest = Day(current - horizon.behind - max(further.get(kind, 0), horizon.ahead))
        by_day.setdefault(oldest, []).append(place)
    found: dict[TopicAndPartition, int] = {}
    for oldest, places in by_day.items():
        found |= offsets.at_time(places, campus.start_ms(oldest) - SEEK_TOLERANCE_MS)
    latest = offsets.latest([place for place, offset in found.items() if offset < 0])
    return {p: latest[p] if found[p] < 0 else max(found[p], earliest[p]) for p in wanted}
