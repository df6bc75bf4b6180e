"""Fixtures for tests against real parts: one local stack for each process that tests run in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from broker.clients import ClientConfig
from deploy.local.stack import Addresses, LocalStack

ROOT = Path(__file__).parent.parent

# A failure prints the blob that repeats it; no deadline, because CI machines are shared. What
# passes here passes in CI, since both see the same examples; `make fuzz` looks for new ones.
settings.register_profile("leap", max_examples=60, deadline=None, print_blob=True, derandomize=True)
settings.register_profile("long", max_examples=3000, deadline=None, print_blob=True)
settings.load_profile("leap")


@pytest.fixture(scope="session")
def stack_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the stack's data lie."""
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="session")
def stack(stack_folder: Path) -> Iterator[Addresses]:
    """A real Kafka, schema registry and ClickHouse, started once and stopped at the end."""
    local = LocalStack(stack_folder, java_parts=ROOT / ".java")
    try:
        yield local.up()
    finally:
        local.down()


@pytest.fixture(scope="session")
def kafka(stack: Addresses) -> str:
    """Kafka's address, host:port."""
    return stack.kafka


@pytest.fixture(scope="session")
def client(kafka: str) -> ClientConfig:
    """Kafka, as our clients want it."""
    return ClientConfig(kafka)
