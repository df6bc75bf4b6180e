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
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from schemas.errors import SourceError

DAYS_REMEMBERED: Final = 30
_MS_PER_DAY: Final = 86_400_000

Name: TypeAlias = tuple[str, str]
"""Standard and id."""
NO_ACTIVITIES: Final[Mapping[Name, bytes]] = {}


class Memory:
    """Ids in a SQLite file, or in memory where `path` is None; for one thread at a time."""

    def __init__(self, path: Path | None, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path or ":memory:", check_same_thread=False)
            # A lost end of the journal costs what a crash before `remember` costs.
            self._database.execute("pragma journal_mode = wal")
            self._database.execute("pragma synchronous = normal")
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
        query = "select digest from accepted where name = ?"
        found: dict[Name, bytes] = {}
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

    def led_to(self, names: Collection[Name]) -> Mapping[Name, bytes | None]:
        """What each of those that were accepted led to, as it was remembered."""
        query = "select led_to from accepted where name = ?"
        found: dict[Name, bytes | None] = {}
        for name in names:
            held = self._database.execute(query, (_key(name),)).fetchone()
            if held is not None:
                found[name] = held[0]
        return found

    def void(self, feed: str, names: Collection[Name]) -> None:
        """What comes from the feed under these names is taken back; kept before this returns."""
        day = self._now_ms() // _MS_PER_DAY
        keys = [_key((feed, *name)) for name in names]
        with self._database:
            self._database.executemany(
                "insert or replace into voided values (?, ?)", ((key, day) for key in keys)
            )
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
        with self._database:
            self._database.executemany(
                "insert or ignore into accepted values (?, ?, ?, ?)", _rows(digests, led_to, day)
            )
            if day != self._forgotten:
                self._forgotten = day
                oldest = day - DAYS_REMEMBERED
                self._database.execute("delete from accepted where day < ?", (oldest,))
                self._database.execute("delete from voided where day < ?", (oldest,))
                self._voided = self._all_voided()
                self._database.execute("delete from received where at < ?", (oldest * _MS_PER_DAY,))

    def _all_voided(self) -> set[str]:
        return {str(key) for (key,) in self._database.execute("select name from voided")}

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _key(name: Sequence[str]) -> str:
    return "\0".join(name)


def _rows(
    digests: Mapping[Name, bytes], led_to: Mapping[Name, bytes], day: int
) -> Iterable[tuple[str, bytes, int, bytes | None]]:
    return ((_key(name), digest, day, led_to.get(name)) for name, digest in digests.items())
