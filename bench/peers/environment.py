"""The peers' own environment: made with uv from a hashed lock file, below the folder of the stack.

It is made once, and again when the lock file has changed.
"""

import os
import shutil
import sys
import time
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

from bench.figures import Absent
from deploy.local import detached

LOCK: Final = files("bench.peers") / "requirements.lock"
_TIMEOUT_S: Final = 600.0
_POLL_S: Final = 0.1
_LAST_LINES: Final = 3


def peers_python(folder: Path) -> str | Absent:
    """The interpreter of the environment in `folder`; or why there is none."""
    home = folder.absolute() / "peers"
    python, copy = home / "bin" / "python", home / "requirements.lock"
    wanted = LOCK.read_text()
    if copy.exists() and copy.read_text() == wanted:
        return str(python)
    shutil.rmtree(home, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "peers.log"
    log.unlink(missing_ok=True)
    with as_file(LOCK) as lock:
        steps = (
            ("venv", "--quiet", "--python", sys.executable, str(home)),
            ("pip", "sync", "--quiet", "--require-hashes", "--python", str(python), str(lock)),
        )
        for step in steps:
            if not _succeeds(step, log):
                lines = log.read_text(errors="replace").strip().splitlines()[-_LAST_LINES:]
                reason = f"uv {step[0]} failed: {' / '.join(lines)}"
                return Absent("the peers' environment", reason)
    copy.write_text(wanted)
    return str(python)


def _succeeds(arguments: tuple[str, ...], log: Path) -> bool:
    pid = detached.start("uv", *arguments, log=log, environment=dict(os.environ))
    deadline = time.monotonic() + _TIMEOUT_S
    while (status := detached.status(pid)) is None:
        if time.monotonic() > deadline:
            detached.end(pid, timeout_s=1.0)
            return False
        time.sleep(_POLL_S)
    return status == 0
