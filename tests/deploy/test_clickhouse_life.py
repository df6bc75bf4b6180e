"""Statements side by side, clients that go away, and the process's own end."""

import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from tests.deploy.server import RUNNING, SLOW, USER, Server
from tests.deploy.waiting import until


def test_a_slow_query_does_not_hold_a_point_read(server: Server, client: Client) -> None:
    client.insert("t", [[1, "x"]], column_names=["a", "s"])
    reader = server.client()
    with ThreadPoolExecutor() as pool:
        slow = pool.submit(server.post, SLOW, query_id="slow")
        until(lambda: reader.command(RUNNING) == 1, "the slow query ran")
        assert reader.query("SELECT s FROM t WHERE a = 1").result_rows == [("x",)]
        assert reader.insert("t", [[2, "y"]], column_names=["a", "s"]).written_rows == 1
        assert not slow.done()
        assert reader.command(RUNNING) == 1
        server.post("KILL QUERY WHERE query LIKE '%sipHash64%' ASYNC")
        assert slow.result()[2]["x-clickhouse-exception-code"] == "394"


def connect_and_send(server: Server, sql: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port))
    head = f"POST / HTTP/1.1\r\nHost: x\r\nX-ClickHouse-User: {USER}\r\n"
    head += f"X-ClickHouse-Key: {server.password}\r\nContent-Length: {len(sql)}\r\n\r\n"
    connection.sendall((head + sql).encode())
    return connection


def test_a_query_ends_when_its_client_goes_away(server: Server, client: Client) -> None:
    with connect_and_send(server, SLOW):
        until(lambda: client.command(RUNNING) == 1, "the query ran")
    until(lambda: client.command(RUNNING) == 0, "the query ended")


def test_queries_whose_clients_went_away_in_the_queue_never_run(tmp_path: Path) -> None:
    server = Server(tmp_path, ("--statements", "1"))
    server.start()
    try:
        server.wait()
        for connection in [connect_and_send(server, SLOW) for _ in range(5)]:
            connection.close()
        assert server.post(RUNNING)[:2] == (200, "0\n")
    finally:
        server.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_was_inserted_outlives_the_process(tmp_path: Path, number: signal.Signals) -> None:
    server = Server(tmp_path)
    server.start()
    try:
        server.wait()
        server.post("CREATE TABLE t (a Int64) ENGINE = MergeTree ORDER BY a")
        server.post("INSERT INTO t SELECT number FROM numbers(1000)")
        with ThreadPoolExecutor() as pool:
            slow = pool.submit(server.post, SLOW)
            until(lambda: server.post(RUNNING)[1] == "1\n", "the slow query ran")
            os.kill(server.pid, number)
            if number is signal.SIGTERM:
                assert slow.result()[0] == 500
            else:
                slow.exception()
        server.stop()
        server.start()
        server.wait()
        assert server.post("SELECT count() FROM t")[1] == "1000\n"
        assert server.log.read_text() == ""
    finally:
        server.stop()


def test_a_folder_in_use_is_refused_in_one_sentence(server: Server, tmp_path: Path) -> None:
    second = Server(tmp_path)
    (tmp_path / "data").symlink_to(server.folder / "data")
    second.start()
    until(lambda: second.log.exists() and "cannot open" in second.log.read_text(), "it spoke")
    second.stop()
    said = second.log.read_text()
    assert "Another server instance in same directory is already running" in said
    assert f"ClickHouse cannot open {tmp_path / 'data'}" in said
    assert "Traceback" not in said
