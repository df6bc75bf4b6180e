"""Runs `leap worker` and `leap sink` as processes of their own, and asks them how far they are."""

import json
import os
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from deploy.local import detached
from schemas.errors import LeapError

_POLL_S: Final = 0.1
_ANSWER_S: Final = 5.0
_STOP_S: Final = 30.0
_LAST_LINES: Final = 5

Status = Mapping[str, object]


@dataclass(slots=True)
class RunningProcess:
    """A process of ours; leaving the context stops it."""

    name: str
    pid: int
    port: int
    log: Path

    @classmethod
    def start(cls, name: str, *, environment: Mapping[str, str], logs: Path) -> Self:
        """Start `leap <name>` with these settings beside those of this process."""
        port = _free_port()
        logs.mkdir(parents=True, exist_ok=True)
        log = logs / f"{name}.log"
        pid = detached.start(
            "ops",
            name,
            log=log,
            environment={**os.environ, **environment, "LEAP_TELEMETRY_PORT": str(port)},
        )
        return cls(name, pid, port, log)

    def status(self) -> Status | None:
        """What it tells of itself; None while it does not answer."""
        try:
            url = f"http://127.0.0.1:{self.port}/status"
            with urllib.request.urlopen(url, timeout=_ANSWER_S) as answer:
                status: Status = json.load(answer)
                return status
        except (urllib.error.URLError, TimeoutError, ConnectionError, HTTPException):
            # HTTPException: before anybody listens, a connection from a port to itself may come
            # about on the loopback address, which answers with the question.
            return None

    def wait_until(
        self,
        done: Callable[[Status], bool],
        *,
        timeout_s: float,
        what: str,
    ) -> Status:
        """Poll until `done`; LeapError when the process ends or the time is over."""
        deadline = time.monotonic() + timeout_s
        while True:
            ended = detached.status(self.pid)
            status = self.status()
            if status is not None and done(status):
                return status
            if ended is not None:
                raise LeapError(
                    f"leap {self.name} ended with status {ended} before {what}:"
                    f" {self._last_lines()} (all of it in {self.log})"
                )
            if time.monotonic() > deadline:
                raise LeapError(
                    f"leap {self.name} has not come to {what} within {timeout_s:.0f} s; its log"
                    f" is {self.log}"
                )
            time.sleep(_POLL_S)

    def stop(self) -> None:
        """SIGTERM, and wait; SIGKILL when it does not end."""
        detached.end(self.pid, timeout_s=_STOP_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _last_lines(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-_LAST_LINES:])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
