"""The topics that every worker reads whole: marks, gaps, policies, calendars. Outside the group."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Final

import numpy as np
import polars as pl
from aiokafka.structs import TopicPartition

from broker.clients import ClientConfig
from broker.decoder import Decoder
from broker.reader import SliceReader
from broker.slices import Slice
from schemas import topics
from schemas.topics import Topic
from schemas.types import Day, GapOrigin
from scoring.calendar import Calendar
from scoring.policy import parse_policy
from streams.calendars import CalendarVersion
from streams.gaps import Gap
from streams.marks import Position
from streams.servable import check
from streams.surroundings import Surroundings

REFERENCE: Final = (topics.FEED_MARK, topics.FEED_GAP, topics.POLICY, topics.CALENDAR)
_ORIGINS: Final = tuple(GapOrigin)


def calendars_in(frame: pl.DataFrame) -> Iterator[CalendarVersion]:
    """The calendars in records of their topic."""
    for one in frame.iter_rows(named=True):
        yield CalendarVersion(
            version=one["version"],
            valid_from=Day(one["valid_from"]),
            first=Day(one["first"]),
            percent=np.array([day["percent"] for day in one["days"]], np.int64),
            others=Calendar(
                unnamed_percent=one["unnamed_percent"],
                weekday_percent=tuple(day["percent"] for day in one["weekdays"]),
            ),
        )


class Reference:
    """Keeps marks, gaps, policies and calendars up to date.

    1. `open`: read everything there is; partitions may be prepared after that.
    2. `follow`: read on, and call `changed` after each addition, until cancelled.
    """

    def __init__(
        self,
        client: ClientConfig,
        generation: str,
        decoders: Mapping[Topic, Decoder],
        around: Surroundings,
    ) -> None:
        self._reader = SliceReader(client)
        self._topics = {topic.full_name(generation): topic for topic in REFERENCE}
        self._decoders = decoders
        self._around = around
        self._stack = AsyncExitStack()

    async def open(self) -> None:
        """Read everything there is."""
        await self._stack.enter_async_context(self._reader)
        partitions = [TopicPartition(name, 0) for name in self._topics]
        ends = await self._reader.assign_from_start(partitions)
        async for partition, piece in self._reader.read_to(ends):
            self._take(partition.topic, piece)

    async def follow(self, changed: Callable[[], None]) -> None:
        """Read on."""
        async for partition, piece in self._reader.read_on():
            self._take(partition.topic, piece)
            changed()

    async def close(self) -> None:
        """Stop reading."""
        await self._stack.aclose()

    def _take(self, name: str, piece: Slice) -> None:
        topic = self._topics[name]
        frame = self._decoders[topic].decode(piece).rows.values
        if topic is topics.POLICY:
            for version, document in frame.select("version", "document").iter_rows():
                policy = parse_policy(document, origin=f"policy version {version}")
                horizon = self._around.horizon
                check(policy, look_back=horizon.look_back, amendment=horizon.amendment)
                self._around.policies.add(policy)
        elif topic is topics.CALENDAR:
            for calendar in calendars_in(frame):
                self._around.calendars.add(calendar)
        elif topic is topics.FEED_GAP:
            self._take_gaps(frame)
        else:
            self._take_marks(frame)

    def _take_gaps(self, frame: pl.DataFrame) -> None:
        columns = ("feed", "day", "origin", "declared_on", "withdrawn_on")
        for feed, day, origin, declared_on, withdrawn_on in frame.select(columns).iter_rows():
            withdrawn = None if withdrawn_on is None else Day(withdrawn_on)
            gap = Gap(feed, Day(day), _ORIGINS[origin], Day(declared_on), withdrawn)
            self._around.gaps.add(gap)

    def _take_marks(self, frame: pl.DataFrame) -> None:
        marks, clock = self._around.marks, self._around.clock
        columns = ("feed", "day", "marked_at", "positions")
        for feed, day, marked_at, positions in frame.select(columns).iter_rows():
            marks.add(
                feed,
                Day(day),
                [Position(p["topic"], p["partition"], p["offset"]) for p in positions],
                marked_on=clock.marked_on(Day(day), marked_at),
            )
