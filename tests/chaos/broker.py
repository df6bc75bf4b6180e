"""A Kafka of a test's own: it may be killed, and one of its two addresses leads through a proxy."""

import asyncio
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local import parts, prepare
from deploy.local.layout import Layout
from deploy.local.plan import Limits, Plan
from deploy.local.ports import Ports, choose
from tests.chaos.until import until

START_S = 60.0
STOP_S = 30.0


class Broker:
    """One broker in `folder`; leaving the context kills it.

    Clients that bootstrap from `address` talk to it directly. Those that bootstrap from
    127.0.0.1:`proxy_port` are led to that port for every connection: whoever listens there has to
    forward to 127.0.0.1:`proxied_port`.
    """

    def __init__(self, folder: Path, *, java_parts: Path) -> None:
        java = shutil.which("java")
        assert java is not None
        self._layout = Layout(folder)
        self._layout.temporary.mkdir(parents=True)
        self._layout.logs.mkdir()
        limits = Limits(kafka_heap_mib=768)
        self._plan = Plan(folder, Path(java), java_parts, limits=limits)
        self._ports = choose(Ports(), None)
        # ports of parts that do not run here
        self.proxied_port, self.proxy_port = self._ports.registry, self._ports.clickhouse
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._ports.kafka}"

    def __enter__(self) -> Self:
        asyncio.run(prepare.kafka(self._plan, self._ports))
        properties = self._layout.kafka_properties
        properties.write_text(self._with_proxied_listener(properties.read_text()))
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()

    def start(self) -> None:
        """Returns when it answers."""
        part = parts.kafka(self._plan, self._ports)
        with part.log.open("ab") as log:
            self._process = subprocess.Popen(
                part.command,
                cwd=part.folder,
                env=dict(part.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until(part.answers, "Kafka answers", START_S)

    def kill(self) -> None:
        """SIGKILL: what it has not written is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(STOP_S)

    def _with_proxied_listener(self, text: str) -> str:
        lines = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        lines["listeners"] += f",PROXIED://127.0.0.1:{self.proxied_port}"
        lines["advertised.listeners"] += f",PROXIED://127.0.0.1:{self.proxy_port}"
        lines["listener.security.protocol.map"] += ",PROXIED:PLAINTEXT"
        lines["inter.broker.listener.name"] = "PLAINTEXT"
        return "".join(f"{name}={value}\n" for name, value in lines.items())
