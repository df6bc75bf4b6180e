"""What a stack's folder holds: ports, state, lock and logs."""

import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import lock, logs, state
from deploy.local.ports import ChosenPorts, Ports, choose, is_free
from deploy.local.state import Phase, State
from schemas.errors import StackError


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_ports_are_free_and_different() -> None:
    chosen = choose(Ports(), None)
    ports = {chosen.kafka, chosen.kafka_controller, chosen.registry, chosen.clickhouse}
    assert len(ports) == 4
    assert all(is_free(port) for port in ports)


def test_a_folder_keeps_its_ports_while_they_are_free(taken: int) -> None:
    first = choose(Ports(), None)
    assert choose(Ports(), first) == first
    before = ChosenPorts(taken, first.kafka_controller, first.registry, first.clickhouse)
    again = choose(Ports(), before)
    assert again.kafka != taken
    assert (again.registry, again.clickhouse) == (first.registry, first.clickhouse)


def test_a_port_that_was_asked_for_and_is_taken_is_an_error(taken: int) -> None:
    with pytest.raises(StackError, match=f"Port {taken} .*ClickHouse.*taken"):
        choose(Ports(clickhouse=taken), None)


def test_state_survives_a_round_trip_and_is_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "stack.json"
    word = "a password"
    written = State(
        Phase.READY,
        12,
        progress=("Kafka starts",),
        ports=ChosenPorts(1, 2, 3, 4),
        clickhouse_password=word,
        pids={"Kafka": 13},
    )
    state.save(path, written)
    state.save(path, written)
    assert state.load(path) == written
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", [None, b"", b"{", b'{"phase": "ready"}', b"\xff"])
def test_a_state_that_cannot_be_read_is_none(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "stack.json"
    if content is not None:
        path.write_bytes(content)
    assert state.load(path) is None


def test_one_holds_the_lock_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not lock.is_held(path)
    held = lock.acquire(path)
    assert held is not None
    assert lock.is_held(path)
    assert lock.acquire(path) is None
    os.close(held)
    assert not lock.is_held(path)


def test_a_log_is_cut_and_its_writer_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "kafka.log"
    writer = logs.open_for_append(path)
    os.write(writer, b"old\n" * 10)
    logs.bound(path, limit_bytes=39)
    os.write(writer, b"new\n")
    os.close(writer)
    assert path.read_bytes() == b"new\n"
    assert path.with_name("kafka.log.1").read_bytes() == b"old\n" * 10
    logs.bound(path, limit_bytes=39)
    assert path.read_bytes() == b"new\n"


def test_the_last_lines_of_a_log_are_quoted(tmp_path: Path) -> None:
    path = tmp_path / "kafka.log"
    assert logs.tail(path) == ""
    path.write_bytes(b"first\n\xff\nlast\n")
    assert logs.tail(path, lines=2) == "  \ufffd\n  last"
