"""A stream worker's cycles: step 5 of a partition's life, again and again.

1. Slices that arrived have been decoded and offered to the partition (`streams.positions`).
2. The partition advances, as far as it can. What is asked about the day in progress is answered
   for all partitions that are due together: few students each, and mostly the same question.
3. Its outcome is published in one transaction (`streams.publication`); meanwhile the partition is
   left alone, and the others go on.
4. The offsets that were applied before the transaction become committable.
"""

import asyncio
from collections.abc import Sequence

from streams.campus import CampusDays
from streams.deadlines import DECIDING_PARTITION
from streams.outcome import Outcome
from streams.owned import Owned
from streams.pace import Pace
from streams.partition import Phase
from streams.ports import Now
from streams.positions import Positions
from streams.present import answer
from streams.publication import Publication, Stepped
from streams.telling import Telling


class Worker:
    """Lives on one event loop; `run` and `tick` are called by the application."""

    def __init__(
        self,
        *,
        positions: Positions,
        publication: Publication,
        campus: CampusDays,
        telling: Telling,
        now: Now,
        refresh_s: float,
        wake: asyncio.Event,
        pace: Pace,
    ) -> None:
        self._positions = positions
        self._publication = publication
        self._campus = campus
        self._telling = telling
        self._now = now
        self._refresh_s = refresh_s
        self._last_refresh_s = now.seconds()
        self._wake = wake
        self._pace = pace
        self._day = campus.day_of(now.milliseconds())

    def changed(self) -> None:
        """Marks or policies were added."""
        for one in self._positions.partitions.values():
            one.is_due = True
        self._wake.set()

    async def run(self) -> None:
        """Cycles, until cancelled or until something has failed for good."""
        while self._publication.failure is None:
            await self._wake.wait()
            self._wake.clear()
            await self._round()
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

    async def _round(self) -> None:
        """Steps 2 and 3, for every partition that is due."""
        small: list[Stepped] = []
        for one in list(self._positions.partitions.values()):
            if one.is_due and not one.is_publishing and not one.is_lost:
                stepped = self._step(one)
                if stepped.is_large:
                    self._finish([stepped])
                else:
                    small.append(stepped)
                await self._positions.resume(one)
                await asyncio.sleep(0)  # slices arrive between two partitions
        self._finish(small)

    def _step(self, one: Owned) -> Stepped:
        outcome = Outcome()
        outcome.rejected, one.rejected = one.rejected, []
        for topic, rejected in outcome.rejected:
            outcome.live.quarantined[topic] += rejected.count
        given_up = one.partition.days_given_up
        with self._telling.metrics.kernel_seconds.time():
            one.hand_over(outcome)
            if one.partition.number == DECIDING_PARTITION:
                one.partition.decide_gaps(self._day, self._now.milliseconds(), outcome)
            step = one.partition.advance(self._day, refresh=one.wants_refresh, outcome=outcome)
        one.is_due = step.has_more
        one.wants_refresh = False
        self._telling.metrics.days_given_up.inc(one.partition.days_given_up - given_up)
        if one.is_due:
            self._wake.set()
        return Stepped(one, outcome, step.questions, one.applied())

    def _finish(self, stepped: Sequence[Stepped]) -> None:
        """Answer what is open, and begin to publish."""
        with self._telling.metrics.kernel_seconds.time():
            answer([question for each in stepped for question in each.questions])
        news: list[Stepped] = []
        for each in stepped:
            self._telling.counted(each.outcome)
            if each.outcome.is_empty:
                each.one.committable = each.applied
            else:
                news.append(each)
        if news:
            self._publication.begin(news)
