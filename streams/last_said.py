"""Of each key of a compacted topic, what was said last: by a record, or by deleting it."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import polars as pl

from broker.decoder import Decoded

K = TypeVar("K")
V = TypeVar("V")


def last_said(
    decoded: Sequence[Decoded],
    rows: Callable[[pl.DataFrame], Iterable[tuple[K, V]]],
    key_of: Callable[[bytes], K],
    deleted: V,
) -> dict[K, V]:
    """Of decoded slices, in order of offset.

    `rows`: what each record of a frame says, in its order; `key_of`: the key in a record's key.
    """
    found: list[tuple[int, K, V]] = []
    for part in decoded:
        if len(part.rows.offsets):
            offsets = part.rows.offsets.tolist()
            found += [(o, *one) for o, one in zip(offsets, rows(part.rows.values), strict=True)]
        found += [(gone.offset, key_of(bytes(gone.key)), deleted) for gone in part.tombstones]
    return {key: said for _, key, said in sorted(found, key=lambda one: one[0])}
