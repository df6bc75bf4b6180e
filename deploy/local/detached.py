"""A Python module run as a process that outlives its caller: a session of its own, no terminal."""

import os
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Final

_PAUSE_SECONDS: Final = 0.05
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})
PROJECT: Final = Path(__file__).resolve().parents[2]


def start(
    module: str,
    *arguments: str,
    log: Path,
    environment: Mapping[str, str] = _NOTHING,
    interpreter: str = sys.executable,
) -> int:
    """Start `module` with all its output appended to `log`; returns its process id.

    It gets only the environment that is given: it behaves the same whoever starts it, wherever.
    """
    return os.posix_spawn(
        interpreter,
        [interpreter, "-P", "-m", module, *arguments],
        {"PATH": os.defpath, "LC_ALL": "C.UTF-8", **environment, "PYTHONPATH": str(PROJECT)},
        setsid=True,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )


def status(pid: int) -> int | None:
    """Return the exit status of a process started here; None while it runs.

    A process that is not (or no longer) a child of this one counts as ended with status 0.
    """
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return 0
    return os.waitstatus_to_exitcode(status) if ended else None


def end(pid: int, *, timeout_s: float) -> None:
    """Ask a process started here to stop and wait for it; kill it after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        while status(pid) is None:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(_PAUSE_SECONDS)
