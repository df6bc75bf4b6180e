"""How long a worker that has caught up rests between two rounds.

A cycle of a partition takes milliseconds however few events it has, and so does a fetch, a decoded
topic, a transaction. A worker that took each event as it comes would be busy all the time at any
rate, with everything waiting for everything else (M). So it rests in proportion to what it did:
little when there is little, and when there is more, more comes together in the next round.
"""

import asyncio
import time
from typing import Final

_SHARE: Final = 3.0  # of the processor time that the event loop took for the round before
_LONGEST_S: Final = 0.1


class Pace:
    """Lives on one event loop, whose thread's processor time it looks at."""

    def __init__(self) -> None:
        self._is_over = asyncio.Event()
        self._is_over.set()
        self._rested_s = 0.0  # processor time at the end of the last rest

    async def rest(self) -> None:
        """Wait until the next round is worth it."""
        worked_s = time.thread_time() - self._rested_s
        self._is_over.clear()
        try:
            await asyncio.sleep(min(_SHARE * worked_s, _LONGEST_S))
        finally:
            self._is_over.set()
            self._rested_s = time.thread_time()

    async def is_over(self) -> None:
        """Wait for the end of the rest, if there is one."""
        await self._is_over.wait()
