from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from deploy.local.detached import PROJECT
from deploy.local.layout import Layout
from deploy.local.stack import Addresses, LocalStack
from tests.deploy.server import Server


@pytest.fixture(scope="session")
def java_parts() -> Path:
    folder = PROJECT / ".java"
    if not (folder / "complete").exists():
        pytest.fail("The jars of the local stack are not there: run make setup.")
    return folder


@pytest.fixture(scope="session")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Layout:
    return Layout(tmp_path_factory.mktemp("stack with spaces"))


@pytest.fixture(scope="session")
def stack(layout: Layout, java_parts: Path) -> Iterator[LocalStack]:
    stack = LocalStack(layout.root, java_parts=java_parts)
    try:
        yield stack
    finally:
        stack.down()


@pytest.fixture
def up(stack: LocalStack) -> Addresses:
    """Free while the stack runs; a test that ends it leaves it to the next one to start it."""
    return stack.up()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The ClickHouse process alone, with limits that are quickly reached."""
    options = ("--body-mib", "8", "--query-memory-mib", "200", "--query-seconds", "20")
    server = Server(tmp_path_factory.mktemp("clickhouse"), (*options, "--result-mib", "4"))
    server.start()
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    client = server.client()
    client.command("DROP TABLE IF EXISTS t")
    client.command("CREATE TABLE t (a Int64, s String) ENGINE = MergeTree ORDER BY a")
    yield client
    client.close()
