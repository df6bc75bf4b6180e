"""The event set of one campus day: which ids are known, and what was last said of each.

Of an id the event of the highest *rank* decides, and what was said before does not matter:

    rank = 2 x revision + (1 if it retracts, else 0)

so the highest revision wins, and a retraction wins a tie. An id counts when its rank is even. A
maximum does not depend on the order in which its terms come, nor on repeats: so neither does the
state. Nearly all events assert at revision 0, which is rank 0; only ids above it are in the table.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.uint64]
Ranks = NDArray[np.int64]

UNKNOWN: Final = -1
"""The rank of an id of which nothing was said; being odd, it does not count."""

_NO_IDS: Final = np.zeros(0, np.uint64)
_NO_RANKS: Final = np.zeros(0, np.int64)
_GROUP: Final = 1 << 34  # more than any rank: revisions are 32-bit integers


def counts(ranks: Ranks) -> NDArray[np.bool_]:
    """Whether an id of each rank counts as an activity."""
    even: NDArray[np.bool_] = ranks % 2 == 0
    return even


class Identities:
    """Ids of one day, sorted when they are looked into, and the ranks above 0."""

    def __init__(self) -> None:
        self._ids = _NO_IDS
        self._is_sorted = True
        self._raised = _NO_IDS  # sorted
        self._ranks = _NO_RANKS  # of `_raised`

    @property
    def is_plain(self) -> bool:
        """Whether all that is known are assertions at revision 0."""
        return not len(self._raised)

    def begin(self, ids: Ids) -> None:
        """Take in the first events of the day, distinct and of rank 0."""
        self._ids, self._is_sorted = ids, False

    def add(self, ids: Ids) -> NDArray[np.bool_] | None:
        """Take in events of rank 0 while all are; which were new, or None when all were.

        Of an id that comes more than once, the first is the new one.
        """
        known = self._sorted()
        arriving = np.sort(ids)
        repeated = _repeated(known, arriving)
        if not repeated.any():
            self._ids = _with(known, arriving)
            return None
        self._ids = _with(known, arriving[~repeated])
        order = np.argsort(ids, kind="stable")  # only now is it worth finding out which they were
        fresh = np.ones(len(ids), np.bool_)
        fresh[order] = ~repeated
        return fresh

    def raise_to(self, ids: Ids, ranks: Ranks) -> tuple[NDArray[np.bool_], NDArray[np.int8]]:
        """Take in events of any rank, in order of offset.

        Which of them raised the rank of their id, and by how much what counts changed: 1, 0, -1.
        """
        unique, group = np.unique(ids, return_inverse=True)
        prior = self.ranks_of(unique)
        order = np.argsort(group, kind="stable")
        group, ranks = group[order], ranks[order]
        base = group * _GROUP + 1  # lifts each group above the one before: one maximum runs for all
        after = np.maximum.accumulate(base + np.maximum(ranks, prior[group]))
        starts = np.concatenate([[True], np.diff(group) > 0])
        before = np.roll(after, 1)
        before[starts] = base[starts] + prior
        last = np.concatenate([starts[1:], [True]])
        self._know(unique, prior, (after - base)[last])
        is_news = np.empty(len(ids), np.bool_)
        step = np.empty(len(ids), np.int8)
        is_news[order] = after > before
        step[order] = counts(after - base).astype(np.int8) - counts(before - base)
        return is_news, step

    def ranks_of(self, ids: Ids) -> Ranks:
        """The rank of each; UNKNOWN where nothing was said of it."""
        ranks = np.where(_positions(self._sorted(), ids)[1], 0, UNKNOWN)
        at, is_raised = _positions(self._raised, ids)
        ranks[is_raised] = self._ranks[at[is_raised]]
        return ranks

    def _know(self, ids: Ids, prior: Ranks, ranks: Ranks) -> None:
        """`ids` are distinct and ascending."""
        new = ids[prior == UNKNOWN]
        known = self._sorted()
        self._ids = _with(known, new)
        at, is_raised = _positions(self._raised, ids)
        self._ranks[at[is_raised]] = ranks[is_raised]
        more = (ranks > 0) & ~is_raised
        at = np.searchsorted(self._raised, ids[more])
        self._raised = np.insert(self._raised, at, ids[more])
        self._ranks = np.insert(self._ranks, at, ranks[more])

    def _sorted(self) -> Ids:
        if not self._is_sorted:
            self._ids, self._is_sorted = np.sort(self._ids), True
        return self._ids


def _positions(known: Ids, ids: Ids) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where each lies among sorted ids, and whether it does."""
    if not len(known):
        return np.zeros(len(ids), np.int64), np.zeros(len(ids), np.bool_)
    at = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return at, known[at] == ids


def _repeated(known: Ids, arriving: Ids) -> NDArray[np.bool_]:
    """Of sorted ids: which are known, or equal to the one before."""
    repeated = _positions(known, arriving)[1]
    repeated[1:] |= arriving[1:] == arriving[:-1]
    return repeated


def _with(known: Ids, more: Ids) -> Ids:
    """Both, which are sorted, in one; sorting what consists of two runs is merging them."""
    joined = np.concatenate([known, more])
    joined.sort(kind="stable")
    return joined
