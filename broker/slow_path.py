"""The slow path: batches that the fast path refuses, record by record.

Decoding a value takes as long as decoding a thousand, so the values of all batches that name the
same schema are read in one go; what becomes of a record does not depend on the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from broker.batches import Batch
from broker.blocks import Rows
from broker.records import Records, Rejected, Tombstone, read_records
from broker.shipped import Shipped
from broker.spans import Spans, joined
from broker.values import ValueReader
from broker.writers import Writers
from schemas.errors import Undecodable
from schemas.reasons import Reason
from schemas.wire import PREFIX_BYTES, schema_id_of

Uncompressed: TypeAlias = tuple[Batch, memoryview]


@dataclass(frozen=True, slots=True)
class Singly:
    """What a batch held; each record of it is in exactly one of the three."""

    rows: Rows  # in order of offset
    tombstones: Sequence[Tombstone]
    rejected: Sequence[Rejected]


@dataclass(frozen=True, slots=True, eq=False)
class _All:
    """The records with key and value of many batches, as one sequence: arrays are [n]."""

    of: Sequence[Records]
    batches: NDArray[np.int64]  # which of these each is of
    places: NDArray[np.int64]  # and where in it
    offsets: NDArray[np.int64]
    keys: Spans
    values: Spans

    def reject(self, at: int, error: Undecodable) -> None:
        self.of[int(self.batches[at])].reject_at(int(self.places[at]), error)


class SlowPath:
    """Of one topic. Safe to use from several threads."""

    def __init__(self, shipped: Shipped, writers: Writers, *, allow_tombstones: bool) -> None:
        self._shipped = shipped
        self._writers = writers
        self._allow_tombstones = allow_tombstones
        self._values: dict[int, ValueReader] = {}

    def read(self, refused: Sequence[Uncompressed]) -> list[Singly]:
        """What each of these batches held. Raises only what looking up a writer raises."""
        if not refused:
            return []
        every = _all(
            [
                read_records(batch, payload, allow_tombstones=self._allow_tombstones)
                for batch, payload in refused
            ]
        )
        stamps = np.array([batch.max_timestamp for batch, _ in refused], np.int64)
        beginnings = every.values.beginnings(PREFIX_BYTES)
        parts: list[Rows] = []
        accepted: list[NDArray[np.int64]] = [every.places[:0]]
        for beginning in np.unique(beginnings):
            values, which = self._alike(every, np.flatnonzero(beginnings == beginning))
            keys = pl.Series(list(every.keys.of(which)), dtype=pl.Binary)
            parts.append(Rows(values, every.offsets[which], stamps[every.batches[which]], keys))
            accepted.append(which)
        rows, which = self._shipped.joined(parts), np.concatenate(accepted)
        if len(parts) > 1:
            order = np.argsort(which)
            rows, which = rows[order], which[order]
        counts = np.bincount(every.batches[which], minlength=len(refused))
        spans = pairwise(accumulate(counts.tolist(), initial=0))
        return [
            Singly(rows[start:end], one.tombstones, one.rejected)
            for one, (start, end) in zip(every.of, spans, strict=True)
        ]

    def _alike(
        self, every: _All, which: NDArray[np.int64]
    ) -> tuple[pl.DataFrame, NDArray[np.int64]]:
        """The columns of records whose values begin alike, and which these are.

        What is not decodable is rejected.
        """
        values = every.values.of(which)
        try:
            read = self._reader(schema_id_of(values[0])).read(values)
        except Undecodable as error:
            for at in which.tolist():
                every.reject(at, error)
            return self._shipped.joined([]).values, which[:0]
        for place, refusal in read.refused.items():
            every.reject(int(which[place]), refusal)
        return self._shipped.aligned(read.columns), which[read.accepted]

    def _reader(self, schema_id: int) -> ValueReader:
        if schema_id not in self._values:
            schema = self._writers.find(schema_id)
            if schema is None:
                raise Undecodable(
                    Reason.UNKNOWN_SCHEMA,
                    f"schema id {schema_id} is not registered, or does not fit this topic; register"
                    " the producer's schema, then replay the record from quarantine",
                )
            self._values[schema_id] = ValueReader(schema)
        return self._values[schema_id]


def _all(records: Sequence[Records]) -> _All:
    counts = [len(one.offsets) for one in records]
    return _All(
        of=records,
        batches=np.repeat(np.arange(len(records)), counts),
        places=np.concatenate([np.arange(count) for count in counts]),
        offsets=np.concatenate([one.offsets for one in records]),
        keys=joined([one.keys for one in records]),
        values=joined([one.values for one in records]),
    )
