"""Which campus day it is in a generation."""

from ops.clocks import now_ms
from ops.generation import Generation
from schemas import topics
from schemas.types import Clock, Day
from streams.campus import CampusDays


def day_in_progress(generation: Generation) -> Day | None:
    """By the wall, or in a replay the day behind the last closed one; None before the first."""
    if generation.clock is Clock.WALL:
        return CampusDays(generation.zone).day_of(now_ms())
    closed = generation.read(topics.DAY_CLOSED)
    return None if closed.is_empty() else Day(max(closed["day"].to_list()) + 1)
