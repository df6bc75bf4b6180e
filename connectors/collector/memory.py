"""The ids that were accepted lately, each with a digest of what was accepted under it.

xAPI wants a repeat of a statement to change nothing, and another statement under the same id to be
refused. The topics cannot be asked for an id, so accepted ids are remembered here, for
`DAYS_REMEMBERED`, in SQLite on this machine. Beyond that, and on another machine, a conflict is not
noticed: what was first stays, since what comes second has an event id of its own only if student,
kind or time differ.

1. `accepted` tells repeats and conflicts before anything is published. What says no time gets one
   here, and the same when it is sent again, since its event id depends on it (`received`).
2. `remember` after Kafka has acknowledged it. It is known from then on, and written by a thread
   soon after: the disk takes its time now and then, and nobody who sends should wait for it. A
   crash in between costs the memory of these requests; `close` writes all of it.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from threading import Condition, Thread
from typing import Final, TypeAlias

import structlog

from schemas.errors import SourceError

log = structlog.get_logger(__name__)

DAYS_REMEMBERED: Final = 30
_MS_PER_DAY: Final = 86_400_000
_PATIENCE_S: Final = 30.0  # for the other connection, which writes for a moment

Name: TypeAlias = tuple[str, str]
"""Standard and id."""


class Memory:
    """Ids in a SQLite file, or in memory where `path` is None; for one thread at a time."""

    def __init__(self, path: Path | None, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._path = path
        self._unwritten: dict[Name, bytes] = {}
        self._being_written: dict[Name, bytes] = {}
        self._changed = Condition()
        self._is_closing = False
        self._forgotten = -1
        self._thread: Thread | None = None
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path or ":memory:", check_same_thread=False)
            # A lost end of the journal costs what a crash before `remember` costs.
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = normal")
            self._database.execute(
                "create table if not exists accepted (name text primary key, digest blob not null,"
                " day integer not null) without rowid"
            )
            self._database.execute("create index if not exists by_day on accepted (day)")
            self._database.execute(
                "create table if not exists received (name text primary key, at integer not null)"
                " without rowid"
            )
        except sqlite3.Error as error:
            raise SourceError(
                f"{path} cannot hold the ids that were accepted ({error}): remove it, and conflicts"
                " with earlier statements are not noticed"
            ) from error
        if path is not None:
            self._thread = Thread(target=self._keep_writing, name="memory", daemon=True)
            self._thread.start()

    def accepted(self, names: Collection[Name]) -> Mapping[Name, bytes]:
        """Those that were accepted, with the digest of what it was."""
        query = "select digest from accepted where name = ?"
        found: dict[Name, bytes] = {}
        # In this order: what is written meanwhile is found twice, and what was accepted first under
        # a name is told.
        with self._changed:
            for recent in (self._unwritten, self._being_written):
                found.update((name, recent[name]) for name in names if name in recent)
        for name in names:
            held = self._database.execute(query, (_key(name),)).fetchone()
            if held is not None:
                found[name] = bytes(held[0])
        return found

    def received(self, names: Collection[Name]) -> Mapping[Name, int]:
        """When each was received first, UTC milliseconds: now, where it never was."""
        now = self._now_ms()
        with self._database:
            self._database.executemany(
                "insert or ignore into received values (?, ?)", ((_key(one), now) for one in names)
            )
        query = "select at from received where name = ?"
        return {
            one: int(self._database.execute(query, (_key(one),)).fetchone()[0]) for one in names
        }

    def remember(self, digests: Mapping[Name, bytes]) -> None:
        """These were accepted. What was accepted first under a name stays."""
        if self._thread is None:
            self._write(self._database, digests)
            return
        with self._changed:
            for name, content in digests.items():
                self._unwritten.setdefault(name, content)
            self._changed.notify()

    def close(self) -> None:
        """Write what is not written yet, and close the file."""
        if self._thread is not None:
            with self._changed:
                self._is_closing = True
                self._changed.notify()
            self._thread.join()
        self._database.close()

    def _keep_writing(self) -> None:
        with closing(sqlite3.connect(self._path or "", timeout=_PATIENCE_S)) as database:
            database.execute("pragma synchronous = normal")
            while self._has_more():
                try:
                    self._write(database, self._being_written)
                except sqlite3.Error as error:
                    log.warning("conflicts may not be noticed later", problem=str(error))
                with self._changed:
                    self._being_written = {}

    def _has_more(self) -> bool:
        """Wait for something to write; False when there is nothing more to come."""
        with self._changed:
            self._changed.wait_for(lambda: self._unwritten or self._is_closing)
            self._being_written, self._unwritten = self._unwritten, {}
            return bool(self._being_written)

    def _write(self, database: sqlite3.Connection, digests: Mapping[Name, bytes]) -> None:
        day = self._now_ms() // _MS_PER_DAY
        with database:
            database.executemany(
                "insert or ignore into accepted values (?, ?, ?)", _rows(digests, day)
            )
            if day != self._forgotten:
                self._forgotten = day
                oldest = day - DAYS_REMEMBERED
                database.execute("delete from accepted where day < ?", (oldest,))
                database.execute("delete from received where at < ?", (oldest * _MS_PER_DAY,))


def _key(name: Name) -> str:
    return "\0".join(name)


def _rows(digests: Mapping[Name, bytes], day: int) -> Iterable[tuple[str, bytes, int]]:
    return ((_key(name), digest, day) for name, digest in digests.items())
