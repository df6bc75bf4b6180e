"""What is read until it is loaded: decoded slices, gathered by topic, and where each partition is.

A batch holds consecutive slices of each of its partitions. When it is loaded, everything below
`ends` is in ClickHouse, and that is what is committed.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from aiokafka.structs import TopicPartition
from numpy.typing import NDArray

from broker.decoder import Decoded
from broker.records import Tombstone
from broker.slices import Slice
from schemas.topics import Topic
from sinks.tables import ROUTES, Table
from sinks.tombstones import OFFSET, without_deleted

_KEY_BYTES: Final = 8  # of most keys; what a batch takes in memory is an estimate anyway


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """What one table is given: first the deletions, then the rows."""

    table: Table
    rows: pl.DataFrame
    deleted: Sequence[pl.DataFrame] = ()


@dataclass(slots=True, eq=False)
class _Gathered:
    """The records of a topic."""

    values: list[pl.DataFrame] = field(default_factory=list)
    keys: list[pl.Series] = field(default_factory=list)
    offsets: list[NDArray[np.int64]] = field(default_factory=list)
    tombstones: list[Tombstone] = field(default_factory=list)


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
        if len(rows.offsets):
            gathered.values.append(rows.values)
            gathered.keys.append(rows.keys)
            gathered.offsets.append(rows.offsets)
            self.size_bytes += int(rows.values.estimated_size()) + _KEY_BYTES * len(rows.offsets)
        gathered.tombstones += decoded.tombstones
        self.rejected[topic] += sum(rejected.count for rejected in decoded.rejected)
        self.records += decoded.records
        self.ends[place] = piece.next

    def loads(self) -> Sequence[Load]:
        """What each table is given; records that its route does not accept are counted here.

        To be called once: what was gathered is let go of on the way.
        """
        rows: dict[Table, list[pl.DataFrame]] = {}
        deleted: dict[Table, list[pl.DataFrame]] = {}
        while self._gathered:
            topic, gathered = self._gathered.popitem()
            route = ROUTES[topic]
            converted = self._converted(topic, gathered) if gathered.values else None
            if gathered.tombstones and route.table.key is not None:
                frame, unreadable = route.table.key.frame(gathered.tombstones)
                self.rejected[topic] += unreadable
                if converted is not None:
                    converted = without_deleted(converted, route.table.key, frame)
                for table in route.tables:
                    deleted.setdefault(table, []).append(frame)
            if converted is not None:
                for table in route.tables:
                    rows.setdefault(table, []).append(converted)
        return [
            Load(table, _joined(rows.get(table, ())), deleted.get(table, ()))
            for table in {**rows, **deleted}
        ]

    def _converted(self, topic: Topic, gathered: _Gathered) -> pl.DataFrame:
        values, keys = pl.concat(gathered.values), pl.concat(gathered.keys)
        gathered.values.clear()
        rows, accepted = ROUTES[topic].rows(values, keys)
        self.rejected[topic] += len(accepted) - rows.height
        if gathered.tombstones:
            offsets = pl.Series(OFFSET, np.concatenate(gathered.offsets))
            rows = rows.with_columns(offsets.filter(accepted))
        return rows


def _joined(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    if not parts:
        return pl.DataFrame()
    frame = pl.concat(parts)
    return frame.drop(OFFSET) if OFFSET in frame.columns else frame
