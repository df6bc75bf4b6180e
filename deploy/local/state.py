"""The file in which a supervisor says what it runs: stack.json.

It is replaced as a whole, so a reader sees one state or the next, never half of one. It stays
when the stack has ended, for the ports and for the reason. Only together with a held lock does
it speak of the present.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from deploy.local.ports import ChosenPorts


class Phase(StrEnum):
    """How far a run has come."""

    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class State:
    """One run as its supervisor sees it. Addresses and credentials hold once it is ready."""

    phase: Phase
    supervisor_pid: int
    progress: tuple[str, ...] = ()
    failure: str | None = None
    ports: ChosenPorts | None = None
    kafka: str | None = None
    registry: str | None = None
    clickhouse: str | None = None
    clickhouse_user: str | None = None
    clickhouse_password: str | None = field(default=None, repr=False)
    pids: Mapping[str, int] = field(default_factory=dict)


_ADAPTER: Final = TypeAdapter(State)


def load(path: Path) -> State | None:
    """Return what the file says; None if there is none, or if it is not one of ours."""
    try:
        return _ADAPTER.validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def save(path: Path, state: State) -> None:
    """Replace the file. It holds a password: only its owner can read it."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(_ADAPTER.dump_json(state, indent=2) + b"\n")
    partial.replace(path)
