"""A ClickHouse of the tests' own, which needs no Java; topics on the real broker."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import uuid4

import pytest
from clickhouse_connect.driver.client import Client
from prometheus_client import CollectorRegistry

from deploy.local.stack import Addresses
from sinks.clickhouse import ClickHouseAddress, connect
from sinks.loader import Loader
from sinks.migrate import migrate
from sinks.queries import Queries
from telemetry.metrics import SinkMetrics
from tests.deploy.server import USER, Server
from tests.sinks.published import Generation, Published, Registered
from tests.sinks.running import QUICK


@dataclass(frozen=True, slots=True)
class Store:
    """A database that is brought up to date."""

    address: ClickHouseAddress
    client: Client

    def empty(self) -> None:
        for table, rows in self.queries.row_counts().items():
            if rows:
                self.client.command(f"TRUNCATE TABLE {table}")

    @property
    def queries(self) -> Queries:
        return Queries(self.client, self.address)

    def loader(self, address: ClickHouseAddress | None = None) -> Loader:
        """A loader of its own, by another way to the same ClickHouse if one is given."""
        way = address or self.address
        return Loader(connect(way), way, SinkMetrics(CollectorRegistry()), pauses=QUICK)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("clickhouse"))
    server.start()
    try:
        server.wait()
        yield server
    finally:
        server.stop()


@contextmanager
def _database(server: Server) -> Iterator[ClickHouseAddress]:
    name = f"test_{uuid4().hex[:12]}"
    address = ClickHouseAddress("127.0.0.1", server.port, USER, server.password, name)
    yield address
    client = connect(replace(address, database="default"))
    client.command(f"DROP DATABASE IF EXISTS {name}")
    client.close()


@contextmanager
def _store(address: ClickHouseAddress) -> Iterator[Store]:
    client = connect(address)
    migrate(client, address)
    yield Store(address, client)
    client.close()


@pytest.fixture
def address(server: Server) -> Iterator[ClickHouseAddress]:
    """A database that does not exist yet."""
    with _database(server) as address:
        yield address


@pytest.fixture
def own_store(address: ClickHouseAddress) -> Iterator[Store]:
    """A database of the test's own, whose tables it may drop."""
    with _store(address) as store:
        yield store


@pytest.fixture(scope="session")
def shared_store(server: Server) -> Iterator[Store]:
    """One database for all examples of a property; each begins by emptying what it uses."""
    with _database(server) as address, _store(address) as store:
        yield store


@pytest.fixture
def store(shared_store: Store) -> Store:
    """A database whose tables are empty."""
    shared_store.empty()
    return shared_store


@pytest.fixture(scope="session")
def registered(stack: Addresses) -> Iterator[Registered]:
    with Registered.at(stack) as registered:
        yield registered


@pytest.fixture
def generation(stack: Addresses, registered: Registered) -> Generation:
    return Generation.new(stack, registered)


@pytest.fixture(scope="session")
def published(stack: Addresses, registered: Registered) -> Published:
    generation = Generation.new(stack, registered)
    return generation, generation.publish_everything()


@pytest.fixture
def everything(published: Published) -> Published:
    """Records on every topic, not loaded yet, and how many rows they come to; only to be read."""
    published[0].forget_what_was_loaded()
    return published
