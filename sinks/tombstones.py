"""Records without a value: their key is deleted, so the row it names disappears.

A tombstone has no version of its own, and after it a writer may begin again with version 1. A row
that marks the key as deleted, with any version, would either not win or hide what comes after it;
so the rows that are there are deleted. What the same batch holds of the key before the tombstone is
dropped from it, and what comes after is inserted when the deletion is done.
"""

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import polars as pl

from broker.records import Tombstone
from sinks.conversion import EARLIEST_DAY, LATEST_DAY

KeyValues: TypeAlias = tuple[int] | tuple[str] | tuple[int, int] | tuple[int, str] | tuple[str, int]

OFFSET: Final = "offset_of_record"
_KEYS_A_STATEMENT: Final = 1_000

_STUDENT: Final = struct.Struct(">q")
_STUDENT_DAY: Final = struct.Struct(">qi")
_DAY: Final = struct.Struct(">i")
_NUMBER: Final = struct.Struct(">i")


@dataclass(frozen=True, slots=True, eq=False)
class Key:
    """What a record's key says about its row.

    `columns` are the table's, with the types of a frame; `read` takes a record's key apart, and
    raises ValueError where it is none of this form. `deletion` deletes rows of `table` by the
    parameters `owners` and `others`, arrays of the same length.
    """

    columns: Mapping[str, pl.DataType]
    read: Callable[[bytes], KeyValues]
    deletion: str

    def frame(self, tombstones: Iterable[Tombstone]) -> tuple[pl.DataFrame, int]:
        """The rows that tombstones name, and how many tombstones name none.

        The column `OFFSET` tells where the last tombstone of a key lay. All records of a key lie in
        one partition, so their offsets tell which came first.
        """
        found: dict[KeyValues, int] = {}
        unreadable = 0
        for tombstone in tombstones:
            try:
                found[self.read(tombstone.key)] = tombstone.offset
            except ValueError:
                unreadable += 1
        columns = [
            pl.Series(name, [values[at] for values in found]).cast(kind)
            for at, (name, kind) in enumerate(self.columns.items())
        ]
        offsets = pl.Series(OFFSET, list(found.values()), dtype=pl.Int64)
        return pl.DataFrame([*columns, offsets]), unreadable

    def parameters(self, deleted: pl.DataFrame) -> Iterator[dict[str, list[object]]]:
        """The parameters of `deletion` for the rows named in `deleted`, some at a time."""
        for part in deleted.iter_slices(_KEYS_A_STATEMENT):
            columns = [part[name].to_list() for name in self.columns]
            yield dict(zip(("owners", "others"), columns, strict=False))


def without_deleted(rows: pl.DataFrame, key: Key, deleted: pl.DataFrame) -> pl.DataFrame:
    """The rows, which have a column `OFFSET`, that come after their key's last tombstone."""
    last = "offset_of_tombstone"
    joined = rows.join(
        deleted.rename({OFFSET: last}), on=list(key.columns), how="left", maintain_order="left"
    )
    return joined.filter(pl.col(last).is_null() | (pl.col(OFFSET) > pl.col(last))).drop(last)


def _student(key: bytes) -> tuple[int]:
    if len(key) != _STUDENT.size:
        raise ValueError("not the key of a student")
    return _STUDENT.unpack(key)[:1]


def _student_day(key: bytes) -> tuple[int, int]:
    if len(key) != _STUDENT_DAY.size:
        raise ValueError("not the key of a student and day")
    student, day = _STUDENT_DAY.unpack(key)
    return student, _within_reach(day)


def _feed_day(key: bytes) -> tuple[str, int]:
    feed, _, day = key.partition(b"\0")
    if len(day) != _DAY.size:
        raise ValueError("not the key of a feed and day")
    return feed.decode(), _within_reach(_DAY.unpack(day)[0])


def _number(key: bytes) -> tuple[int]:
    if len(key) != _NUMBER.size:
        raise ValueError("not the key of a version")
    return _NUMBER.unpack(key)[:1]


def _name(key: bytes) -> tuple[str]:
    return (key.decode(),)


def _within_reach(day: int) -> int:
    return min(max(day, EARLIEST_DAY), LATEST_DAY)


def _student_item(key: bytes) -> tuple[int, str]:
    if len(key) < _STUDENT.size:
        raise ValueError("not the key of something of a student's")
    return _STUDENT.unpack_from(key)[0], key[_STUDENT.size :].decode()


STUDENT: Final = Key(
    {"student": pl.Int64()},
    _student,
    "DELETE FROM {table:Identifier} WHERE student IN {owners:Array(Int64)}",
)
STUDENT_DAY: Final = Key(
    {"student": pl.Int64(), "day": pl.Date()},
    _student_day,
    "DELETE FROM {table:Identifier} WHERE student IN {owners:Array(Int64)}"
    " AND has(arrayZip({owners:Array(Int64)}, {others:Array(Date32)}), (student, day))",
)
STUDENT_ITEM: Final = Key(
    {"student": pl.Int64(), "item": pl.String()},
    _student_item,
    "DELETE FROM {table:Identifier} WHERE student IN {owners:Array(Int64)}"
    " AND has(arrayZip({owners:Array(Int64)}, {others:Array(String)}), (student, item))",
)
STUDENT_CIRCUMSTANCE: Final = Key(
    {"student": pl.Int64(), "circumstance": pl.String()},
    _student_item,
    "DELETE FROM {table:Identifier} WHERE student IN {owners:Array(Int64)}"
    " AND has(arrayZip({owners:Array(Int64)}, {others:Array(String)}), (student, circumstance))",
)
STUDENT_ALERT: Final = Key(
    {"student": pl.Int64(), "alert": pl.String()},
    _student_item,
    "DELETE FROM {table:Identifier} WHERE student IN {owners:Array(Int64)}"
    " AND has(arrayZip({owners:Array(Int64)}, {others:Array(String)}), (student, alert))",
)
FEED_DAY: Final = Key(
    {"feed": pl.String(), "day": pl.Date()},
    _feed_day,
    "DELETE FROM {table:Identifier} WHERE feed IN {owners:Array(String)}"
    " AND has(arrayZip({owners:Array(String)}, {others:Array(Date32)}), (toString(feed), day))",
)
VERSION: Final = Key(
    {"version": pl.Int64()},
    _number,
    "DELETE FROM {table:Identifier} WHERE version IN {owners:Array(Int32)}",
)
NAME: Final = Key(
    {"name": pl.String()},
    _name,
    "DELETE FROM {table:Identifier} WHERE name IN {owners:Array(String)}",
)
