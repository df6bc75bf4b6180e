"""Migrations against a real ClickHouse."""

import hashlib
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from schemas.errors import Unreachable
from sinks.clickhouse import ClickHouseAddress, connect
from sinks.migrate import SHIPPED, MigrationError, migrate, migrations_in
from sinks.tables import TABLES

FIRST = """-- a table; and another
CREATE TABLE IF NOT EXISTS a (x Int64) ENGINE = MergeTree ORDER BY x;
CREATE TABLE IF NOT EXISTS b (s String) ENGINE = MergeTree ORDER BY s;
"""
SECOND = "ALTER TABLE a ADD COLUMN IF NOT EXISTS y String DEFAULT 'a;b';\n"


@pytest.fixture
def client(address: ClickHouseAddress) -> Client:
    return connect(address)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0001_first.sql").write_text(FIRST)
    (tmp_path / "0002_second.sql").write_text(SECOND)
    (tmp_path / "README.md").write_text("not a migration")
    return tmp_path


def test_every_migration_is_applied_once_and_recorded(
    client: Client, address: ClickHouseAddress, folder: Path
) -> None:
    second = (folder / "0002_second.sql").rename(folder.parent / "later.sql")
    assert migrate(client, address, folder) == ["0001_first"]
    second.rename(folder / "0002_second.sql")
    assert migrate(client, address, folder) == ["0002_second"]
    assert migrate(client, address, folder) == []
    recorded = client.query(
        "SELECT number, name, sha256, applied_at > now() - 60 FROM migration ORDER BY number"
    ).result_rows
    assert recorded == [
        (1, "0001_first", hashlib.sha256(FIRST.encode()).hexdigest(), 1),
        (2, "0002_second", hashlib.sha256(SECOND.encode()).hexdigest(), 1),
    ]
    client.command("INSERT INTO a (x) VALUES (1)")
    assert client.query("SELECT x, y FROM a").result_rows == [(1, "a;b")]


def test_what_is_shipped_makes_every_table(client: Client, address: ClickHouseAddress) -> None:
    shipped = migrations_in(SHIPPED)
    assert migrate(client, address) == [migration.name for migration in shipped]
    assert migrate(client, address) == []
    names = {row[0] for row in client.query("SHOW TABLES").result_rows}
    assert names == {"migration", "activity", *(table.name for table in TABLES)}


def test_what_is_shipped_can_be_carried_out_twice(
    client: Client, address: ClickHouseAddress
) -> None:
    migrate(client, address)
    client.command("TRUNCATE TABLE migration")
    assert len(migrate(client, address)) == len(migrations_in(SHIPPED))


def test_an_applied_migration_that_was_edited_is_refused(
    client: Client, address: ClickHouseAddress, folder: Path
) -> None:
    migrate(client, address, folder)
    (folder / "0001_first.sql").write_text(FIRST.replace("Int64", "Int32"))
    (folder / "0003_third.sql").write_text("CREATE TABLE c (x Int64) ENGINE = Memory")
    with pytest.raises(MigrationError) as caught:
        migrate(client, address, folder)
    for part in ("0001_first.sql was edited", address.database, "restore it"):
        assert part in str(caught.value)
    assert client.command("EXISTS TABLE c") == 0


def test_a_database_of_a_later_version_is_refused(
    client: Client, address: ClickHouseAddress, folder: Path
) -> None:
    migrate(client, address, folder)
    (folder / "0002_second.sql").unlink()
    with pytest.raises(MigrationError, match="0002_second, which this version does not know"):
        migrate(client, address, folder)


def test_a_migration_that_was_slipped_in_before_the_last_one_is_refused(
    client: Client, address: ClickHouseAddress, folder: Path
) -> None:
    (folder / "0001_first.sql").rename(folder / "0000_first.sql")
    migrate(client, address, folder)
    (folder / "0001_late.sql").write_text("SELECT 1")
    with pytest.raises(MigrationError, match=r"0001_late.sql was never applied.*0002_second was"):
        migrate(client, address, folder)


def test_two_migrations_of_one_number_are_refused(
    client: Client, address: ClickHouseAddress, folder: Path
) -> None:
    (folder / "0002_other.sql").write_text("SELECT 1")
    with pytest.raises(MigrationError, match=r"0002_second\.sql and 0002_other\.sql"):
        migrate(client, address, folder)


def test_a_migration_that_broke_off_is_not_recorded_and_is_carried_out_again(
    client: Client, address: ClickHouseAddress, folder: Path
) -> None:
    (folder / "0002_second.sql").write_text(
        "CREATE TABLE IF NOT EXISTS c (x Int64) ENGINE = Memory;\nSELECT nonsense;"
    )
    with pytest.raises(Unreachable, match=r"apply the migration 0002_second.*nonsense"):
        migrate(client, address, folder)
    assert client.query("SELECT name FROM migration").result_rows == [("0001_first",)]
    (folder / "0002_second.sql").write_text(
        "CREATE TABLE IF NOT EXISTS c (x Int64) ENGINE = Memory;"
    )
    assert migrate(client, address, folder) == ["0002_second"]
