"""What became of everything that a run read."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from connectors.incremental import Block
from schemas.reasons import Reason
from schemas.types import Kind

_PARTS: Final = 64  # counts by student that are kept before they are added up

_Counts: TypeAlias = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Students, ascending, and how many activities each has."""


@dataclass(slots=True)
class Account:
    """The account of a run, while it goes on and when it has ended.

    Each row that was read is in exactly one of `used`, `quarantined` by the source and `skipped`
    by the source; each activity and due that rows led to is in exactly one of `published`, `dues`,
    `quarantined` (unknown, future) and `skipped` (erased). Where one row leads to one activity,
    read = published + dues + quarantined + skipped.
    """

    read: int = 0
    """Rows, counted by the reader."""
    used: int = 0
    """Rows that led to activities or dues, counted by what they led to."""
    made: int = 0
    """Activities and dues that rows led to."""
    published: Counter[Kind] = field(default_factory=Counter)
    """Activities, by kind."""
    dues: int = 0
    quarantined: Counter[Reason] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    refused_rows: int = 0
    """Of those in quarantine, the rows that the source rejected; the others are activities."""
    skipped_rows: int = 0
    """Of those skipped, the rows that the source skipped; the others are activities."""
    days_marked: int = 0
    _students: dict[Kind, list[_Counts]] = field(default_factory=dict)

    def block(self, block: Block) -> None:
        """A block was read."""
        due = np.array([one.row for one in block.due], np.int64)
        rows = np.unique(np.concatenate([due, *(one.row for one in block.activities)]))
        self.read += block.rows
        self.used += len(rows)
        self.made += sum(len(one.row) for one in block.activities) + len(block.due)
        self.quarantined.update(one.reason for one in block.rejected)
        self.refused_rows += len(block.rejected)
        self.skipped.update(block.skipped)
        self.skipped_rows += sum(block.skipped.values())

    def activities(self, kind: Kind, students: NDArray[np.int64]) -> None:
        """Activities of these students were published."""
        self.published[kind] += len(students)
        self._count(kind, np.unique(students, return_counts=True))

    @property
    def students(self) -> dict[int, Counter[Kind]]:
        """Activities published, by pseudonym and kind."""
        found: dict[int, Counter[Kind]] = {}
        for kind, (students, numbers) in self.by_student():
            for student, number in zip(students.tolist(), numbers.tolist(), strict=True):
                found.setdefault(student, Counter())[kind] += number
        return found

    def by_student(self) -> Iterator[tuple[Kind, _Counts]]:
        """The same in parts, as it is kept."""
        for kind, counts in self._students.items():
            for part in counts:
                yield kind, part

    def _count(self, kind: Kind, counts: _Counts) -> None:
        held = self._students.setdefault(kind, [])
        held.append(counts)
        if len(held) > _PARTS:
            every, at = np.unique(np.concatenate([part for part, _ in held]), return_inverse=True)
            numbers = np.concatenate([part for _, part in held])
            total = np.bincount(at, weights=numbers, minlength=len(every)).astype(np.int64)
            held[:] = [(every, total)]

    def add(self, other: "Account") -> None:
        """Take in the account of another run."""
        self.read += other.read
        self.used += other.used
        self.made += other.made
        self.published.update(other.published)
        self.dues += other.dues
        self.quarantined.update(other.quarantined)
        self.skipped.update(other.skipped)
        self.refused_rows += other.refused_rows
        self.skipped_rows += other.skipped_rows
        self.days_marked += other.days_marked
        for kind, counts in other.by_student():
            self._count(kind, counts)

    @property
    def is_reconciled(self) -> bool:
        """Whether every row and everything that rows led to is accounted for, once each."""
        quarantined, skipped = self.quarantined.total(), self.skipped.total()
        rows = self.used + self.refused_rows + self.skipped_rows
        made = self.published.total() + self.dues
        made += quarantined - self.refused_rows + skipped - self.skipped_rows
        return rows == self.read and made == self.made

    def as_record(self, names: Mapping[int, str] | None = None) -> dict[str, object]:
        """The account as one object; students under `names`, or as their pseudonyms."""
        return {
            "read": self.read,
            "published": self.published.total() + self.dues,
            "quarantined": _by_name(self.quarantined),
            "skipped": _by_name(self.skipped),
            "reconciled": self.is_reconciled,
            "events": _by_name(self.published),
            "expectations": self.dues,
            "days_marked": self.days_marked,
            "students": {
                (names or {}).get(student, str(student)): _by_name(kinds)
                for student, kinds in sorted(self.students.items())
            },
        }


def _by_name(
    counts: Mapping[Kind, int] | Mapping[Reason, int] | Mapping[str, int],
) -> dict[str, int]:
    return {str(name): count for name, count in sorted(counts.items())}
