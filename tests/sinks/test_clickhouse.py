from dataclasses import replace

import pytest

from schemas.errors import Unreachable
from sinks.clickhouse import ClickHouseAddress, connect, quoted


def test_a_database_that_is_missing_is_made_and_then_found(address: ClickHouseAddress) -> None:
    for _ in range(2):
        client = connect(address)
        assert client.command("SELECT currentDatabase()") == address.database
        client.close()


def test_a_database_may_have_any_name(address: ClickHouseAddress) -> None:
    strange = replace(address, database=f"{address.database} it's `a` \\ name")
    client = connect(strange)
    assert client.query("SELECT currentDatabase()").result_rows == [(strange.database,)]
    client.command(f"DROP DATABASE {quoted(strange.database)}")
    client.close()


def test_a_silent_clickhouse_is_an_error_that_says_where_and_what_to_do(
    address: ClickHouseAddress,
) -> None:
    with pytest.raises(Unreachable) as caught:
        connect(replace(address, port=1))
    for part in ("127.0.0.1:1", "did not answer", "leap status", "LEAP_CLICKHOUSE"):
        assert part in str(caught.value)


def test_a_refused_password_is_an_error_that_does_not_show_it(address: ClickHouseAddress) -> None:
    wrong = replace(address, password="not-the-password")  # noqa: S106 - it is wrong on purpose
    with pytest.raises(Unreachable) as caught:
        connect(wrong)
    assert "LEAP_CLICKHOUSE_PASSWORD" in str(caught.value)
    for text in (str(caught.value), repr(wrong)):
        assert "not-the-password" not in text
