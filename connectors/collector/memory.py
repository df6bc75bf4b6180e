"""The ids that were accepted lately, each with a digest of what was accepted under it.

xAPI wants a repeat of a statement to change nothing, and another statement under the same id to be
refused. The topics cannot be asked for an id, so accepted ids are remembered here, for
`DAYS_REMEMBERED`, in SQLite on this machine. Beyond that, and on another machine, a conflict is not
noticed: what was first stays, since what comes second has an event id of its own only if student,
kind or time differ.

1. `accepted` tells repeats and conflicts before anything is published. What says no time gets one
   here, and the same when it is sent again, since its event id depends on it (`received`).
2. `remember` after Kafka has acknowledged it. A crash in between costs the memory of that request.
3. Beside an id lies what it led to, for whoever takes it back (`connectors.collector.voiding`).
   What is taken back before it is known is noted too (`void`), by feed: nobody voids what others
   send.
4. Beside it, in a thread, `tend` forgets what is old, and carries over to SQLite's file what lies
   in its journal. Ids are random, so that 50 of them touch a hundred pages. Done by SQLite itself,
   once in a thousand pages, it held up every tenth request of 50 for 20 to 65 ms.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

from schemas.errors import SourceError

DAYS_REMEMBERED: Final = 30
_MS_PER_DAY: Final = 86_400_000
_ROWS_AT_ONCE: Final = 5_000  # SQLite takes 32,766 values, and a row has four
_PART: Final = 200  # requests that are to be remembered wait as long as forgetting these takes
_PARTS: Final = 10
_ROUNDS: Final = 6
_ACCEPTED: Final = "select name, digest from accepted where name in ("
_LED_TO: Final = "select name, led_to from accepted where name in ("
_RECEIVED: Final = "select name, at from received where name in ("
_ACCEPT: Final = "insert or ignore into accepted values "
_VOID: Final = "insert or replace into voided values "
_RECEIVE: Final = "insert or ignore into received values "
_FORGET_ACCEPTED: Final = (
    "delete from accepted where name in (select name from accepted where day < ? limit ?)"
)
_FORGET_RECEIVED: Final = (
    "delete from received where name in (select name from received where at < ? limit ?)"
)

Name: TypeAlias = tuple[str, str]
"""Standard and id."""
NO_ACTIVITIES: Final[Mapping[Name, bytes]] = {}
_T = TypeVar("_T")


class Memory:
    """Ids in a SQLite file, or in memory where `path` is None; for one thread at a time."""

    def __init__(self, path: Path | None, now_ms: Callable[[], int]) -> None:
        self._path = path
        self._now_ms = now_ms
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._database = _opened(path)
            self._database.execute(
                "create table if not exists accepted (name text primary key, digest blob not null,"
                " day integer not null, led_to blob) without rowid"
            )
            columns = self._database.execute("select name from pragma_table_info('accepted')")
            if ("led_to",) not in columns.fetchall():  # it was made before statements were voided
                self._database.execute("alter table accepted add column led_to blob")
            self._database.execute("create index if not exists by_day on accepted (day)")
            self._database.execute(
                "create table if not exists received (name text primary key, at integer not null)"
                " without rowid"
            )
            self._database.execute("create index if not exists by_moment on received (at)")
            self._database.execute(
                "create table if not exists voided (name text primary key, day integer not null)"
                " without rowid"
            )
            self._database.execute("create index if not exists voided_by_day on voided (day)")
            self._voided = self._all_voided()
            self._forgotten = -1
        except sqlite3.Error as error:
            raise SourceError(
                f"{path} cannot hold the ids that were accepted ({error}): remove it, and conflicts"
                " with earlier statements are not noticed"
            ) from error

    def accepted(self, names: Collection[Name]) -> Mapping[Name, bytes]:
        """Those that were accepted, with the digest of what it was."""
        return {_name(key): bytes(digest) for key, digest in self._held(_ACCEPTED, names)}

    def received(self, names: Collection[Name]) -> Mapping[Name, int]:
        """When each was received first, UTC milliseconds: now, where it never was."""
        now = self._now_ms()
        self._insert(_RECEIVE, [(_key(one), now) for one in names])
        return {_name(key): int(at) for key, at in self._held(_RECEIVED, names)}

    def led_to(self, names: Collection[Name]) -> Mapping[Name, bytes | None]:
        """What each of those that were accepted led to, as it was remembered."""
        return {_name(key): led_to for key, led_to in self._held(_LED_TO, names)}

    def void(self, feed: str, names: Collection[Name]) -> None:
        """What comes from the feed under these names is taken back; kept before this returns."""
        day = self._now_ms() // _MS_PER_DAY
        keys = [_key((feed, *name)) for name in names]
        self._insert(_VOID, [(key, day) for key in keys])
        self._voided.update(keys)

    @property
    def has_voided(self) -> bool:
        """Whether anything was taken back before it was known."""
        return bool(self._voided)

    def is_voided(self, feed: str, name: Name) -> bool:
        """Whether this was."""
        return _key((feed, *name)) in self._voided

    def remember(
        self, digests: Mapping[Name, bytes], led_to: Mapping[Name, bytes] = NO_ACTIVITIES
    ) -> None:
        """These were accepted, and led to this."""
        day = self._now_ms() // _MS_PER_DAY
        self._insert(
            _ACCEPT,
            [(_key(name), digest, day, led_to.get(name)) for name, digest in digests.items()],
        )
        if day != self._forgotten:
            self._forgotten = day
            oldest = day - DAYS_REMEMBERED
            self._database.execute("delete from voided where day < ?", (oldest,))  # they are few
            self._voided = self._all_voided()

    def tend(self) -> None:
        """Forget some of what is old, and empty the journal; for another thread, every few seconds.

        SourceError says what was in the way; what is remembered is not touched by it.
        """
        if self._path is None:
            return
        try:
            with closing(_opened(self._path)) as database:
                self._forget(database)
                _empty_journal(database)
        except sqlite3.Error as error:
            raise SourceError(
                f"{self._path} could not be tended ({error}): see to the disk; until then it grows"
            ) from error

    def _all_voided(self) -> set[str]:
        return {str(key) for (key,) in self._database.execute("select name from voided")}

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _forget(self, database: sqlite3.Connection) -> None:
        oldest = self._now_ms() // _MS_PER_DAY - DAYS_REMEMBERED
        for query, first in ((_FORGET_ACCEPTED, oldest), (_FORGET_RECEIVED, oldest * _MS_PER_DAY)):
            for _ in range(_PARTS):
                if database.execute(query, (first, _PART)).rowcount < _PART:
                    break

    def _held(self, beginning: str, names: Collection[Name]) -> Iterator[tuple[str, Any]]:
        for keys in _parts([_key(one) for one in names]):
            yield from self._database.execute(_many(beginning, "?", len(keys), ")"), keys)

    def _insert(self, beginning: str, rows: Sequence[tuple[object, ...]]) -> None:
        """One call for many rows: each call of SQLite's asks for the interpreter again."""
        for part in _parts(rows):
            marks = ",".join("?" * len(part[0]))
            values = [value for row in part for value in row]
            self._database.execute(_many(beginning, f"({marks})", len(part)), values)


def _opened(path: Path | None) -> sqlite3.Connection:
    database = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
    # A lost end of the journal costs what a crash before `remember` costs.
    database.execute("pragma journal_mode = wal")
    database.execute("pragma synchronous = normal")
    database.execute("pragma wal_autocheckpoint = 0")  # `tend` does it
    return database


def _empty_journal(database: sqlite3.Connection) -> None:
    """Carry over what lies in it, and what came meanwhile, until nothing came.

    The next write then begins it anew; until there is such a moment, it grows.
    """
    carried = -1
    for _ in range(_ROUNDS):
        _, pages, _ = database.execute("pragma wal_checkpoint(passive)").fetchone()
        if pages == carried:
            return
        carried = pages


def _many(beginning: str, each: str, count: int, end: str = "") -> str:
    return beginning + ",".join([each] * count) + end


def _parts(rows: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (rows[at : at + _ROWS_AT_ONCE] for at in range(0, len(rows), _ROWS_AT_ONCE))


def _key(name: Sequence[str]) -> str:
    return "\0".join(name)


def _name(key: str) -> Name:
    standard, _, own = key.partition("\0")
    return standard, own
