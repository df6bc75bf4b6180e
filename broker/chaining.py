"""A slice has to begin where the one before it ended.

One that begins later is fetched again from there, unless the broker has deleted what lies between:
then it is passed over, with a warning.
"""

import asyncio

import structlog
from aiokafka.structs import TopicPartition

from broker.offsets import Offsets
from broker.slices import Slice
from schemas.errors import Unreachable

log = structlog.get_logger(__name__)


class Chaining:
    """Tells a slice that can be taken from one that has to be fetched again."""

    def __init__(self, offsets: Offsets) -> None:
        self._offsets = offsets

    async def may_take(self, place: TopicPartition, piece: Slice, expected: int) -> bool:
        """Whether nothing that the broker still has lies between `expected` and the slice."""
        if piece.start <= expected:
            return True
        name = (place.topic, place.partition)
        try:
            kept = (await asyncio.to_thread(self._offsets.earliest, [name]))[name]
        except Unreachable:
            return False
        if kept <= expected:
            return False
        log.warning(
            "records were deleted before they were read: the process was behind for longer than the"
            " topic's retention",
            topic=place.topic,
            partition=place.partition,
            offsets=f"{expected} to {piece.start - 1}",
        )
        return True
