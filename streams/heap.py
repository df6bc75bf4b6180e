"""The C library's heap in a process of many threads that runs for ever, where it is glibc.

glibc gives threads heaps of their own, and none of them gives back what lies free between what is
used. Arrays are made on one thread and dropped on another, so of ten million events as much stood
free as was used (M). Python's threads hardly ever allocate at the same time: one heap is enough.
"""

import ctypes
from typing import Final

_M_ARENA_MAX: Final = -8  # of malloc.h
_LIBC: Final = ctypes.CDLL(None)


def share_one() -> None:
    """All threads that have none yet use the first heap; to be called before there are many."""
    if hasattr(_LIBC, "mallopt"):
        _LIBC.mallopt(_M_ARENA_MAX, 1)


def give_back() -> None:
    """Give free pages back to the system, wherever they lie; nothing else moves."""
    if hasattr(_LIBC, "malloc_trim"):
        _LIBC.malloc_trim(0)
