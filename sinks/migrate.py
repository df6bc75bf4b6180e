"""Brings a database to the form that this version loads and reads.

1. The table `migration`, which records what was applied, is made where it is missing.
2. What is recorded has to be what is shipped: a file that was edited after it was applied, or one
   that this version does not know, ends it with a sentence. A shipped file that lies before the
   last one recorded, but is not recorded itself, does so too.
3. Each further file is carried out statement by statement, in order of its number, then recorded.

ClickHouse has no transactions over statements. A migration that broke off is carried out again
from its first statement, and two processes may carry one out at the same time: so every statement
has to be harmless when repeated (IF NOT EXISTS and its like).
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from clickhouse_connect.driver.client import Client

from schemas.errors import LeapError
from sinks.clickhouse import FAILURES, ClickHouseAddress, unreachable
from sinks.statements import statements

SHIPPED: Final[Traversable] = files("sinks") / "migrations"

_NAME: Final = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_RECORD: Final = """
CREATE TABLE IF NOT EXISTS migration
(
    number     UInt32,
    name       String,
    sha256     String COMMENT 'of the file, in hexadecimal digits',
    applied_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY number
"""


class MigrationError(LeapError):
    """The database and the migrations that are shipped do not fit together."""

    exit_status = 4


@dataclass(frozen=True, slots=True)
class Migration:
    """A numbered file of statements."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """What tells whether the file is the one that was applied."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Applied:
    """What the database remembers of a migration."""

    name: str
    sha256: str


def migrate(
    client: Client, address: ClickHouseAddress, folder: Traversable = SHIPPED
) -> Sequence[str]:
    """Apply what is missing; returns the names of the migrations that were applied now.

    Raises MigrationError when the database does not fit, Unreachable when ClickHouse fails.
    """
    shipped = migrations_in(folder)
    attempted = "read which migrations were applied"
    try:
        client.command(_RECORD)
        applied = _applied(client)
        _check(shipped, applied, address.database)
        missing = [migration for migration in shipped if migration.number not in applied]
        for migration in missing:
            attempted = f"apply the migration {migration.name}"
            _apply(client, migration)
    except FAILURES as error:
        raise unreachable(address, attempted, error) from error
    return [migration.name for migration in missing]


def migrations_in(folder: Traversable) -> Sequence[Migration]:
    """The migrations in a folder, in order of their numbers, which have to differ."""
    found: dict[int, Migration] = {}
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        match = _NAME.fullmatch(file.name)
        if match is None:
            continue
        number = int(match[1])
        if number in found:
            raise MigrationError(
                f"{file.name} and {found[number].name}.sql have the same number: give the newer"
                " one the next free number"
            )
        found[number] = Migration(number, file.name.removesuffix(".sql"), file.read_text())
    return list(found.values())


def _applied(client: Client) -> Mapping[int, Applied]:
    rows = client.query("SELECT number, name, sha256 FROM migration FINAL").result_rows
    return {number: Applied(name, sha256) for number, name, sha256 in rows}


def _check(shipped: Sequence[Migration], applied: Mapping[int, Applied], database: str) -> None:
    known = {migration.number: migration for migration in shipped}
    last = max(applied, default=0)
    for number, record in sorted(applied.items()):
        if number not in known:
            raise MigrationError(
                f"the database {database} has had the migration {record.name}, which this version"
                " does not know: install the version that wrote it, or a later one"
            )
        if known[number].sha256 != record.sha256:
            raise MigrationError(
                f"sinks/migrations/{known[number].name}.sql was edited after it was applied to the"
                f" database {database} (as {record.name}): restore it, and put the change into a"
                " new migration"
            )
    for migration in shipped:
        if migration.number < last and migration.number not in applied:
            raise MigrationError(
                f"sinks/migrations/{migration.name}.sql was never applied to the database"
                f" {database}, but {applied[last].name} was, which comes after it: give it a"
                " number behind the last one"
            )


def _apply(client: Client, migration: Migration) -> None:
    for statement in statements(migration.sql):
        client.command(statement)
    client.insert(
        "migration",
        [[migration.number, migration.name, migration.sha256, datetime.now(UTC)]],
        column_names=["number", "name", "sha256", "applied_at"],
    )
