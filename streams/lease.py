"""Waiting until the group has confirmed this process lately: without that, it publishes nothing."""

import asyncio
from collections.abc import Callable
from typing import Final

from streams.ports import Flow

_POLL_S: Final = 0.02


async def lease_comes(flow: Flow, *, before: Callable[[], bool]) -> bool:
    """Wait for the lease; False when `before` holds first, and there is nothing to wait for."""
    while not flow.holds_lease():
        if before():
            return False
        await asyncio.sleep(_POLL_S)
    return True
