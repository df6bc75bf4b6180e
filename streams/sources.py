"""The activity topics of a partition, all of them together."""

from collections.abc import Mapping, Sequence
from typing import Final

from schemas.types import Day
from streams.clocks import LogClock
from streams.source import Certainty, Ready, Source

_TOGETHER: Final = 50_000
"""Events that are enough for one go: what a go costs beside its events is lost in them by then."""


class Sources:
    """One `Source` a topic, by its name without the generation."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.by_topic: Mapping[str, Source] = {source.topic: source for source in sources}

    @property
    def positions(self) -> Mapping[str, int]:
        """By topic, the next offset to apply."""
        return {topic: source.position for topic, source in self.by_topic.items()}

    @property
    def are_caught_up(self) -> bool:
        """Whether each has reached its target; to be asked when nothing is ready."""
        return all(source.is_caught_up for source in self.by_topic.values())

    @property
    def remaining(self) -> int:
        """Offsets that have not arrived yet, of those up to the targets."""
        return sum(max(0, s.target - s.expected) for s in self.by_topic.values())

    def take(self, clock: LogClock, reach: Day, is_certain: Certainty) -> list[Ready]:
        """What may be applied together, topic by topic; apply it before asking for the next.

        Everything, or a good deal of it; nothing when nothing may be applied.
        """
        taken: list[Ready] = []
        number = 0
        for source in self.by_topic.values():
            if not source.held:
                continue  # as most, most of the time
            while number < _TOGETHER and (ready := source.take(clock, reach, is_certain)):
                taken.append(ready)
                number += len(ready.events)
        return taken
