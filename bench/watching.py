"""What a process takes from the machine, read from /proc while it runs."""

import os
import threading
import time
from bisect import bisect_left
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

_EVERY_S: Final = 0.02  # /proc counts CPU time in hundredths of a second
_MEMORY_EVERY: Final = 5
_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")
_KIB_PER_MB: Final = 1000**2 / 1024
# Places in /proc/<pid>/stat, counted behind the name: utime, stime, cutime, cstime.
_TIMES: Final = slice(11, 15)


class Watch:
    """Samples the CPU time of a process and of its children that have ended; a context manager.

    Times are those of `time.monotonic`, which all processes of a machine share.
    """

    def __init__(self, pid: int) -> None:
        self._folder = Path(f"/proc/{pid}")
        self._times: list[float] = []
        self._cpu: list[float] = []
        self._peak_kib = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def __enter__(self) -> Self:
        with suppress(FileNotFoundError, ProcessLookupError):
            self._sample()  # there is a figure from the first moment on
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def cpu_s(self, start: float, end: float) -> float:
        """User and system seconds from one moment to another."""
        return self._cpu_at(end) - self._cpu_at(start)

    @property
    def peak_rss_mb(self) -> float:
        """The largest resident memory so far (VmHWM), in megabytes."""
        return self._peak_kib / _KIB_PER_MB

    def _cpu_at(self, moment: float) -> float:
        if not self._times:
            return 0.0  # it had ended before it was looked at
        at = min(bisect_left(self._times, moment), len(self._times) - 1)
        if at <= 0:
            return self._cpu[0]
        before, after = self._times[at - 1], self._times[at]
        part = min(1.0, (moment - before) / (after - before))
        return self._cpu[at - 1] + part * (self._cpu[at] - self._cpu[at - 1])

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._sample()
            except (FileNotFoundError, ProcessLookupError):
                return  # it has ended
            self._ended.wait(_EVERY_S)

    def _sample(self) -> None:
        cpu = cpu_seconds(self._folder)
        self._times.append(time.monotonic())
        self._cpu.append(cpu)
        if len(self._times) % _MEMORY_EVERY == 1:
            self._peak_kib = max(self._peak_kib, _peak_kib((self._folder / "status").read_text()))


def cpu_seconds(folder: Path) -> float:
    """User and system seconds so far of the process whose `folder` below /proc it is."""
    # "pid (name) S ...", and the name may hold anything, parentheses too.
    stat = (folder / "stat").read_text().rpartition(")")[2].split()
    return sum(map(int, stat[_TIMES])) * _TICK_S


def peak_rss_mb(folder: Path) -> int:
    """The largest resident memory so far of the process whose `folder` below /proc it is.

    A process that was begun by a large one is not taken for as large, as getrusage takes it.
    """
    return round(_peak_kib((folder / "status").read_text()) / _KIB_PER_MB)


def _peak_kib(status: str) -> int:
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0  # a process that has just ended has no memory
