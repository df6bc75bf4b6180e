"""The parts' logs: bounded in size, and quotable."""

import os
import shutil
from pathlib import Path
from typing import Final

# One log and its predecessor: at most twice this a part.
LIMIT_BYTES: Final = 8 << 20
_TAIL_BYTES: Final = 8 << 10


def open_for_append(path: Path) -> int:
    """Return a descriptor that a part may write to for its whole life."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def bound(path: Path, *, limit_bytes: int = LIMIT_BYTES) -> None:
    """Move the log's content to `<name>.1` when it has grown beyond `limit_bytes`.

    The part keeps its descriptor: it appends, so it goes on at the new end. What it writes
    between copy and cut is lost, which is a fair price for logs that need no help of the part.
    """
    if not path.exists() or path.stat().st_size <= limit_bytes:
        return
    shutil.copyfile(path, path.with_name(path.name + ".1"))
    os.truncate(path, 0)


def tail(path: Path, lines: int = 8) -> str:
    """Return the last lines of a log, indented; empty when there are none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join("  " + line for line in text.splitlines()[-lines:])
