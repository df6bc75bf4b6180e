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

from aiokafka.errors import KafkaError

from broker.clients import ClientConfig, unreachable
from broker.decoder import Decoder
from broker.offsets import Offsets
from broker.transactions import TransactionalWriter
from schemas.topics import ACTIVITY, Topic
from schemas.types import Clock, Day
from streams.campus import CampusDays
from streams.memory import Memory
from streams.owned import Owned
from streams.partition import Partition
from streams.recall import recall
from streams.source import Source
from streams.starting import starts
from streams.surroundings import Surroundings


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
        wanted = {
            (name, partition): kind for partition in partitions for name, kind in names.items()
        }
        closed = [one.closed for one in memories.values() if one.closed is not None]
        first = starts(
            self.offsets,
            wanted,
            min([*closed, today]),
            clock=self.clock,
            campus=self.campus,
            horizon=self.around.horizon,
        )
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


def _fence(partition: int, writer: TransactionalWriter, is_wanted: Callable[[int], bool]) -> bool:
    if is_wanted(partition):
        writer.fence()
        return True
    return False
