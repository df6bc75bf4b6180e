"""Waiting for what happens in other processes: for a condition, with a deadline."""

import time
from collections.abc import Callable


def until(condition: Callable[[], bool], what: str, *, deadline_s: float = 20.0) -> None:
    """Return when `condition` holds; fail, saying `what` did not happen, after `deadline_s`."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"within {deadline_s:g} s it did not happen that {what}")
        time.sleep(0.01)
