"""What a list changes that says all that holds: what it leaves out is withdrawn.

1. Rows whose student is unknown, and rows that overlap with an earlier one, are refused. A row that
   stands there twice is one.
2. What is not held yet is declared; what is held and stands in no row is withdrawn. A row that was
   changed is both. A list that is read again changes nothing.
3. While a row of a student is refused, nothing of that student is withdrawn, since the refused row
   may be the one that says that it holds; and where it could not be read whose a refused row is,
   nothing at all is.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, Protocol, Self, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from connectors.list_file import ListRow, RefusedRow
from connectors.people import ERASED, UNKNOWN
from connectors.source import Rejected
from connectors.values import shown
from schemas.reasons import Reason
from schemas.types import StudentId

Whose: TypeAlias = Callable[[Sequence[str]], NDArray[np.int64]]
"""The pseudonym of each identifier, else UNKNOWN or ERASED."""

_NOBODY: Final = StudentId(UNKNOWN)


class Holding(Protocol):
    """Something that holds for a student."""

    @property
    def student(self) -> StudentId:
        """For whom."""

    @property
    def content(self) -> Hashable:
        """What the list says; whatever is changed of it makes another one."""

    def overlaps(self, other: Self) -> bool:
        """Whether both say something of the same thing."""


R = TypeVar("R", bound=ListRow)
T = TypeVar("T", bound=Holding)


@dataclass(slots=True)
class Plan(Generic[T]):
    """What is to be published, and what became of the rows."""

    declared: list[T] = field(default_factory=list)
    withdrawn: list[T] = field(default_factory=list)
    refused: list[Rejected] = field(default_factory=list)
    read: int = 0
    held: int = 0
    """Rows that say what was said before, here or in the topic."""
    erased: int = 0
    """Rows of people who are left out."""
    kept: int = 0
    """What stands in no row, and is not withdrawn while rows are refused."""

    def as_record(self) -> dict[str, object]:
        """The plan as one object."""
        return {
            "read": self.read,
            "declared": len(self.declared),
            "unchanged": self.held,
            "erased": self.erased,
            "refused": len(self.refused),
            "withdrawn": len(self.withdrawn),
            "kept_while_rows_are_refused": self.kept,
        }


def plan_list(
    rows: Iterable[R | RefusedRow],
    whose: Whose,
    holding: Iterable[T],
    made: Callable[[R, StudentId], T],
    overlap: str,
) -> Plan[T]:
    """Steps 1 to 3.

    `holding`: what the topic holds. `made`: what a row says of its student. `overlap` completes
    "first and last overlap with line 3, ".
    """
    plan: Plan[T] = Plan()
    all_rows = list(rows)
    names = [row.identifier for row in all_rows]
    known = dict(zip(names, map(int, whose(names)), strict=True)) if names else {}
    held = {one.content: one for one in holding}
    unclear: set[StudentId] = set()  # whose rows are not all understood
    taken: dict[StudentId, list[tuple[T, int]]] = {}
    for row in all_rows:
        plan.read += 1
        student = StudentId(known[row.identifier]) if row.identifier else _NOBODY
        if isinstance(row, RefusedRow):
            plan.refused.append(row.rejected)
            unclear.add(student)
        elif student == ERASED:
            plan.erased += 1
        elif student == UNKNOWN:
            problem = f"nobody is known as {shown(row.identifier)}"
            plan.refused.append(row.refused(Reason.UNKNOWN_IDENTITY, problem))
            unclear.add(_NOBODY)
        else:
            new, of_student = made(row, student), taken.setdefault(student, [])
            line = next((at for one, at in of_student if one.overlaps(new)), None)
            if any(one.content == new.content for one, _ in of_student):
                plan.held += 1
                continue
            if line is not None:
                problem = f"first and last overlap with line {line}, {overlap}"
                plan.refused.append(row.refused(Reason.IMPOSSIBLE_DATE, problem))
                unclear.add(student)
                continue
            if new.content in held:
                plan.held += 1
            else:
                plan.declared.append(new)
            of_student.append((new, row.line))
    said = {one.content for of_student in taken.values() for one, _ in of_student}
    for content, one in held.items():
        if content in said:
            continue
        if _NOBODY in unclear or one.student in unclear:
            plan.kept += 1
        else:
            plan.withdrawn.append(one)
    return plan
