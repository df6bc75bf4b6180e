"""The consumer's protocol, on both its ports in memory: whatever happens, in whatever order."""

import asyncio
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from broker.decoder import Decoder
from schemas import topics
from schemas.avro import schema_of
from sinks.consume import SinkConsumer
from sinks.progress import Progress, has_loaded
from sinks.tenure import Limits
from telemetry.metrics import SinkMetrics
from tests.sinks.memory import (
    PLACES,
    RECORDS,
    TOPIC,
    Fail,
    Give,
    MemoryLog,
    MemoryTable,
    Rebalance,
    Skip,
    number_of,
)
from tests.sinks.rows import SCHEMA_ID

PARTITIONS = st.integers(0, len(PLACES) - 1)
STEPS = st.lists(
    st.builds(Give, PARTITIONS, st.integers(1, 8))
    | st.builds(Skip, PARTITIONS)
    | st.builds(Fail)
    | st.builds(Rebalance, st.frozensets(PARTITIONS)),
    max_size=15,
)
ALL_ENDS = {topics.STUDENT.name: {place.partition: RECORDS for place in PLACES}}
DEADLINE_S = 20.0


class Sink:
    """A consumer on both ports; to be made on an event loop."""

    def __init__(self, log: MemoryLog, limits: Limits) -> None:
        self.progress = Progress({TOPIC: topics.STUDENT}, SinkMetrics(CollectorRegistry()))
        self._log = log
        decoder = Decoder(schema_of(topics.STUDENT), SCHEMA_ID, lambda _: None)
        self._consumer = SinkConsumer(
            log,
            {TOPIC: topics.STUDENT},
            {topics.STUDENT: decoder},
            log.table,
            self.progress,
            limits,
        )

    async def run_until(self, condition: Callable[[], bool]) -> None:
        """Run until the condition holds; raises what the consumer raised before."""
        running = asyncio.create_task(self._consumer.run())
        async with asyncio.timeout(DEADLINE_S):
            while not condition() and not running.done():
                await asyncio.sleep(0)
        self._log.table.open.set()  # what is on its way may end
        running.cancel()
        outcome = (await asyncio.gather(running, return_exceptions=True))[0]
        if isinstance(outcome, Exception):
            raise outcome


@given(steps=STEPS, limits=st.builds(Limits, st.integers(1, 10), st.just(0.0), st.integers(1, 20)))
def test_everything_is_loaded_before_it_is_committed_and_nothing_is_left_out(
    steps: list[Give | Skip | Fail | Rebalance], limits: Limits
) -> None:
    """Slices, gaps, failures and rebalances come as they please; the log checks every commit."""

    async def everything() -> None:
        log = MemoryLog(MemoryTable(), steps)
        sink = Sink(log, limits)
        await sink.run_until(lambda: has_loaded(sink.progress.positions, ALL_ENDS))
        assert log.committed == dict.fromkeys(PLACES, RECORDS)
        assert log.table.loaded == {number_of(p, n) for p in PLACES for n in range(RECORDS)}

    asyncio.run(everything())


def test_nothing_more_is_fetched_while_nothing_is_taken() -> None:
    async def held_up() -> None:
        log = MemoryLog(MemoryTable(), [Give(p, 5) for p in (0, 1, 2, 0, 1, 2, 0, 1, 2)])
        log.table.open.clear()
        sink = Sink(log, Limits(enough_records=5, enough_s=0.0, full_records=10))
        await sink.run_until(lambda: not log.flows)
        assert sink.progress.held == 15  # five on their way, and a full batch
        assert len(log.steps) == 6

    asyncio.run(held_up())
