"""What is expected of the students of a partition: the last record of each item counts.

A record may move an item's day or its kind, a deletion withdraws it. Nothing is remembered of what
a record said before, and nothing has to be: the topic is compacted, so nobody could read it again.
As with student records, closings that are not final are computed again, and the others stay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from broker.decoder import Decoded
from schemas.keys import student_and_name
from schemas.types import KINDS, Day, Kind
from scoring.due_items import NEVER
from streams.columns import Columns
from streams.item_words import UNKNOWN_KIND, Words, names_of, with_kinds

Integers = NDArray[np.int64]
Bits = NDArray[np.bool_]

_MANY: Final = 1_000
"""From here on sorting what is looked for costs less than it saves (measured)."""
_KIND_PLACES: Final = {kind.value: place for place, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True, eq=False)
class Expectations(Columns):
    """Items that are expected of students, [n] each."""

    students: Integers
    names: Words
    """Of student and item: what a later record replaces."""
    items: Words
    """Of student, item and kind: what an activity meets."""
    kinds: Integers
    """Places in `KINDS`; UNKNOWN_KIND of others."""
    due: Integers
    """Campus days; NEVER where the item is withdrawn."""

    @classmethod
    def of(
        cls, students: Integers, items: pl.Series, kinds: Integers, due: Integers
    ) -> "Expectations":
        """From what records say."""
        names = names_of(items, students)
        return cls(students, names, with_kinds(names, kinds), kinds, due)


NO_EXPECTATIONS: Final = Expectations.of(
    np.zeros(0, np.int64), pl.Series([], dtype=pl.String), *np.zeros((2, 0), np.int64)
)


def expectations_in(decoded: Sequence[Decoded]) -> Expectations:
    """What decoded slices of the topic say, in order of offset; deletions withdraw."""
    found: list[tuple[Integers, Expectations]] = [(np.zeros(0, np.int64), NO_EXPECTATIONS)]
    for part in decoded:
        if len(part.rows.offsets):
            found.append((part.rows.offsets, _in_frame(part.rows.values)))
        if part.tombstones:
            offsets = np.array([one.offset for one in part.tombstones], np.int64)
            found.append((offsets, _withdrawn([bytes(one.key) for one in part.tombstones])))
    first, *others = (said for _, said in found)
    order = np.argsort(np.concatenate([offsets for offsets, _ in found]), kind="stable")
    return first.joined(*others)[order]


def _in_frame(frame: pl.DataFrame) -> Expectations:
    kinds = frame["kind"].replace_strict(_KIND_PLACES, default=UNKNOWN_KIND, return_dtype=pl.Int64)
    return Expectations.of(
        frame["student"].to_numpy(),
        frame["item"],
        kinds.to_numpy(),
        frame["due"].cast(pl.Int64).to_numpy(),
    )


def _withdrawn(keys: Sequence[bytes]) -> Expectations:
    students, items = zip(*map(student_and_name, keys), strict=True)
    return Expectations.of(
        np.array(students, np.uint64).view(np.int64),
        pl.Series(items, dtype=pl.String),
        np.full(len(keys), UNKNOWN_KIND, np.int64),
        np.full(len(keys), NEVER, np.int64),
    )


class Expected:
    """The items expected now; those that cannot be due on the days that are held are let go of."""

    def __init__(self, extension: Mapping[Kind, int]) -> None:
        """`extension`: by how many days what is due of a kind may be put off; else not at all."""
        by_place = [extension.get(kind, 0) for kind in KINDS]
        self._extension = np.array([*by_place, 0], np.int64)  # 0 of UNKNOWN_KIND
        self._held = NO_EXPECTATIONS  # by student: read far more often than said
        self._names = np.zeros(0, np.uint64)  # ascending
        self._by_name = np.zeros(0, np.int64)  # places of `_names` in `_held`
        self._first = Day(-NEVER)

    def __len__(self) -> int:
        return len(self._held)

    def take(self, said: Expectations) -> tuple[Integers, Integers]:
        """Take in records in order of offset.

        Gives the students of whom another item is expected than before, or on another day, with
        repeats, and the first day that each of these differences concerns.
        """
        _, at_last = np.unique(said.names[::-1], return_index=True)
        said = said[len(said) - 1 - at_last]
        now = np.where(self._is_held(said), said.due, NEVER)
        held = self._held
        place = np.minimum(np.searchsorted(self._names, said.names), max(len(held) - 1, 0))
        was_held = np.zeros(len(said), np.bool_)
        if len(held):
            was_held = self._names[place] == said.names
        at = self._by_name[place] if len(held) else place
        before = np.full(len(said), NEVER, np.int64)
        before[was_held] = held.due[at[was_held]]
        differs = now != before
        differs[was_held] |= held.items[at[was_held]] != said.items[was_held]
        differs &= (now != NEVER) | (before != NEVER)
        kept = np.ones(len(held), np.bool_)
        kept[at[differs & was_held]] = False
        if differs.any():
            self._hold(held[kept].joined(said[differs & (now != NEVER)]))
        return said.students[differs], np.minimum(now, before)[differs]

    def due(
        self, students: Integers, kind: Kind, first: int, last: int
    ) -> tuple[Integers, Expectations]:
        """The items of a kind that some students owe from `first` to `last`: whose, and what.

        Whose: places in `students`, ascending.
        """
        held = self._held
        which, at = ranges_of(held.students, students)
        # Most are due on other days; those are not copied.
        of_kind = held.kinds[at] == KINDS.index(kind)
        due = held.due[at]
        wanted = of_kind & (due >= first) & (due <= last)
        return which[wanted], held[at[wanted]]

    def move_to(self, first: Day) -> None:
        """Let go of what can only be due before a day, also when it is said again."""
        self._first = first
        left = self._is_held(self._held)
        if not left.all():
            self._hold(self._held[left])

    def _is_held(self, said: Expectations) -> Bits:
        is_held: Bits = said.due + self._extension[said.kinds] >= self._first
        return is_held

    def _hold(self, held: Expectations) -> None:
        self._held = held[np.argsort(held.students, kind="stable")]
        self._by_name = np.argsort(self._held.names)
        self._names = self._held.names[self._by_name]


def ranges_of(known: NDArray[np.integer], wanted: NDArray[np.integer]) -> tuple[Integers, Integers]:
    """Where each of `wanted` lies among `known`, which ascend and may repeat.

    Gives pairs: places in `wanted`, ascending, and places in `known`.
    """
    if len(wanted) < _MANY or not len(known):
        first = np.searchsorted(known, wanted, side="left")
        return spread(first, np.searchsorted(known, wanted, side="right") - first)
    order = _roughly_in_order(wanted)
    sought = wanted[order]
    start = np.searchsorted(known, sought, side="left")
    stop = start + (known[np.minimum(start, len(known) - 1)] == sought)
    repeats = (stop > start) & (known[np.minimum(stop, len(known) - 1)] == sought)
    stop[repeats] = np.searchsorted(known, sought[repeats], side="right")
    first, number = np.empty_like(start), np.empty_like(start)
    first[order], number[order] = start, stop - start
    return spread(first, number)


def _roughly_in_order(wanted: NDArray[np.integer]) -> Integers:
    """An order in which each search begins near where the last one ended, in the cache.

    Numbers are sorted with their places in the lowest bits: half of what argsort takes.
    """
    bits = np.uint64(len(wanted).bit_length())
    packed = (wanted.astype(np.uint64) >> bits << bits) | np.arange(len(wanted), dtype=np.uint64)
    places: Integers = (np.sort(packed) & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    return places


def spread(first: Integers, number: Integers) -> tuple[Integers, Integers]:
    """Each of n ranges, `number` long from `first` on, place by place.

    Gives pairs: which range, ascending, and a place in it.
    """
    which = np.repeat(np.arange(len(first)), number)
    before = np.repeat(np.cumsum(number) - number, number)
    return which, np.arange(len(which)) - before + np.repeat(first, number)
