"""A period that a student is excused from, and which closings know of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from schemas.types import CircumstanceSort, Day, Kind, StudentId
from scoring.days import date_of
from scoring.items import EXTENDABLE, EXTENSION_LIMIT_DAYS, Item

Content: TypeAlias = tuple[StudentId, CircumstanceSort, tuple[Kind, ...], Day, Day, int]
"""What somebody declares: student, sort, kinds, first and last day, days of extension."""


@dataclass(frozen=True, slots=True)
class Circumstance:
    """Days that weigh nothing for a student, for all kinds of activity or for some.

    It holds no reason: the sort is all that anybody needs to know who scores or publishes.
    """

    student: StudentId
    sort: CircumstanceSort
    kinds: tuple[Kind, ...]
    """Ascending; none: all of them."""
    first: Day
    last: Day
    """Inclusive."""
    extend_days: int
    """By which what is due within the period is put off, as far as it can be: see `extension`."""
    declared_on: Day
    """The campus day in progress."""
    withdrawn_on: Day | None = None
    """Likewise; None while it holds."""

    @property
    def name(self) -> str:
        """With the student, what it is known by: it says everything but whether it holds."""
        kinds = "+".join(self.kinds) or "all"
        days = f"{date_of(self.first)}/{date_of(self.last)}"
        return f"{self.sort}@{days};{kinds};+{self.extend_days};{date_of(self.declared_on)}"

    @property
    def content(self) -> Content:
        """What was declared; whatever is changed of it makes another declaration."""
        return (self.student, self.sort, self.kinds, self.first, self.last, self.extend_days)

    @property
    def extension(self) -> int:
        """By how many days what is due within the period is put off."""
        return max(0, min(self.extend_days, EXTENSION_LIMIT_DAYS))

    def withdrawn(self, on: Day) -> "Circumstance":
        """The same, withdrawn."""
        return replace(self, withdrawn_on=on)

    def covers(self, kind: Kind, day: Day) -> bool:
        """Whether the student is excused from a kind on a day."""
        return self.first <= day <= self.last and (not self.kinds or kind in self.kinds)

    def overlaps(self, other: "Circumstance") -> bool:
        """Whether both say something of the same kind, day and student."""
        return (
            self.student == other.student
            and self.first <= other.last
            and other.first <= self.last
            and not (self.kinds and other.kinds and set(self.kinds).isdisjoint(other.kinds))
        )

    def is_known_to(self, closing: Day, amendment_days: int) -> bool:
        """Whether the closing of a day is computed with it.

        What is said on campus day L is known to the closings of L - amendment and later: those
        before were final. The same holds for its withdrawal.
        """
        if closing < self.declared_on - amendment_days:
            return False
        return self.withdrawn_on is None or closing < self.withdrawn_on - amendment_days


def extended(kind: Kind, items: Iterable[Item], known: Iterable[Circumstance]) -> list[Item]:
    """Give the items of a kind on the days to which a student's circumstances put them off.

    The day that was set first decides which circumstances an item lies in; of several the longest
    extension holds. A day that an item was put off to is not looked at again: extensions do not
    add up.
    """
    if kind not in EXTENDABLE:
        return list(items)
    some = tuple(known)
    found: list[Item] = []
    for item in items:
        days = max((one.extension for one in some if one.covers(kind, item.due)), default=0)
        moved = replace(item, due=Day(item.due + days), extended_from=item.due)
        found.append(moved if days else item)
    return found
