"""Waiting for a condition, with a deadline."""

import time
from collections.abc import Callable

POLL_S = 0.02


def until(condition: Callable[[], bool], what: str, deadline_s: float) -> None:
    """Return when `condition` holds; fail, saying that `what` did not come true."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not true within {deadline_s:g} s: {what}")
        time.sleep(POLL_S)
