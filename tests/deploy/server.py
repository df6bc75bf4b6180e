"""The ClickHouse process alone, without the rest of the stack: it needs no Java."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from deploy.local import detached, probes
from deploy.local.ports import Ports, choose
from tests.deploy.waiting import until

USER = "leap"
# Ends by itself only after minutes; every reading of it stops in between.
SLOW = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1"
RUNNING = "SELECT count() FROM system.processes WHERE query LIKE '%sipHash64%' AND is_initial_query"
RUNNING += " AND query NOT LIKE '%system.processes%'"


@dataclass(slots=True)
class Server:
    folder: Path
    options: tuple[str, ...] = ()
    port: int = field(default_factory=lambda: choose(Ports(), None).clickhouse)
    password: str = field(default_factory=secrets.token_hex)
    pid: int = 0

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        (self.folder / "password").write_text(self.password)
        self.pid = detached.start(
            "deploy.local.clickhouse",
            *("--folder", str(self.folder / "data"), "--port", str(self.port)),
            *("--user", USER, "--password-file", str(self.folder / "password")),
            *self.options,
            log=self.log,
        )

    def wait(self) -> None:
        address = f"127.0.0.1:{self.port}"
        until(
            lambda: probes.clickhouse_version(address, USER, self.password) is not None,
            "ClickHouse answered",
        )

    def stop(self) -> None:
        detached.end(self.pid, timeout_s=20)

    def client(
        self,
        *,
        password: str | None = None,
        database: str | None = None,
        compress: str | bool = True,
    ) -> Client:
        return clickhouse_connect.get_client(
            host="127.0.0.1",
            port=self.port,
            username=USER,
            password=self.password if password is None else password,
            database=database,
            compress=compress,
        )

    def send(
        self,
        method: str,
        parameters: Mapping[str, str],
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> tuple[int, str, dict[str, str]]:
        """Send one request as it is said here; returns status, text and headers of the answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, f"/?{urlencode(parameters)}", body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), dict(answer.headers)
        finally:
            connection.close()

    def post(self, sql: str | bytes, **parameters: str) -> tuple[int, str, dict[str, str]]:
        body = sql.encode() if isinstance(sql, str) else sql
        headers = {"X-ClickHouse-User": USER, "X-ClickHouse-Key": self.password}
        return self.send("POST", parameters, body=body, headers=headers)
