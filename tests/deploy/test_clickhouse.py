"""What a client may rely on, held against the process as the stack runs it."""

import polars as pl
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.deploy.server import SLOW, USER, Server


def test_rows_go_in_and_come_out_in_every_form_the_client_has(client: Client) -> None:
    rows = [[1, "plain"], [2, "tab\tquote'back\\slash\nline"], [3, "é\0"]]
    assert client.insert("t", rows, column_names=["a", "s"]).written_rows == 3
    table = pl.DataFrame({"a": [4, 5], "s": ["arrow", "x;y FORMAT CSV"]}).to_arrow()
    assert client.insert_arrow("t", table).written_rows == 2
    assert client.raw_insert("t", ["a", "s"], b"6,csv\n", fmt="CSV").written_rows == 1
    expected = [*map(tuple, rows), (4, "arrow"), (5, "x;y FORMAT CSV"), (6, "csv")]

    query = "SELECT a, s FROM t ORDER BY a"
    assert client.query(query).result_rows == expected
    assert client.query_arrow(query, use_strings=True).to_pydict()["s"] == [s for _, s in expected]
    assert client.query_df(query)["a"].tolist() == [a for a, _ in expected]
    assert client.raw_query(query, fmt="CSV").splitlines()[0] == b'1,"plain"'
    with client.query_row_block_stream(query) as blocks:
        assert [row for block in blocks for row in block] == expected


def test_parameters_arrive_whatever_they_hold(client: Client) -> None:
    text = "it's\ta \\N \n{x}"
    assert client.query("SELECT {s:String}", parameters={"s": text}).result_rows == [(text,)]
    client.insert("t", [[n, str(n)] for n in range(5000)], column_names=["a", "s"])
    # Too long for a URL: the client sends a form.
    wanted = {"ids": list(range(0, 5000, 2)), "s": text}
    query = "SELECT count(), {s:String} FROM t WHERE a IN {ids:Array(Int64)}"
    assert client.query(query, parameters=wanted).result_rows == [(2500, text)]


def test_a_command_tells_no_result_from_an_empty_one(client: Client) -> None:
    assert client.command("SELECT s FROM t") == ""
    assert client.command("EXISTS TABLE t") == 1
    assert client.command("SELECT 1, 'a'") == ["1", "a"]
    assert not isinstance(client.command("OPTIMIZE TABLE t"), (str, int, list))
    assert client.query("SELECT a, s FROM t LIMIT 0").column_names == ("a", "s")


def test_the_database_of_a_client_is_its_own(server: Server, client: Client) -> None:
    client.command("CREATE DATABASE IF NOT EXISTS other")
    assert server.client(database="other").command("SELECT currentDatabase()") == "other"
    assert client.command("SELECT currentDatabase()") == "default"
    with pytest.raises(DatabaseError) as caught:
        server.client(database="nowhere").command("SELECT 1")
    assert caught.value.code == 81


@pytest.mark.parametrize("compression", ["lz4", "zstd", "gzip"])
def test_compressed_inserts_arrive(server: Server, client: Client, compression: str) -> None:
    rows = [[n, "x" * 100] for n in range(1000)]
    compressing = server.client(compress=compression)
    assert compressing.insert("t", rows, column_names=["a", "s"]).written_rows == 1000
    assert client.command("SELECT count() FROM t WHERE s = repeat('x', 100)") == 1000


@pytest.mark.parametrize(
    ("sql", "code", "text"),
    [
        ("SELECT nope", 47, "Unknown expression identifier `nope`"),
        ("SELECT * FROM nowhere", 60, "nowhere"),
        ("SELEC 1", 62, "Syntax error"),
        ("SELECT throwIf(number = 70000, 'half way') FROM numbers(100000)", 395, "half way"),
        ("INSERT INTO t FORMAT CSV\nx,y", 27, "Cannot parse input"),
        ("INSERT INTO t FORMAT Nope\n1", 73, "Unknown format Nope"),
        ("INSERT INTO t FORMAT ArrowStream\ngarbage", 117, "Arrow"),
        ("SELECT 1; SELECT 2", 62, "Multi-statements are not allowed"),
    ],
)
def test_errors_are_the_engines_own(
    server: Server, client: Client, sql: str, code: int, text: str
) -> None:
    status, said, headers = server.post(sql)
    assert status >= 400
    assert headers["x-clickhouse-exception-code"] == str(code)
    assert said.startswith(f"Code: {code}. DB::Exception: ")
    assert text in said


def test_an_error_leaves_nothing_in_the_next_answer(server: Server) -> None:
    for _ in range(3):
        status, *_ = server.post("SELECT number FROM numbers(100000000) FORMAT CSV")
        assert status == 500
        assert server.post("SELECT 1")[1] == "1\n"


def test_a_wrong_password_is_refused_and_says_so(server: Server) -> None:
    with pytest.raises(DatabaseError, match=r"password is wrong.*stack\.json") as caught:
        server.client(password="not " + server.password)
    assert caught.value.code == 516
    wrong: tuple[dict[str, str], ...] = (
        {},
        {"user": USER},
        {"user": "other", "password": server.password},
    )
    for credentials in wrong:
        status, said, _ = server.send("GET", {"query": "SELECT 1", **credentials})
        assert (status, "AUTHENTICATION_FAILED" in said) == (403, True)


def test_ping_needs_no_password(server: Server) -> None:
    client = server.client()
    assert client.ping()


def test_a_get_changes_nothing(server: Server, client: Client) -> None:
    who = {"user": USER, "password": server.password}
    status, said, _ = server.send("GET", {"query": "INSERT INTO t VALUES (1, 'x')", **who})
    assert (status, "READONLY" in said) == (500, True)
    assert server.send("GET", {"query": "SELECT count() FROM t", **who})[:2] == (200, "0\n")


def test_a_body_beyond_the_bound_is_refused_with_what_to_do(server: Server, client: Client) -> None:
    status, said, _ = server.post(b"INSERT INTO t FORMAT CSV\n" + b"1,x\n" * (3 << 20))
    assert (status, "larger than 8 MiB" in said, "send fewer rows" in said) == (413, True, True)
    assert client.command("SELECT count() FROM t") == 0


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT groupArray(number) FROM numbers(100000000)", 241),
        ("SELECT number FROM numbers(100000000)", 396),
        (f"{SLOW} SETTINGS max_execution_time = 0.2", 159),
    ],
)
def test_limits_end_a_statement_with_their_own_error(server: Server, sql: str, code: int) -> None:
    # Asking for more than the limit changes nothing.
    _, _, headers = server.post(sql, max_memory_usage="0", max_result_bytes="99999999999")
    assert headers["x-clickhouse-exception-code"] == str(code)


def test_settings_count_for_one_request(server: Server) -> None:
    threads = "SELECT getSetting('max_threads')"
    assert server.post(threads, max_threads="1")[1] == "1\n"
    assert server.post("SET max_threads = 1")[0] == 200
    assert server.post(threads)[1] == "2\n"
    assert server.post("SELECT 1", no_such_setting="1")[2]["x-clickhouse-exception-code"] == "115"
