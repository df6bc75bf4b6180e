"""One supervisor a folder: whoever holds the folder's lock runs the stack in it.

The system gives the lock back when its holder ends, however it ends, so a lock is never stale.
"""

import fcntl
import os
from pathlib import Path


def acquire(path: Path) -> int | None:
    """Take the lock and return the descriptor that holds it; None if another process has it."""
    return _try(path, fcntl.LOCK_EX)


def is_held(path: Path) -> bool:
    """Whether a process holds the lock."""
    if not path.exists():
        return False
    descriptor = _try(path, fcntl.LOCK_SH)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def _try(path: Path, kind: int) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
