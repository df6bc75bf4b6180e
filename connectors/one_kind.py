"""Tables each row of which is one activity of one kind: who, when, on what."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from connectors.incremental import Activities, Due
from connectors.picking import picked
from connectors.rows import Columns, Rows
from connectors.schemes import Scheme
from connectors.sieve import Sieve
from connectors.times import DateOrder
from connectors.values import coded, identifiers, plain, times, where_given
from connectors.zones import Zone
from schemas.columns import Column
from schemas.types import Kind

Reading: TypeAlias = Callable[[Sieve], Column]
"""Checks a column of the table and gives the field made of it."""

Rule: TypeAlias = Callable[[Sieve], None]
"""Takes out the rows that a column of the table says are no activity."""


@dataclass(frozen=True, slots=True)
class Table:
    """What such a table is called, and what its columns are.

    Columns and fields of the event have the same names, but for those that are `told_as` another;
    `student` and `time` are in every table.
    """

    system: str
    """The first part of the natural key; the other is what `item` holds."""
    kind: Kind
    item: str
    """The column of what the activity was on; every row has one."""
    texts: Sequence[str] = ()
    """Optional columns that are for people to read."""
    others: Mapping[str, Reading] = field(default_factory=dict)
    """Optional columns that are checked."""
    rules: Mapping[str, Rule] = field(default_factory=dict)
    """Needed columns that say which rows are activities."""
    told_as: Mapping[str, str] = field(default_factory=dict)
    """The fields that columns of other names become."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What the system calls the columns, where not by these names."""
    scheme: Scheme = Scheme.STUDENT
    """What `student` holds, unless the configuration says something else."""

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns that have to be there."""
        return ("student", self.item, "time", *self.rules)

    @property
    def optional(self) -> tuple[str, ...]:
        """The columns that may be there."""
        return (*self.texts, *self.others)


@dataclass(frozen=True, slots=True)
class OneKind:
    """The mapping of a table; `scheme` is what its column `student` holds."""

    table: Table
    feed: str
    zone: Zone
    columns: Columns
    scheme: Scheme
    order: DateOrder | None = None

    @property
    def kinds(self) -> Sequence[Kind]:
        """The one kind."""
        return (self.table.kind,)

    def read(self, rows: Rows, sieve: Sieve) -> Sequence[Activities | Due]:
        """One activity a row."""
        table = self.table
        for rule in table.rules.values():
            rule(sieve)
        students = identifiers(sieve, "student")
        items = identifiers(sieve, table.item)
        at = times(sieve, "time", self.zone, self.order)
        own = {name: reading(sieve) for name, reading in table.others.items()}
        row = np.flatnonzero(sieve.left)
        if not len(row):
            return []
        item = coded(items.gather(row))
        fields: dict[str, Column] = {
            table.item: item,
            **{n: where_given(plain(rows.columns[n].gather(row))) for n in table.texts},
            **{table.told_as.get(n, n): picked(column, row) for n, column in own.items()},
        }
        return [
            Activities(
                kind=table.kind,
                feed=self.feed,
                row=row,
                scheme=self.scheme,
                person=coded(students.gather(row)),
                occurred_at=at[row],
                recorded_at=at[row],
                source_key=(table.system, item),
                fields=fields,
            )
        ]
