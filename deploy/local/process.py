"""A part as a process: tied to its supervisor's life, stopped within a bound."""

import asyncio
import ctypes
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local import logs
from deploy.local.parts import Part
from schemas.errors import StackError

_PR_SET_PDEATHSIG: Final = 1
_PROCESSES: Final = Path("/proc")  # Linux only
# Loaded before any process is started: between fork and exec nothing may be loaded.
_LIBC: Final = ctypes.CDLL(None) if _PROCESSES.is_dir() else None


@dataclass(frozen=True, slots=True)
class Running:
    """A part that was started here."""

    part: Part
    process: asyncio.subprocess.Process

    def ended(self) -> StackError:
        """Return the error that says how the process ended, which it has, and quotes its log."""
        status = self.process.returncode
        how = f"ended with status {status}"
        if status is not None and status < 0:
            how = f"was ended by {signal.Signals(-status).name}"
        return StackError(f"{self.part.name} {how}. {self.part.quoted_log()}")

    async def stop(self) -> bool:
        """End the process: SIGTERM, and SIGKILL when its time is up; False if it took that."""
        if self.process.returncode is not None:
            return True
        # It may end between the look and the signal.
        with suppress(ProcessLookupError):
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), self.part.stop_seconds)
        except TimeoutError:
            with suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()
            return False
        return True


async def start(part: Part) -> Running:
    """Start a part, its output appended to its log.

    To be called on the main thread: on Linux the part is killed when the thread that started it
    ends. SIGKILL, so that after a crash nothing lingers that holds data or ports.
    """
    log = logs.open_for_append(part.log)
    try:
        process = await asyncio.create_subprocess_exec(
            *part.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=part.folder,
            env=dict(part.environment),
            # A Ctrl-C at the supervisor's terminal is the supervisor's to handle.
            start_new_session=True,
            preexec_fn=_Tie(os.getpid()),
        )
    finally:
        os.close(log)
    return Running(part, process)


def is_alive(pid: int) -> bool:
    """Whether process `pid` runs; one that has ended but was not collected does not."""
    if _PROCESSES.is_dir():
        try:
            stat = (_PROCESSES / f"{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            return False
        # "pid (name) S ...", and the name may hold anything, parentheses too.
        return stat.rpartition(")")[2].split()[0] not in ("Z", "X")
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@dataclass(frozen=True, slots=True)
class _Tie:
    """Runs in the new process before the part does: end it when `parent` ends."""

    parent: int

    def __call__(self) -> None:
        if _LIBC is None:
            return
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL.value, 0, 0, 0)
        # The parent may have ended before the line above.
        if os.getppid() != self.parent:
            os.kill(os.getpid(), signal.SIGKILL)
