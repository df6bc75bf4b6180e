"""Outcomes on their way to Kafka: each partition's in one transaction, off the event loop.

While the group has not confirmed this process lately, nothing is published: it waits.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

import structlog

from broker.transactions import Messages
from schemas.errors import Fenced, LeaseLapsed
from streams.lease import lease_comes
from streams.outcome import Outcome, Told
from streams.outputs import Outputs
from streams.owned import Owned
from streams.ports import Flow, Now
from streams.present import Question
from streams.stamp import Stamp
from streams.telling import Telling

log = structlog.get_logger(__name__)

_LARGE: Final = 1_000  # students of a partition; for as many, an evaluation costs by the student


@dataclass(frozen=True, slots=True)
class Stepped:
    """A partition that took its steps, but perhaps for the answers to its questions."""

    one: Owned
    outcome: Outcome
    questions: Sequence[Question]
    applied: Mapping[str, int]
    """By topic, the offset below which all is in the outcome, or was published before."""

    @property
    def is_large(self) -> bool:
        """Whether it gains nothing from being finished together with others."""
        rows = sum(len(question.asked.rows) for question in self.questions)
        return self.outcome.closings_size > 0 or rows > _LARGE


class Publication:
    """Lives on one event loop."""

    def __init__(
        self,
        *,
        outputs: Outputs,
        executor: Executor,
        flow: Flow,
        lose: Callable[[Owned, str], None],
        telling: Telling,
        now: Now,
        wake: asyncio.Event,
    ) -> None:
        """`lose` is told of a partition that was fenced; `wake` is set when one is through."""
        self._outputs = outputs
        self._executor = executor
        self._flow = flow
        self._lose = lose
        self._telling = telling
        self._now = now
        self._wake = wake
        self._publishing: set[asyncio.Task[None]] = set()
        self.failure: Exception | None = None  # what the process has to end with

    def begin(self, stepped: Sequence[Stepped]) -> None:
        """Publish the outcomes of partitions; they are left alone until they are through."""
        now_ms = self._now.milliseconds()
        told = [
            Told(each.one.partition.number, each.outcome, Stamp(each.one.ownership, now_ms))
            for each in stepped
        ]
        run = asyncio.get_running_loop().run_in_executor
        encoded = run(self._executor, self._outputs.messages, told)
        for place, each in enumerate(stepped):
            each.one.is_publishing = True
            task = asyncio.create_task(self._publish(each, encoded, place))
            self._publishing.add(task)
            task.add_done_callback(self._publishing.discard)

    async def drain(self) -> None:
        """Wait for the transactions on their way."""
        while self._publishing:
            await asyncio.wait(self._publishing)

    async def _publish(
        self, stepped: Stepped, encoded: asyncio.Future[list[list[Messages]]], place: int
    ) -> None:
        """`encoded`: the messages of all partitions of a round; its own are at `place`."""
        one = stepped.one
        try:
            messages = (await asyncio.shield(encoded))[place]
            with self._telling.metrics.publish_seconds.time():
                await self._under_lease(one, messages)
        except Fenced as error:
            self._lose(one, str(error))
            return
        except Exception as error:
            self.failure = error  # what was not published is found again after a restart
            self._wake.set()
            return
        records: Counter[str] = Counter()
        for part in messages:
            records[part.topic.name] += len(part.keys)
        self._telling.committed(stepped.outcome, records)
        one.committable = stepped.applied
        one.is_publishing = False
        self._wake.set()

    async def _under_lease(self, one: Owned, messages: Sequence[Messages]) -> None:
        """One transaction, as soon as the group has confirmed this process lately."""
        run = asyncio.get_running_loop().run_in_executor
        while True:
            if not await lease_comes(self._flow, before=lambda: one.is_lost):
                raise Fenced("the group has given it to another process")
            try:
                await run(self._executor, one.writer.write, messages)
                return
            except LeaseLapsed as error:
                log.warning("publishing waits", partition=one.partition.number, reason=str(error))
