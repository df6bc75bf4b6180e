"""The clocks of the real world, to be passed in."""

import time
from datetime import UTC, datetime


def now_ms() -> int:
    """The wall clock, milliseconds UTC."""
    return int(time.time() * 1000)


def now() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)
