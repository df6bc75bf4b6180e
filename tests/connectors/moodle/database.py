"""Moodle's database, for the contract suite: the real table's columns, in SQLite."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from connectors.moodle import log
from connectors.moodle.database import DatabaseSource
from connectors.moodle.log import LogMapping
from connectors.rows import Columns
from schemas.reasons import Reason
from tests.connectors.case import Case, Sample
from tests.connectors.moodle import log_rows
from tests.connectors.moodle.case import USERS

TABLE: Final = "mdl_logstore_standard_log"
# As Moodle 4.5 creates it (lib/db and admin/tool/log/store/standard/db/install.xml).
CREATED: Final = f"""CREATE TABLE IF NOT EXISTS {TABLE} (
  id INTEGER PRIMARY KEY, eventname VARCHAR(255) NOT NULL, component VARCHAR(100) NOT NULL,
  action VARCHAR(100) NOT NULL, target VARCHAR(100) NOT NULL, objecttable VARCHAR(50),
  objectid BIGINT, crud VARCHAR(1) NOT NULL, edulevel SMALLINT NOT NULL, contextid BIGINT NOT NULL,
  contextlevel BIGINT NOT NULL, contextinstanceid BIGINT NOT NULL, userid BIGINT NOT NULL,
  courseid BIGINT, relateduserid BIGINT, anonymous SMALLINT NOT NULL DEFAULT 0, other TEXT,
  timecreated BIGINT NOT NULL, origin VARCHAR(10), ip VARCHAR(45), realuserid BIGINT)"""
READ: Final = (*log.NEEDED, *log.OPTIONAL)
_IN_NO_DATABASE: Final = (Reason.NOT_A_NUMBER, Reason.MISSING_VALUE)


def insert(database: Path, rows: Sequence[Mapping[str, object]], created: str = CREATED) -> None:
    """Rows as Moodle inserts them; those that are there already stay."""
    names, places = ", ".join(log_rows.COLUMNS), ", ".join("?" * len(log_rows.COLUMNS))
    with sqlite3.connect(database) as connection:
        connection.execute(created)
        connection.executemany(
            f"INSERT OR IGNORE INTO {TABLE} ({names}) VALUES ({places})",  # noqa: S608
            [[row[name] for name in log_rows.COLUMNS] for row in rows],
        )
    connection.close()


def source(folder: Path, overlap: int = 1000) -> DatabaseSource:
    engine = create_engine(f"sqlite:///{folder / 'moodle.db'}", poolclass=NullPool)
    mapping = LogMapping("moodle", Columns(log.NEEDED, log.OPTIONAL), {"5": "HI101"})
    return DatabaseSource("moodle", engine, TABLE, mapping, overlap, block_rows=5)


def _write(folder: Path, rows: Sequence[bytes]) -> None:
    by_id = {row["id"]: row for row, _ in log_rows.rows()}
    insert(folder / "moodle.db", [by_id[json.loads(row)["id"]] for row in rows])


DATABASE: Final = Case(
    "moodle.database",
    [
        Sample(json.dumps({name: row[name] for name in READ}).encode(), outcome)
        for row, outcome in log_rows.rows()
        if outcome not in _IN_NO_DATABASE
    ],
    USERS,
    _write,
    source,
)
