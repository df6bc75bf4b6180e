"""A collector as its operators run it: `leap collect`, and the files that it needs."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx2

from bench.watching import cpu_seconds
from connectors.collector import credentials
from deploy.local import detached
from tests.connectors.collector.face import MOODLE

START_S = 60.0
STOP_S = 40.0


def load_students(environment: Mapping[str, str], folder: Path, count: int) -> None:
    """Students whose Moodle ids are 1 to `count`."""
    path = folder / "students.csv"
    rows = [f"S{n},{n},2020-01-01" for n in range(1, count + 1)]
    path.write_text("\n".join(["student,moodle,from", *rows]) + "\n")
    subprocess.run(
        [sys.executable, "-m", "ops", "identity", "load", str(path)],
        env=dict(environment),
        cwd=detached.PROJECT,
        check=True,
        capture_output=True,
        timeout=START_S,
    )


class CollectorRunning:
    """Entering the context starts it, leaving stops it; `secret` is that of its one sender."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.secret = credentials.draw()
        self.status: int | None = None
        self._folder = folder
        self._environment = environment
        self._port = _free_port()
        sender = {
            "credentials": [credentials.hashed(self.secret)],
            "people": {"accounts": {MOODLE: "moodle", f"{MOODLE}/user/": "moodle"}},
            "statements_per_second": 100_000,
            "burst": 100_000,
        }
        self._senders = folder / "senders.yaml"
        self._senders.write_text(json.dumps({"senders": {"moodle": sender}}))  # YAML too
        self._pid = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        self._pid = detached.start(
            "ops",
            *("collect", "--senders", str(self._senders), "--port", str(self._port)),
            log=self._folder / "collect.log",
            environment=self._environment,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.status is None:
            detached.end(self._pid, timeout_s=STOP_S)

    def mean_request_ms(self) -> float:
        """As the collector itself measures it, from a request's arrival to its answer."""
        lines = httpx2.get(f"{self.url}/metrics").text.splitlines()
        figures = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        name = "leap_collector_request_seconds"
        return 1000 * float(figures[f"{name}_sum"]) / float(figures[f"{name}_count"])

    def cpu_s(self) -> float:
        return cpu_seconds(Path(f"/proc/{self._pid}"))

    def terminate(self) -> None:
        os.kill(self._pid, signal.SIGTERM)

    def has_ended(self) -> bool:
        if self.status is None:
            self.status = detached.status(self._pid)
        return self.status is not None

    def said(self) -> str:
        return (self._folder / "collect.log").read_text()

    def answers(self) -> bool:
        assert not self.has_ended(), self.said()
        try:
            return httpx2.get(f"{self.url}/health").status_code == 200
        except httpx2.TransportError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
