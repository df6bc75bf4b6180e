"""The embedded engine as a server would be used: many statements at a time, each on its own.

Every statement gets a connection of its own, opened and closed around it (about 1 ms together).
That keeps three things apart that a shared connection mixes:
- time: a connection runs one statement at a time, so a slow query would hold a point read;
- state: SET, USE and parameters end with the statement they came with;
- output: after an error in the middle of a result, a connection puts what it had written before
  the error in front of its next result.
"""

import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from chdb.state.sqlitelike import Connection

from deploy.local.clickhouse.refusal import Refusal
from deploy.local.clickhouse.statement import Statement

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ENDS_WITH_FORMAT: Final = re.compile(rb"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_HAS_FORMAT: Final = re.compile(rb"\bFORMAT\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the engine may use. A statement may ask for less than its share, never for more."""

    memory_bytes: int = 2 << 30  # the whole process
    query_memory_bytes: int = 1 << 30
    query_seconds: int = 120
    query_threads: int = 2
    result_bytes: int = 256 << 20  # an answer is held in memory twice while it is sent

    def settings(self) -> dict[str, int]:
        """Return the limits of one statement as the engine's settings."""
        return {
            "max_memory_usage": self.query_memory_bytes,
            "max_execution_time": self.query_seconds,
            "max_threads": self.query_threads,
            "max_result_bytes": self.result_bytes,
        }


@dataclass(frozen=True, slots=True)
class Query:
    """One statement with all that was said about it. `tag` names it for `Engine.cancel`."""

    statement: Statement
    tag: str
    database: str | None = None
    default_format: str | None = None
    read_only: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)  # as ClickHouse escapes them


@dataclass(frozen=True, slots=True)
class Answer:
    """What a statement gave. `format` is None when it gives no result set at all."""

    body: bytes
    format: str | None
    summary: Mapping[str, str]


class Engine:
    """The engine on one folder. All methods may be called from any thread, at the same time."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        """Open the engine; raises Refusal if another process holds `folder`."""
        self._limits = limits
        options = {
            "max_server_memory_usage": limits.memory_bytes,
            # The default, 5 GiB, is made for a server of its own.
            "mark_cache_size": limits.memory_bytes // 16,
        }
        # The engine compares paths literally and refuses a second spelling of the same folder.
        self._address = f"{folder.resolve()}?{urlencode(options)}"
        # Held open until `close`: the engine ends with its last connection.
        self._keeper = self._connect()
        self._is_closed = False

    def run(self, query: Query) -> Answer:
        """Carry out one statement and return its whole answer; raises Refusal."""
        with closing(self._connect()) as connection:
            try:
                if query.database:
                    quoted = query.database.replace("\\", "\\\\").replace("`", "\\`")
                    connection.query(f"USE `{quoted}`")
                connection.query(f"SET {self._assignments(query)}")
                if query.statement.data_format is not None:
                    return _insert(connection, query.statement, query.statement.data_format)
                return _select(connection, query)
            except RuntimeError as error:
                raise Refusal.of_engine(error) from None

    def timezone(self) -> str:
        """Return the name of the time zone in which the engine shows times without a zone."""
        name: bytes = self._keeper.query("SELECT timezone()", "TabSeparated").bytes()
        return name.decode().strip()

    def cancel(self, tag: str | None = None) -> None:
        """Ask the statement called `tag`, or all of them, to stop; returns at once."""
        if self._is_closed:
            return
        which = "1" if tag is None else f"Settings['log_comment'] = {_literal(tag)}"
        with closing(self._connect()) as connection:
            connection.query(f"KILL QUERY WHERE {which} ASYNC")

    def close(self) -> None:
        """Close the engine. What was inserted is on disk; no statement may follow."""
        self._is_closed = True
        self._keeper.close()

    def _connect(self) -> Connection:
        try:
            return Connection(self._address)
        except RuntimeError as error:
            raise Refusal.of_engine(error) from None

    def _assignments(self, query: Query) -> str:
        limits = self._limits.settings()
        wanted: dict[str, str] = {name: str(value) for name, value in limits.items()}
        for name, value in query.settings.items():
            wanted[name] = _at_most(value, limits[name]) if name in limits else value
        if query.read_only:
            wanted["readonly"] = "2"
        wanted |= {f"param_{name}": value for name, value in query.parameters.items()}
        # The one text of a statement's own that the list of running statements shows.
        wanted["log_comment"] = query.tag
        return ", ".join(f"{_name(name)} = {_literal(value)}" for name, value in wanted.items())


def _insert(connection: Connection, statement: Statement, data_format: str) -> Answer:
    with connection.send_insert(statement.text.decode(), data_format) as insert:
        if statement.data:
            insert.append(statement.data)
        done = insert.finish()
    return Answer(
        b"",
        None,
        {
            "written_rows": str(done.rows_written),
            "written_bytes": str(done.bytes_written),
            "elapsed_ns": str(int(done.elapsed * 1e9)),
        },
    )


def _select(connection: Connection, query: Query) -> Answer:
    sql = query.statement.text
    named = _ENDS_WITH_FORMAT.search(sql)
    fallback = query.default_format or "TabSeparated"
    # A statement without a result set must be told apart from one with an empty result. Asked for
    # names, the second gives at least a line of names; that line is taken off again.
    by_names = fallback == "TabSeparated" and not _HAS_FORMAT.search(sql)
    # Typed as text, but bytes are what it takes best: literals may hold any of them.
    result = connection.query(sql, "TabSeparatedWithNames" if by_names else fallback)  # type: ignore[arg-type]
    body: bytes = result.bytes()
    result_format = named[1].decode() if named else fallback if body else None
    if by_names:
        body = body.partition(b"\n")[2]
    return Answer(
        body,
        result_format,
        {
            "read_rows": str(result.storage_rows_read()),
            "read_bytes": str(result.storage_bytes_read()),
            "written_rows": str(result.rows_written()),
            "written_bytes": str(result.bytes_written()),
            "result_rows": str(result.rows_read()),
            "result_bytes": str(len(body)),
            "elapsed_ns": str(int(result.elapsed() * 1e9)),
        },
    )


def _at_most(asked: str, limit: int) -> str:
    """Return the smaller of the two; 0 means without limit, and what is no number is left alone."""
    try:
        number = float(asked)
    except ValueError:
        return asked  # the engine says best what is wrong with it
    return asked if 0 < number <= limit else str(limit)


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Refusal.named(115, "UNKNOWN_SETTING", f"Unknown setting '{name}'.")
    return name


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
