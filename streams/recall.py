"""Step 2 of a partition's life: reads back what was published about it.

For each new partition, all of it at once: the compacted topics to their end, committed records
only; of each key the last one counts.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Final

import polars as pl
from aiokafka.structs import TopicPartition

from broker.clients import ClientConfig
from broker.decoder import Decoded, Decoder
from broker.reader import SliceReader
from broker.slices import Slice
from schemas import topics
from schemas.topics import Topic
from schemas.types import Day
from streams.alert_records import alerts_in
from streams.circumstances import circumstances_in
from streams.expected import expectations_in
from streams.memory import Memory, RememberedAlert
from streams.periods import periods_in
from streams.records import RECORDS
from streams.remembered import closings_of, daily_of, indicators_of, last_of, narrowed
from streams.sponsorships import sponsorships_in

TOLD: Final = (
    topics.DAY_CLOSED,
    topics.INDICATOR,
    topics.INDICATOR_DAY,
    topics.DAILY,
    topics.ALERT,
    topics.ALERT_COMPLIANCE,
)
REMEMBERED: Final = (*TOLD, *RECORDS)
_DECODING: Final = 8  # slices at a time: what else has come waits in the consumer, compressed


async def recall(
    client: ClientConfig,
    generation: str,
    decoders: Mapping[Topic, Decoder],
    partitions: Iterable[int],
    *,
    executor: Executor,
    note: Callable[[], None],
) -> tuple[dict[int, Memory], dict[int, dict[str, int]]]:
    """The memory of each partition, and by topic the offset behind the records that were read.

    Decoding runs on the executor: partitions that this process owns already go on meanwhile.
    `note` is called with each slice that was read.
    """
    run = asyncio.get_running_loop().run_in_executor
    by_name = {topic.full_name(generation): topic for topic in REMEMBERED}
    wanted = [TopicPartition(name, p) for p in sorted(partitions) for name in by_name]
    told: dict[int, dict[Topic, list[asyncio.Future[pl.DataFrame]]]]
    told = {one.partition: {} for one in wanted}
    records: dict[int, dict[Topic, list[asyncio.Future[Decoded]]]]
    records = {one.partition: {} for one in wanted}
    slots = asyncio.Semaphore(_DECODING)

    def read(topic: Topic, piece: Slice) -> pl.DataFrame:
        return narrowed(topic, decoders[topic].decode(piece).rows.values)

    async with SliceReader(client) as reader:
        ends = await reader.assign_from_start(wanted)
        async for (name, partition), piece in reader.read_to(ends):
            topic = by_name[name]
            await slots.acquire()
            decoding: asyncio.Future[pl.DataFrame] | asyncio.Future[Decoded]
            if topic in RECORDS:
                decoding = run(executor, decoders[topic].decode, piece)
                records[partition].setdefault(topic, []).append(decoding)
            else:
                decoding = run(executor, read, topic, piece)
                told[partition].setdefault(topic, []).append(decoding)
            decoding.add_done_callback(lambda _: slots.release())
            note()

    async def remembered(partition: int) -> Memory:
        frames = {t: await asyncio.gather(*some) for t, some in told.pop(partition).items()}
        decoded = {t: await asyncio.gather(*some) for t, some in records.pop(partition).items()}
        return await run(executor, memory_of, frames, decoded)

    # One after the other: what was decoded of each is let go of before the next is put together.
    behind: dict[int, dict[str, int]] = {partition: {} for partition in told}
    memories = {partition: await remembered(partition) for partition in behind}
    for (name, partition), end in ends.items():
        if by_name[name] in RECORDS:
            behind[partition][by_name[name].name] = end
    return memories, behind


def memory_of(
    told: Mapping[Topic, Sequence[pl.DataFrame]], records: Mapping[Topic, Sequence[Decoded]]
) -> Memory:
    """The memory of one partition; all in order of offset.

    `told`: what was published, as `streams.remembered.narrowed` leaves it. `records`: of students.
    """
    closed = last_of(told.get(topics.DAY_CLOSED, ()), ["partition"])
    return Memory(
        closed=Day(int(closed["day"][-1])) if closed is not None else None,
        indicators=indicators_of(told.get(topics.INDICATOR, ())),
        closings=closings_of(told.get(topics.INDICATOR_DAY, ())),
        daily=daily_of(told.get(topics.DAILY, ())),
        alerts=_alerts(told, topics.ALERT),
        compliance_alerts=_alerts(told, topics.ALERT_COMPLIANCE),
        periods=periods_in(records.get(topics.STUDENT, ())),
        expectations=expectations_in(records.get(topics.EXPECTATION, ())),
        circumstances=circumstances_in(records.get(topics.CIRCUMSTANCE, ())),
        sponsorships=sponsorships_in(records.get(topics.SPONSORSHIP, ())),
    )


def _alerts(
    told: Mapping[Topic, Sequence[pl.DataFrame]], topic: Topic
) -> tuple[RememberedAlert, ...]:
    return tuple(alerts_in(last_of(told.get(topic, ()), ["student", "alert"]), topic))
