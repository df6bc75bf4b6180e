"""What a file of circumstances changes: it says all that holds, so what it leaves out is withdrawn.

1. Rows whose student is unknown, and rows that say something of the same student, kind and day as
   an earlier one, are refused. A row that stands there twice is one.
2. What is not held yet is declared; what is held and stands in no row is withdrawn. A row that was
   changed is both. A file that is read again changes nothing.
3. While a row of a student is refused, nothing of that student is withdrawn, since the refused row
   may be the one that says that it holds; and where it could not be read whose a refused row is,
   nothing at all is.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from connectors.circumstances.file import CircumstanceRow, RefusedRow
from connectors.people import ERASED, UNKNOWN
from connectors.source import Rejected
from connectors.values import shown
from schemas.reasons import Reason
from schemas.types import Day, StudentId
from scoring.circumstance import Circumstance, Content

Whose: TypeAlias = Callable[[Sequence[str]], NDArray[np.int64]]
"""The pseudonym of each identifier, else UNKNOWN or ERASED."""

_NOBODY: Final = StudentId(UNKNOWN)


@dataclass(slots=True)
class Plan:
    """What is to be published, and what became of the rows."""

    declared: list[Circumstance] = field(default_factory=list)
    withdrawn: list[Circumstance] = field(default_factory=list)
    refused: list[Rejected] = field(default_factory=list)
    read: int = 0
    held: int = 0
    """Rows that say what was said before, here or in the topic."""
    erased: int = 0
    """Rows of people who are left out."""
    kept: int = 0
    """Circumstances that stand in no row, and are not withdrawn while rows are refused."""

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


def plan(
    rows: Iterable[CircumstanceRow | RefusedRow],
    whose: Whose,
    holding: Iterable[Circumstance],
    today: Day | None,
) -> Plan:
    """Steps 1 to 3.

    `holding`: what the topic holds that was not withdrawn. `today`: the campus day in progress;
    None before any day was closed, when every closing is to know what the file says.
    """
    plan = Plan()
    all_rows = list(rows)
    names = [row.identifier for row in all_rows]
    known = dict(zip(names, map(int, whose(names)), strict=True)) if names else {}
    held = {one.content: one for one in holding}
    unclear: set[StudentId] = set()  # whose rows are not all understood
    taken: dict[StudentId, list[tuple[Circumstance, int]]] = {}
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
            _take(row, student, taken.setdefault(student, []), held, today, plan, unclear)
    said = {one.content for of_student in taken.values() for one, _ in of_student}
    for one in held.values():
        if one.content in said:
            continue
        if _NOBODY in unclear or one.student in unclear:
            plan.kept += 1
        else:
            plan.withdrawn.append(one.withdrawn(one.declared_on if today is None else today))
    return plan


def _take(
    row: CircumstanceRow,
    student: StudentId,
    taken: list[tuple[Circumstance, int]],
    held: Mapping[Content, Circumstance],
    today: Day | None,
    plan: Plan,
    unclear: set[StudentId],
) -> None:
    new = Circumstance(
        student,
        row.sort,
        row.kinds,
        row.first,
        row.last,
        row.extend_days,
        row.first if today is None else today,
    )
    if any(one.content == new.content for one, _ in taken):
        plan.held += 1
        return
    line = next(_overlapping(new, taken), None)
    if line is not None:
        problem = f"first and last overlap with line {line}, of the same student and kind"
        plan.refused.append(row.refused(Reason.IMPOSSIBLE_DATE, problem))
        unclear.add(student)
        return
    if new.content in held:
        plan.held += 1
    else:
        plan.declared.append(new)
    taken.append((new, row.line))


def _overlapping(new: Circumstance, taken: Iterable[tuple[Circumstance, int]]) -> Iterator[int]:
    return (line for one, line in taken if one.overlaps(new))
