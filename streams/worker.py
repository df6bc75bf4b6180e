"""A stream worker's cycles: step 5 of a partition's life, again and again.

1. Slices that arrived have been decoded and offered to the partition (`streams.positions`).
2. The partition advances, as far as it can.
3. Its outcome is encoded and published in one transaction, off the event loop; meanwhile the
   partition is left alone, and the others go on. While the group has not confirmed this process
   lately, nothing is published: it waits.
4. The offsets that were applied before the transaction become committable.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import structlog

from broker.transactions import Messages
from schemas.errors import Fenced, LeaseLapsed
from streams.campus import CampusDays
from streams.deadlines import DECIDING_PARTITION
from streams.lease import lease_comes
from streams.outcome import Outcome
from streams.outputs import Outputs
from streams.owned import Owned
from streams.pace import Pace
from streams.partition import Phase
from streams.ports import Flow, Now
from streams.positions import Positions
from streams.preparation import Preparation
from streams.stamp import Stamp
from streams.telling import Telling

log = structlog.get_logger(__name__)

Result = TypeVar("Result")

_TRANSACTIONS: Final = 3
"""At the same time. They wait for the broker most of the time, and while one waits librdkafka looks
at its queues again and again: more of them at once take the machine away from the broker.
"""


class Worker:
    """Lives on one event loop; `run` and `tick` are called by the application."""

    def __init__(
        self,
        *,
        positions: Positions,
        preparation: Preparation,
        outputs: Outputs,
        campus: CampusDays,
        telling: Telling,
        flow: Flow,
        now: Now,
        refresh_s: float,
        wake: asyncio.Event,
        pace: Pace,
    ) -> None:
        self._positions = positions
        self._preparation = preparation
        self._outputs = outputs
        self._campus = campus
        self._telling = telling
        self._flow = flow
        self._now = now
        self._refresh_s = refresh_s
        self._last_refresh_s = now.seconds()
        self._wake = wake
        self._pace = pace
        self._publishing: set[asyncio.Task[None]] = set()
        self._transactions = asyncio.Semaphore(_TRANSACTIONS)
        self._day = campus.day_of(now.milliseconds())
        self.failure: Exception | None = None  # what the process has to end with

    def changed(self) -> None:
        """Marks or policies were added."""
        for one in self._positions.partitions.values():
            one.is_due = True
        self._wake.set()

    async def run(self) -> None:
        """Cycles, until cancelled or until something has failed for good."""
        while self.failure is None:
            await self._wake.wait()
            self._wake.clear()
            for one in list(self._positions.partitions.values()):
                if one.is_due and not one.is_publishing and not one.is_lost:
                    self._cycle(one)
                    await self._positions.resume(one)
                    await asyncio.sleep(0)  # slices arrive between two partitions
            if all(one.phase is Phase.LIVE for one in self._positions.partitions.values()):
                await self._pace.rest()

    def tick(self) -> None:
        """Time has passed: the day may be over, the refresh interval too.

        To be called at least as often as the interval.
        """
        today = self._campus.day_of(self._now.milliseconds())
        refresh = self._now.seconds() - self._last_refresh_s >= self._refresh_s
        if refresh:
            self._last_refresh_s = self._now.seconds()
            for one in self._positions.partitions.values():
                one.wants_refresh = True
        if refresh or today != self._day:
            self._day = today
            self.changed()

    async def drain(self) -> None:
        """Wait for the transactions on their way."""
        while self._publishing:
            await asyncio.wait(self._publishing)

    def _cycle(self, one: Owned) -> None:
        outcome = Outcome()
        outcome.rejected, one.rejected = one.rejected, []
        for topic, rejected in outcome.rejected:
            outcome.live.quarantined[topic] += rejected.count
        given_up = one.partition.days_given_up
        with self._telling.metrics.kernel_seconds.time():
            if one.students:
                one.partition.set_periods(one.students, outcome)
                one.students = {}
            if one.expectations:
                first, *others = one.expectations
                one.partition.set_expectations(first.joined(*others), outcome)
                one.expectations = []
            if one.circumstances:
                one.partition.set_circumstances(one.circumstances, outcome)
                one.circumstances = {}
            if one.sponsorships:
                one.partition.set_sponsorships(one.sponsorships, outcome)
                one.sponsorships = {}
            if one.partition.number == DECIDING_PARTITION:
                one.partition.decide_gaps(self._day, self._now.milliseconds(), outcome)
            one.is_due = one.partition.advance(
                self._day, refresh=one.wants_refresh, outcome=outcome
            )
        one.wants_refresh = False
        self._telling.counted(outcome)
        self._telling.metrics.days_given_up.inc(one.partition.days_given_up - given_up)
        if one.is_due:
            self._wake.set()
        if outcome.is_empty:
            one.committable = one.applied()
            return
        one.is_publishing = True
        task = asyncio.create_task(self._publish(one, outcome, one.applied()))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)

    async def _publish(self, one: Owned, outcome: Outcome, applied: Mapping[str, int]) -> None:
        stamp = Stamp(one.ownership, self._now.milliseconds())
        messages: list[Messages] = []

        def transaction() -> Counter[str]:
            if not messages:
                messages.extend(self._outputs.messages(one.partition.number, outcome, stamp))
            one.writer.write(messages)
            counts: Counter[str] = Counter()
            for part in messages:
                counts[part.topic.name] += len(part.keys)
            return counts

        try:
            with self._telling.metrics.publish_seconds.time():
                records = await self._under_lease(one, transaction)
        except Fenced as error:
            self._positions.lose(one, str(error))
            return
        except Exception as error:
            self.failure = error  # what was not published is found again after a restart
            self._wake.set()
            return
        self._telling.committed(outcome, records)
        one.committable = applied
        one.is_publishing = False
        self._wake.set()

    async def _under_lease(self, one: Owned, transaction: Callable[[], Result]) -> Result:
        """Run it off the event loop, as soon as the group has confirmed this process lately."""
        run = asyncio.get_running_loop().run_in_executor
        while True:
            if not await lease_comes(self._flow, before=lambda: one.is_lost):
                raise Fenced("the group has given it to another process")
            try:
                async with self._transactions:
                    return await run(self._preparation.executor, transaction)
            except LeaseLapsed as error:
                log.warning("publishing waits", partition=one.partition.number, reason=str(error))
