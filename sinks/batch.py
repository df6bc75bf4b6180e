"""What is read until it is loaded: decoded slices, gathered by topic, and where each partition is.

A batch holds consecutive slices of each of its partitions. When it is loaded, everything below
`ends` is in ClickHouse, and that is what is committed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from aiokafka.structs import TopicPartition
from numpy.typing import NDArray

from broker.decoder import Decoded
from broker.slices import Slice
from schemas.topics import Topic
from sinks.tables import ROUTES, Table
from sinks.tombstones import ORDER, without_deleted

Orders: TypeAlias = NDArray[np.int64]

_KEY_BYTES: Final = 8  # of most keys; what a batch takes in memory is an estimate anyway


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """What one table is given: first the deletions, then the rows."""

    table: Table
    rows: pl.DataFrame
    deleted: Sequence[pl.DataFrame] = ()


@dataclass(slots=True, eq=False)
class _Gathered:
    """The records of a topic, in an order that is their order of offset in each partition."""

    values: list[pl.DataFrame] = field(default_factory=list)
    keys: list[pl.Series] = field(default_factory=list)
    orders: list[Orders] = field(default_factory=list)
    tombstones: list[tuple[bytes, int]] = field(default_factory=list)
    span: int = 0


class Batch:
    """Grows by `add`; `loads` is what it comes to."""

    def __init__(self) -> None:
        self.ends: dict[TopicPartition, int] = {}
        self.records = 0
        self.size_bytes = 0
        self.rejected: Counter[Topic] = Counter()
        self._gathered: dict[Topic, _Gathered] = {}

    def __bool__(self) -> bool:
        """Whether it holds anything to load or to commit."""
        return bool(self.ends)

    def add(self, topic: Topic, place: TopicPartition, piece: Slice, decoded: Decoded) -> None:
        """The next slice of one of its partitions; what was rejected is counted and left out."""
        gathered = self._gathered.setdefault(topic, _Gathered())
        rows = decoded.rows
        first = gathered.span - piece.start
        if len(rows.offsets):
            gathered.values.append(rows.values)
            gathered.keys.append(rows.keys)
            gathered.orders.append(rows.offsets + first)
            self.size_bytes += int(rows.values.estimated_size()) + _KEY_BYTES * len(rows.offsets)
        gathered.tombstones += [(t.key, t.offset + first) for t in decoded.tombstones]
        gathered.span += piece.next - piece.start
        self.rejected[topic] += sum(rejected.count for rejected in decoded.rejected)
        self.records += decoded.records
        self.ends[place] = piece.next

    def loads(self) -> Sequence[Load]:
        """What each table is given; records that its route does not accept are counted here."""
        rows: dict[Table, list[pl.DataFrame]] = {}
        deleted: dict[Table, list[pl.DataFrame]] = {}
        for topic, gathered in self._gathered.items():
            table = ROUTES[topic].table
            if gathered.values:
                rows.setdefault(table, []).append(self._converted(topic, gathered))
            if gathered.tombstones and table.key is not None:
                frame, unreadable = table.key.frame(gathered.tombstones)
                self.rejected[topic] += unreadable
                if rows.get(table):
                    rows[table][-1] = without_deleted(rows[table][-1], table.key, frame)
                deleted.setdefault(table, []).append(frame)
        return [
            Load(table, _joined(rows.get(table, ())), deleted.get(table, ()))
            for table in {**rows, **deleted}
        ]

    def _converted(self, topic: Topic, gathered: _Gathered) -> pl.DataFrame:
        values, keys = pl.concat(gathered.values), pl.concat(gathered.keys)
        rows, accepted = ROUTES[topic].rows(values, keys)
        self.rejected[topic] += len(accepted) - rows.height
        if gathered.tombstones:
            order = pl.Series(ORDER, np.concatenate(gathered.orders))
            rows = rows.with_columns(order.filter(accepted))
        return rows


def _joined(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    if not parts:
        return pl.DataFrame()
    frame = pl.concat(parts)
    return frame.drop(ORDER) if ORDER in frame.columns else frame
