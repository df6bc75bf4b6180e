"""Workers as processes of their own, by name; and what happens to them."""

import itertools
import os
import secrets
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from confluent_kafka.admin import AdminClient
from prometheus_client.parser import text_string_to_metric_families

from deploy.local.detached import PROJECT
from ops.demo.processes import RunningProcess, Status
from tests.chaos.campus import Campus
from tests.chaos.until import until

START_S = 60.0
END_S = 40.0
LIVE = "live"


class Worker:
    """One process, from its start to its end."""

    def __init__(
        self, name: str, command: tuple[str, ...], settings: Mapping[str, str], log: Path
    ) -> None:
        self.name = name
        self.log = log
        self.port = _free_port()
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", *command],
                env={
                    **settings,
                    "PYTHONPATH": str(PROJECT),
                    "LEAP_WORKER_NAME": name,
                    "LEAP_TELEMETRY_PORT": str(self.port),
                },
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        self._answers = RunningProcess("worker", self._process.pid, self.port, log)

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def status(self, port: int | None = None) -> Status | None:
        """What it tells of itself, or a child of its at another port; None while it is silent."""
        answers = replace(self._answers, port=port or self.port)
        return answers.status() if self.is_running else None

    def partitions(self, port: int | None = None) -> Mapping[int, Mapping[str, Any]]:
        """What it says of the partitions that it owns."""
        found = cast(Mapping[str, Any], (self.status(port) or {}).get("partitions", {}))
        return {int(partition): told for partition, told in found.items()}

    def phases(self) -> set[str]:
        """Where its partitions are in their lives."""
        return {told["phase"] for told in self.partitions().values()}

    def metric(self, name: str, *labels: str) -> Mapping[tuple[str, ...], float]:
        """The values of a metric, by its labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics") as answer:
            families = list(text_string_to_metric_families(answer.read().decode()))
        return {
            tuple(sample.labels[label] for label in labels): sample.value
            for family in families
            for sample in family.samples
            if sample.name == name
        }

    def signal(self, number: signal.Signals) -> None:
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        """SIGKILL, for its children too."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(END_S)

    def wait_for_end(self) -> int:
        """Its exit status, once it has ended by itself."""
        return self._process.wait(END_S)

    def terminate(self) -> int:
        """SIGTERM; its exit status."""
        self.signal(signal.SIGTERM)
        return self.wait_for_end()

    def said(self) -> str:
        return self.log.read_text(errors="replace")


class Fleet:
    """The workers of a campus; leaving the context kills them."""

    def __init__(self, campus: Campus, logs: Path) -> None:
        self.workers: dict[str, Worker] = {}
        self._campus = campus
        self._logs = logs
        self._numbers = itertools.count()
        self._started: list[Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for worker in self._started:
            with suppress(ProcessLookupError):
                worker.kill()

    def start(
        self, name: str, *arguments: str, kafka: str | None = None, module: str | None = None
    ) -> Worker:
        """Start a worker; whoever had the name before is no longer looked at.

        `kafka`: another way to it; `module`: what to run instead of `leap worker`.
        """
        self._logs.mkdir(exist_ok=True)
        log = self._logs / f"{name}.{next(self._numbers)}.log"
        settings = dict(self._campus.environment)
        if kafka is not None:
            settings["LEAP_KAFKA"] = kafka
        command = ("ops", "worker", *arguments) if module is None else (module, *arguments)
        worker = self.workers[name] = Worker(name, command, settings, log)
        self._started.append(worker)
        return worker

    def members(self) -> set[str | None]:
        """The instance ids in the group, as Kafka knows them."""
        group = f"leap-worker-{self._campus.generation.name}"
        admin = AdminClient(self._campus.generation.client.settings())
        described = admin.describe_consumer_groups([group])[group].result()
        return {member.group_instance_id for member in described.members}

    def owners(self) -> dict[int, list[tuple[str, str]]]:
        """By partition, who says to own it, and in what phase."""
        found: dict[int, list[tuple[str, str]]] = {}
        for worker in self.workers.values():
            for partition, told in worker.partitions().items():
                found.setdefault(partition, []).append((worker.name, told["phase"]))
        return found

    def is_settled(self, *names: str) -> bool:
        """Whether these share all partitions, each with one owner that is live."""
        owners = self.owners()
        return (
            len(owners) == self._campus.scale.partitions
            and all(len(those) == 1 and those[0][1] == LIVE for those in owners.values())
            and {those[0][0] for those in owners.values()} == set(names)
        )

    def settle(self, *names: str, deadline_s: float = START_S) -> None:
        """Wait until these, and nobody else, share all partitions."""
        try:
            until(lambda: self.is_settled(*names), f"{', '.join(names)} share", deadline_s)
        except AssertionError as error:
            logs = "\n".join(w.said()[-2000:] for w in self.workers.values())
            raise AssertionError(f"{error}: {self.owners()}\n{logs}") from error


def _free_port() -> int:
    """A free port whose successor is free too: the second worker of a parent serves there.

    Below those from which the system takes the ports of connections that are made meanwhile.
    """
    while True:
        port = 16_000 + 2 * secrets.randbelow(8_000)
        with socket.socket() as one, socket.socket() as other, suppress(OSError):
            one.bind(("127.0.0.1", port))
            other.bind(("127.0.0.1", port + 1))
            return port
