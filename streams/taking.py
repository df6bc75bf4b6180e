"""Partitions that the group gave to this process and that it does not own yet.

They are prepared in the background (steps 1 to 3 of a partition's life), so that a rebalance is
over at once and the partitions that stay go on. One that the group takes away meanwhile is dropped
when it is ready; if its next owner was fenced by that, it takes the partition over once more.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Set
from typing import Final

import structlog

from schemas.errors import Fenced, Unreachable
from schemas.types import Day
from streams.lease import lease_comes
from streams.owned import Owned
from streams.ports import Flow
from streams.preparation import Preparation

log = structlog.get_logger(__name__)

_AGAIN_S: Final = 0.5


class Taking:
    """Lives on one event loop."""

    def __init__(
        self,
        preparation: Preparation,
        flow: Flow,
        *,
        today: Callable[[], Day],
        taken: Callable[[Mapping[int, Owned]], Awaitable[None]],
        failed: Callable[[Exception], None],
    ) -> None:
        """`taken` is given partitions that are ready; `failed` what ends the process."""
        self._preparation = preparation
        self._flow = flow
        self._today = today
        self._taken = taken
        self._failed = failed
        self.progress = 0  # grows with every step forward
        self._task_of: dict[int, object] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def partitions(self) -> Set[int]:
        """Those under way."""
        return self._task_of.keys()

    def want(self, partitions: Set[int]) -> None:
        """Prepare these, and no others; what is under way goes on."""
        for partition in self._task_of.keys() - partitions:
            del self._task_of[partition]
        new = sorted(partitions - self._task_of.keys())
        if new:
            task = asyncio.create_task(self._run(new))
            self._task_of |= dict.fromkeys(new, task)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Prepare nothing any more."""
        self._task_of.clear()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run(self, partitions: list[int]) -> None:
        task = asyncio.current_task()
        try:
            prepared = await self._prepare(partitions, lambda p: self._task_of.get(p) is task)
            mine = {p: one for p, one in prepared.items() if self._task_of.get(p) is task}
            for partition in mine:
                del self._task_of[partition]
            await self._taken(mine)
        except Fenced as error:
            log.warning("partitions lost", partitions=partitions, reason=str(error))
            for partition in [p for p, other in self._task_of.items() if other is task]:
                del self._task_of[partition]
            self._flow.rejoin()
        except Exception as error:  # a task that fails in silence would leave partitions to nobody
            self._failed(error)

    async def _prepare(
        self, partitions: list[int], is_wanted: Callable[[int], bool]
    ) -> Mapping[int, Owned]:
        """Until it has worked; the watchdog loses patience when it does not."""

        def is_over() -> bool:
            return not any(map(is_wanted, partitions))

        while not is_over():
            if not await lease_comes(self._flow, before=is_over):
                break  # a former owner that wakes up must not fence
            try:
                return await self._preparation.prepare(
                    partitions, self._today(), is_wanted=is_wanted, note=self._note
                )
            except Unreachable as error:
                log.warning("partitions cannot be taken over yet", reason=str(error))
                await asyncio.sleep(_AGAIN_S)
        return {}

    def _note(self) -> None:
        self.progress += 1
