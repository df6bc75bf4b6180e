"""The embedded engine as a server would be used: many statements at a time, each on its own.

Every statement gets a connection of its own, opened and closed around it (about 1 ms together).
That keeps three things apart that a shared connection mixes:
- time: a connection runs one statement at a time, so a slow query would hold a point read;
- state: SET, USE and parameters end with the statement they came with;
- output: after an error in the middle of a result, a connection puts what it had written before
  the error in front of its next result.
"""

import re
import threading
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from chdb.state.sqlitelike import Connection

from deploy.local.clickhouse.query import Answer, Limits, Query
from deploy.local.clickhouse.refusal import Refusal
from deploy.local.clickhouse.statement import Statement

_PAUSE_SECONDS: Final = 0.1
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ENDS_WITH_FORMAT: Final = re.compile(rb"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_HAS_FORMAT: Final = re.compile(rb"\bFORMAT\b", re.IGNORECASE)


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
        self._closing = threading.Lock()
        self._is_closed = threading.Event()
        self._is_draining = False

    def run(self, query: Query) -> Answer:
        """Carry out one statement and return its whole answer; raises Refusal."""
        if self._is_draining:
            raise Refusal.named(236, "ABORTED", "The local ClickHouse is being stopped.")
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
        """Ask the statement called `tag`, or all of them, to stop; returns at once.

        A statement that has not quite begun does not hear it: ask again until it has ended.
        """
        which = "1" if tag is None else f"Settings['log_comment'] = {_literal(tag)}"
        # After `close` a connection would open the engine once more.
        with self._closing:
            if not self._is_closed.is_set():
                with closing(self._connect()) as connection:
                    connection.query(f"KILL QUERY WHERE {which} ASYNC")

    def drain(self) -> None:
        """Refuse new statements and stop those that run; returns when the engine is closed."""
        self._is_draining = True
        while not self._is_closed.wait(_PAUSE_SECONDS):
            self.cancel()

    def close(self) -> None:
        """Close the engine. What was inserted is on disk; no statement may follow."""
        with self._closing:
            self._is_closed.set()
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
