"""Steps 1 to 3 of a partition's life, for all partitions that are new to this process at once.

1. Fence: the partition's producer takes over, nothing of a former owner can follow.
2. Memory: what was published is read to its end (`streams.recall`).
3. Plan the replay: from where the activity topics are read, and up to where before the partition
   is as its former owner may have left it.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from aiokafka.errors import KafkaError

from broker.clients import ClientConfig, unreachable
from broker.decoder import Decoder
from broker.offsets import Offsets
from broker.offsets import Partition as TopicAndPartition
from broker.transactions import TransactionalWriter
from schemas.topics import ACTIVITY, Topic
from schemas.types import Clock, Day
from scoring.items import NAMED_BY
from streams.campus import CampusDays
from streams.memory import Memory
from streams.owned import Owned
from streams.partition import Partition
from streams.recall import recall
from streams.source import Source
from streams.surroundings import Surroundings

SEEK_TOLERANCE_MS: Final = 3_600_000  # brokers' clocks may differ by less than this


@dataclass(frozen=True, slots=True)
class Preparation:
    """Prepares partitions; everything it needs is passed in."""

    client: ClientConfig
    generation: str
    group: str
    clock: Clock
    campus: CampusDays
    around: Surroundings
    decoders: dict[Topic, Decoder]
    offsets: Offsets
    new_writer: Callable[[int], TransactionalWriter]
    new_ownership: Callable[[int], str]
    executor: Executor

    async def prepare(
        self,
        partitions: Sequence[int],
        today: Day,
        *,
        is_wanted: Callable[[int], bool],
        note: Callable[[], None],
    ) -> dict[int, Owned]:
        """Fenced partitions with their memory, ready to be read from `Owned.expected`.

        `is_wanted` is asked, from any thread, last thing before a partition is fenced: a fence
        that comes too late would hit its next owner. `note` is called at each step forward.
        Raises Unreachable when Kafka does not answer for long, and Fenced when somebody else was
        quicker.
        """
        try:
            return await self._prepare(partitions, today, is_wanted, note)
        except KafkaError as error:
            raise unreachable(self.client, "take over partitions") from error

    async def _prepare(
        self,
        partitions: Sequence[int],
        today: Day,
        is_wanted: Callable[[int], bool],
        note: Callable[[], None],
    ) -> dict[int, Owned]:
        run = asyncio.get_running_loop().run_in_executor
        writers = {partition: self.new_writer(partition) for partition in partitions}
        fenced = await asyncio.gather(
            *(run(self.executor, _fence, p, w, is_wanted) for p, w in writers.items())
        )
        partitions = [p for p, is_fenced in zip(partitions, fenced, strict=True) if is_fenced]
        if not partitions:
            return {}
        note()
        memories, records_behind = await recall(
            self.client,
            self.generation,
            self.decoders,
            partitions,
            executor=self.executor,
            note=note,
        )
        plan = await run(self.executor, self._plan, partitions, memories, today)
        return {
            partition: Owned(
                partition=Partition(partition, self.around, memories[partition], plan[partition]),
                writer=writers[partition],
                ownership=self.new_ownership(partition),
                records_positions=records_behind[partition],
            )
            for partition in partitions
        }

    def _plan(
        self, partitions: Sequence[int], memories: dict[int, Memory], today: Day
    ) -> dict[int, list[Source]]:
        names = {topic.full_name(self.generation): kind for kind, topic in ACTIVITY.items()}
        wanted = [(name, partition) for partition in partitions for name in names]
        first = self._starts(wanted, memories, today)
        last = self.offsets.latest(wanted)
        committed = self.offsets.committed(self.group, wanted)
        return {
            partition: [
                Source(
                    topic=ACTIVITY[kind].name,
                    partition=partition,
                    kind=kind,
                    position=first[name, partition],
                    target=last[name, partition],
                    committed=committed[name, partition],
                )
                for name, kind in names.items()
            ]
            for partition in partitions
        }

    def _starts(
        self, wanted: Sequence[TopicAndPartition], memories: dict[int, Memory], today: Day
    ) -> dict[TopicAndPartition, int]:
        """Where the window starts in the log.

        In a replay all of the log was appended within minutes, whatever its days: it is read from
        its beginning, and what lies before the window is passed over. Live, append time leads to
        the window: an event cannot have been appended before it happened.
        """
        earliest = dict(self.offsets.earliest(wanted))
        if self.clock is Clock.REPLAY:
            return earliest
        closed = min((m.closed for m in memories.values() if m.closed is not None), default=today)
        horizon = self.around.horizon
        further = {
            ACTIVITY[kind].full_name(self.generation): horizon.early + horizon.extension_of(kind)
            for kind in NAMED_BY
        }
        found: dict[TopicAndPartition, int] = {}
        for days in {0, *further.values()}:
            oldest = Day(min(closed, today) - horizon.behind - max(days, horizon.ahead))
            since = self.campus.start_ms(oldest) - SEEK_TOLERANCE_MS
            alike = [place for place in wanted if further.get(place[0], 0) == days]
            found |= self.offsets.at_time(alike, since)
        latest = self.offsets.latest([p for p, offset in found.items() if offset < 0])
        return {p: latest[p] if found[p] < 0 else max(found[p], earliest[p]) for p in wanted}


def _fence(partition: int, writer: TransactionalWriter, is_wanted: Callable[[int], bool]) -> bool:
    if is_wanted(partition):
        writer.fence()
        return True
    return False
