"""What a file of circumstances changes, which says all that holds (`connectors.list_plan`)."""

from collections.abc import Iterable

from connectors.circumstances.file import CircumstanceRow
from connectors.list_file import RefusedRow
from connectors.list_plan import Plan, Whose, plan_list
from schemas.types import Day, StudentId
from scoring.circumstance import Circumstance


def plan(
    rows: Iterable[CircumstanceRow | RefusedRow],
    whose: Whose,
    holding: Iterable[Circumstance],
    today: Day | None,
) -> Plan[Circumstance]:
    """What is to be published.

    `holding`: what the topic holds that was not withdrawn. `today`: the campus day in progress;
    None before any day was closed, when every closing is to know what the file says.
    """

    def made(row: CircumstanceRow, student: StudentId) -> Circumstance:
        return Circumstance(
            student,
            row.sort,
            row.kinds,
            row.first,
            row.last,
            row.extend_days,
            row.first if today is None else today,
        )

    found = plan_list(rows, whose, holding, made, "of the same student and kind")
    found.withdrawn = [
        one.withdrawn(one.declared_on if today is None else today) for one in found.withdrawn
    ]
    return found
