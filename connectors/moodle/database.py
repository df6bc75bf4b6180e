"""Moodle's standard log, polled from its database. Keeps to `IncrementalSource`.

1. Rows are asked for by ascending id, a block at a time, each in a transaction of its own: the
   database is never kept from cleaning up behind a long one.
2. A row gets its id when it is inserted and is seen when its transaction commits, so an id may turn
   up after higher ones. The ids that were missing among the last `overlap` are remembered, and
   asked for first the next time; nothing else is read again.
3. What is committed more than `overlap` ids late is lost; the default is far more than a busy
   Moodle writes during its longest transaction. Reading everything again finds it.
4. A table whose highest id is lower than one that was seen is another table: it is read from its
   beginning.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import polars as pl
from sqlalchemy import ColumnElement, Engine, TableClause, column, func, inspect, select, table
from sqlalchemy.exc import NoSuchTableError, OperationalError, SQLAlchemyError

from connectors.incremental import Activities, Block, Position, Positions
from connectors.moodle.log import LogMapping
from connectors.rows import Rows
from connectors.sieve import Sieve
from connectors.values import bounded
from schemas.errors import LeapError, SourceError, Unreachable
from schemas.types import Kind

OVERLAP: Final = 10_000
BLOCK_ROWS: Final = 10_000
_ASKED_BY_ID: Final = 1_000  # ids in one question: every database takes that many

Cell: TypeAlias = str | int | float | bytes | None
Row: TypeAlias = dict[str, Cell]


@dataclass(frozen=True, slots=True)
class DatabaseSource:
    """The table `mdl_logstore_standard_log` of a Moodle, read by its ids."""

    name: str
    engine: Engine
    table: str
    mapping: LogMapping
    overlap: int = OVERLAP
    block_rows: int = BLOCK_ROWS

    @property
    def feeds(self) -> Mapping[str, Sequence[Kind]]:
        """The one feed of the mapping."""
        return {self.mapping.feed: self.mapping.kinds}

    @property
    def input(self) -> str:
        """The address of the table, without its password."""
        return f"{self.engine.url.render_as_string(hide_password=True)}#{self.table}"

    def read(self, after: Positions) -> Iterator[Block]:
        """The rows that were not seen before."""
        try:
            yield from self._read(after.get(self.input, {}))
        except SQLAlchemyError as error:
            raise self._meaning(error) from error

    def _read(self, position: Position) -> Iterator[Block]:
        source = self._columns()
        highest = self._highest(source)
        seen, missing = _whole(position.get("highest")), position.get("missing")
        awaited = {_whole(one) for one in missing} if isinstance(missing, list) else set()
        if seen > highest:
            seen, awaited = 0, set()
        for ids in _slices(sorted(awaited), min(self.block_rows, _ASKED_BY_ID)):
            rows = self._rows(source, source.c.id.in_(ids))
            if rows:
                awaited -= {_whole(row["id"]) for row in rows}
                yield self._block(rows, seen, awaited, highest)
        while rows := self._rows(source, source.c.id > seen):
            found = {_whole(row["id"]) for row in rows}
            last = max(found)
            first = last - self.overlap
            awaited |= set(range(max(seen + 1, first), last)) - found
            awaited = {one for one in awaited if one >= first}
            seen = last
            yield self._block(rows, seen, awaited, highest)

    def _columns(self) -> TableClause:
        """The table with those of its columns that are read."""
        try:
            held = {
                str(one["name"]).lower() for one in inspect(self.engine).get_columns(self.table)
            }
        except NoSuchTableError as error:
            raise SourceError(
                f"{self.input}: there is no such table: name the one that Moodle's standard log"
                " store writes (its prefix may differ)"
            ) from error
        wanted = self.mapping.columns
        if missing := [name for name in wanted.needed if name not in held]:
            raise SourceError(
                f"{self.input} has no column {', '.join(missing)}: it is not the table of Moodle's"
                " standard log store"
            )
        return table(self.table, *(column(name) for name in wanted.names if name in held))

    def _highest(self, source: TableClause) -> int:
        with self.engine.connect() as connection:
            return _whole(connection.execute(select(func.max(source.c.id))).scalar())

    def _rows(self, source: TableClause, where: ColumnElement[bool]) -> list[Row]:
        question = select(source).where(where).order_by(source.c.id).limit(self.block_rows)
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(question).mappings()]

    def _block(self, found: list[Row], seen: int, awaited: set[int], highest: int) -> Block:
        columns = {
            name: pl.Series(name, [_text(row.get(name)) for row in found], dtype=pl.String)
            for name in self.mapping.columns.names
        }
        lines = np.array([_whole(row["id"]) for row in found], np.int64)
        raw = [json.dumps(row, default=str).encode() for row in found]
        rows = Rows(self.table, columns, lines, raw)
        sieve = Sieve(rows, self.mapping.feed)
        bounded(sieve)
        made = self.mapping.read(rows, sieve)
        return Block(
            input=self.input,
            position={"highest": seen, "missing": sorted(awaited)},
            rows=len(found),
            activities=[one for one in made if isinstance(one, Activities)],
            rejected=sieve.rejected,
            skipped=sieve.skipped,
            file=rows.file,
            lines=rows.lines,
            raw=rows.raw,
            done=seen,
            total=highest,
        )

    def _meaning(self, error: SQLAlchemyError) -> LeapError:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        if isinstance(error, OperationalError):
            return Unreachable(
                f"the database {self.input} did not answer ({cause}): check that it runs, and that"
                " this user may read the table; reading goes on where it stopped"
            )
        return SourceError(f"the database {self.input} refused a question ({cause})")


def _slices(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for at in range(0, len(ids), size):
        yield ids[at : at + size]


def _text(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return str(int(cell))
        case bytes():
            return cell.decode(errors="replace")
    return str(cell)


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
