"""Which items were met, and when: what activity that names an item has said, as a set.

Of an id and its campus day the highest rank decides (`streams.identities`); what was named at that
rank is met, when the rank is even. A maximum knows neither order nor repeats, so neither does the
answer. What came too late for a closing is left out of it, as in `streams.hindsight`.

Entries are sorted by item: the many in one part, the latest in another that is merged into it from
time to time, so that a slice of a few does not move all of them.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day
from scoring.due_items import NEVER
from streams.columns import Columns
from streams.expected import ranges_of
from streams.identities import Ids, Ranks, counts
from streams.item_words import NO_ITEM, Words

Integers = NDArray[np.int64]
Bits = NDArray[np.bool_]

_FEW: Final = 4096
_PART: Final = 8
"""The latest are merged when they are more than a few, and than this part of the rest."""


@dataclass(frozen=True, slots=True, eq=False)
class Entries(Columns):
    """What events said, [n] each."""

    items: Words
    ids: Ids
    days: NDArray[np.int32]
    ranks: Ranks
    known_from: NDArray[np.int32]
    """The first closing that knows it."""

    def distinct(self) -> "Entries":
        """Each once: of those that say the same, the one that is known first."""
        order = np.lexsort((self.known_from, self.ranks, self.days, self.ids, self.items))
        told = self[order]
        is_again = (
            (told.items[1:] == told.items[:-1])
            & (told.ids[1:] == told.ids[:-1])
            & (told.days[1:] == told.days[:-1])
            & (told.ranks[1:] == told.ranks[:-1])
        )
        return told[np.concatenate([[True], ~is_again])] if len(told) else told

    def known_to(self, closing: int) -> Bits:
        """Those that a closing knows, of all that lie before it."""
        return (self.known_from <= closing) | (self.known_from <= self.days)


_NONE: Final = Entries(
    np.zeros(0, np.uint64),
    np.zeros(0, np.uint64),
    np.zeros(0, np.int32),
    np.zeros(0, np.int64),
    np.zeros(0, np.int32),
)


class Meetings:
    """What activity of a partition has named, from the day `first` on."""

    def __init__(self, few: int = _FEW) -> None:
        self._few = few
        self.first = Day(-NEVER)
        self._many = _NONE  # by item; so the next
        self._latest = _NONE
        self._raised = _NONE  # by id: everything above rank 0, whether it names an item or not
        self._late = np.zeros(0, np.int64)  # by when what came too late for a closing was known

    def __len__(self) -> int:
        return len(self._many) + len(self._latest)

    def add(
        self, items: Words, ids: Ids, days: Integers, ranks: Ranks, known_from: Integers
    ) -> Bits:
        """Take events in, [n] each, none before `first`; which of them say something new."""
        said = Entries(items, ids, days.astype(np.int32), ranks, known_from.astype(np.int32))
        is_news = ~self.knows(items, ids, days, ranks)
        new = said[is_news].distinct()
        if len(new):
            self._latest = self._latest.joined(new[new.items != NO_ITEM])
            self._latest = self._latest[np.argsort(self._latest.items, kind="stable")]
            raised = new[new.ranks > 0]
            if len(raised):
                self._raised = self._raised.joined(raised)
                self._raised = self._raised[np.argsort(self._raised.ids, kind="stable")]
            late = new.known_from[new.known_from > new.days]
            self._late = np.union1d(self._late, late)
        if len(self._latest) > max(self._few, len(self._many) // _PART):
            self._many = self._many.joined(self._latest)
            self._many = self._many[np.argsort(self._many.items, kind="stable")]
            self._latest = _NONE
        return is_news

    def knows(self, items: Words, ids: Ids, days: Integers, ranks: Ranks) -> Bits:
        """Of which events `add` would say that they are no news."""
        known: Bits = (items == NO_ITEM) & (ranks == 0)
        for part, by, wanted in (
            (self._many, self._many.items, items),
            (self._latest, self._latest.items, items),
            (self._raised, self._raised.ids, ids),
        ):
            which, at = ranges_of(by, wanted)
            same = (
                (part.items[at] == items[which])
                & (part.ids[at] == ids[which])
                & (part.days[at] == days[which])
                & (part.ranks[at] == ranks[which])
            )
            known[which[same]] = True
        return known

    def met(self, items: Words, earliest: Integers, closing: int) -> Integers:
        """The day on which each item was met first, as a closing knows; NEVER where it was not.

        What was done before `earliest`, [n] too, does not meet it.
        """
        met = np.full(len(items), NEVER, np.int64)
        for part in (self._many, self._latest):
            which, at = ranges_of(part.items, items)
            days = part.days[at]
            held = (days >= earliest[which]) & self._stand(part, at, closing)
            which, days = which[held], days[held]
            if len(which):  # those of an item lie together
                starts = np.flatnonzero(np.concatenate([[True], which[1:] != which[:-1]]))
                of = which[starts]
                met[of] = np.minimum(met[of], np.minimum.reduceat(days, starts))
        return met

    def edges(self) -> list[int]:
        """The days on which closings begin to know more."""
        edges: list[int] = self._late.tolist()
        return edges

    def forget(self, before: Day) -> None:
        """Closings of earlier days will not be computed any more."""
        self._late = self._late[self._late > before]

    def move_to(self, first: Day) -> None:
        """Let go of the days before `first`."""
        self.first = first
        self._many, self._latest, self._raised = (
            part if not len(part) or (left := part.days >= first).all() else part[left]
            for part in (self._many, self._latest, self._raised)
        )

    def _stand(self, part: Entries, at: Integers, closing: int) -> Bits:
        """Of the entries at these places, which are the last word on their ids."""
        stand = counts(part.ranks[at])
        if len(self._late):
            stand &= part[at].known_to(closing)
        if len(self._raised):
            which, above = ranges_of(self._raised.ids, part.ids[at])
            raised, below = self._raised[above], part[at[which]]
            outdone = (raised.days == below.days) & (raised.ranks > below.ranks)
            outdone &= raised.known_to(closing)
            stand[which[outdone]] = False
        return stand
