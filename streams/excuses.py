"""What the students of a partition are excused from: few periods, beside a great many days.

What is declared on campus day L is known to the closings of L - amendment and later, and to none
before; the same holds for a withdrawal. So a closing is the same whenever it is computed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import KINDS, Kind
from scoring.circumstance import Circumstance
from scoring.due_items import NEVER
from scoring.items import EXTENDABLE
from streams.circumstances import Name, Said
from streams.columns import Columns
from streams.expected import ranges_of
from streams.spans import cells_of, columns_among
from streams.students import Rows, Students

Integers = NDArray[np.int64]
Bits = NDArray[np.bool_]

_BIT: Final = {kind: 1 << place for place, kind in enumerate(KINDS)}
_ALL: Final = (1 << len(KINDS)) - 1


@dataclass(frozen=True, slots=True, eq=False)
class Excused:
    """The days that weigh nothing for some students, by kind: [T, S] each."""

    wholly: Bits | None = None
    """From all kinds; None where nobody is."""
    partly: Mapping[Kind, Bits] = field(default_factory=lambda: MappingProxyType({}))
    """Kinds of which somebody is excused from more than that."""

    def of(self, kind: Kind) -> Bits | None:
        """The days of a kind; None where there are none."""
        return self.partly.get(kind, self.wholly)

    def by_kind(self, kinds: Iterable[Kind]) -> dict[Kind, Bits]:
        """Of some kinds, those of which somebody is excused; as `Panel` wants it."""
        found = {kind: self.of(kind) for kind in kinds}
        return {kind: days for kind, days in found.items() if days is not None}

    def from_any(self, kinds: Iterable[Kind]) -> Bits | None:
        """The days on which students are excused from at least one of some kinds."""
        arrays = list(self.by_kind(kinds).values())
        return np.logical_or.reduce(arrays) if arrays else None

    def from_all(self, kinds: Iterable[Kind]) -> Bits | None:
        """The days on which students are excused from every one of some kinds."""
        wanted = tuple(kinds)
        arrays = list(self.by_kind(wanted).values())
        return np.logical_and.reduce(arrays) if arrays and len(arrays) == len(wanted) else None


NOT_EXCUSED: Final = Excused()


@dataclass(frozen=True, slots=True, eq=False)
class _Periods(Columns):
    """The circumstances, [n] each."""

    students: Integers
    kinds: Integers  # a bit each
    first: Integers
    last: Integers
    extension: Integers
    known_from: Integers  # the first closing that knows of it
    known_until: Integers  # the first that knows that it is withdrawn


class Excuses:
    """Of one partition."""

    def __init__(self, students: Students, amendment: int) -> None:
        self._students = students
        self._amendment = amendment
        self._held: dict[Name, Circumstance] = {}
        self._columns: _Periods | None = None  # of what is held now

    def take(self, said: Said) -> tuple[Rows, Integers]:
        """Take in records; whom they concern, with repeats, and from which closing on each.

        A student of whom nothing else is known is nobody yet.
        """
        students: list[int] = []
        days: list[int] = []
        for name, now in said.items():
            before = self._held.get(name)
            if now == before:
                continue
            if now is None:
                del self._held[name]
            else:
                self._held[name] = now
            students.append(name[0])
            # The day in progress weighs something too: the closing of the day before looks at it.
            days.append(min(one.first for one in (before, now) if one is not None) - 1)
        if students:
            self._columns = None
        rows, found = self._students.known_rows(np.array(students, np.int64))
        return rows[found], np.array(days, np.int64)[found]

    def edges(self) -> list[int]:
        """The days on which closings begin to know of something that concerns them."""
        held = self._all()
        edges = np.concatenate(
            [known[known >= held.first] for known in (held.known_from, held.known_until)]
        )
        found: list[int] = np.unique(edges[edges < NEVER]).tolist()
        return found

    def known_to(self, closing: int, days: Integers, rows: Rows) -> Excused:
        """What students are excused from on consecutive days, as the closing of a day knows it.

        `rows` ascend. Of closings between two edges, what the last one knows holds for all: what
        is said before its period begins is no edge, and those that do not know of it yet do not
        look at its days.
        """
        held = self._all()
        known = (held.known_from <= closing) & (closing < held.known_until)
        return self._excused(held[known], days, rows)

    def known_then(self, days: Integers, rows: Rows) -> Excused:
        """The same, each day as its own closing knows it."""
        held = self._all()
        own = _Periods(
            held.students,
            held.kinds,
            np.maximum(held.first, held.known_from),
            np.minimum(held.last, held.known_until - 1),
            held.extension,
            held.known_from,
            held.known_until,
        )
        return self._excused(own, days, rows)

    def extended(self, kind: Kind, rows: Rows, due: Integers, closing: int) -> Integers:
        """The days on which items are due, as the closing of a day knows it: [n].

        `rows` and `due`: of each item whose it is and the campus day that was set first, in any
        order. `scoring.circumstance.extended` defines it; closings are those of `known_to`.
        """
        held = self._all()
        known = (held.known_from <= closing) & (closing < held.known_until) & (held.extension > 0)
        held = held[known & (held.kinds & _BIT[kind] > 0)]
        if kind not in EXTENDABLE or not len(held) or not len(due):
            return due
        of_student, found = self._students.known_rows(held.students)
        order = np.argsort(rows, kind="stable")
        which, at = ranges_of(rows[order], np.where(found, of_student, -1))
        item = order[at]
        inside = (held.first[which] <= due[item]) & (due[item] <= held.last[which])
        extension = np.zeros(len(due), np.int64)
        np.maximum.at(extension, item[inside], held.extension[which[inside]])
        return due + extension

    def _excused(self, held: _Periods, days: Integers, rows: Rows) -> Excused:
        if not len(held) or not len(days):
            return NOT_EXCUSED
        held = held[(held.last >= days[0]) & (held.first <= days[-1]) & (held.first <= held.last)]
        of_student, found = self._students.known_rows(held.students)
        columns, among = columns_among(rows, of_student)
        found &= among
        held, columns = held[found], columns[found]
        if not len(held):
            return NOT_EXCUSED
        students = len(rows)
        whole = held.kinds == _ALL
        wholly = _cells(held[whole], columns[whole], days, students) if whole.any() else None
        partly: dict[Kind, Bits] = {}
        made: dict[bytes, Bits] = {}  # kinds of the same periods share an array, as `Panel` wants
        for kind, bit in _BIT.items():
            some = ~whole & (held.kinds & bit > 0)
            if some.any():
                if some.tobytes() not in made:
                    cells = _cells(held[some], columns[some], days, students)
                    made[some.tobytes()] = cells if wholly is None else cells | wholly
                partly[kind] = made[some.tobytes()]
        return Excused(wholly, partly)

    def _all(self) -> _Periods:
        if self._columns is None:
            held = [
                (
                    one.student,
                    sum(_BIT[kind] for kind in one.kinds) if one.kinds else _ALL,
                    one.first,
                    one.last,
                    one.extension,
                    one.declared_on - self._amendment,
                    NEVER if one.withdrawn_on is None else one.withdrawn_on - self._amendment,
                )
                for one in self._held.values()
            ]
            self._columns = _Periods(*np.array(held, np.int64).reshape(-1, len(fields(_Periods))).T)
        return self._columns


def _cells(held: _Periods, columns: Integers, days: Integers, students: int) -> Bits:
    """Where the periods lie among the days: [T, S]."""
    return cells_of(held.first, held.last, columns, days, students)
