"""leap policy diff: what differs between two policies, and whom it would touch."""

from collections.abc import Iterator
from contextlib import closing
from functools import cache
from typing import Annotated

import typer

from ops.commands.options import AsJson, surroundings
from ops.console import OUT, print_json, table
from ops.context import Context
from ops.generation import Generation, open_generation
from ops.moves import Moves, moves
from ops.policies import named_policy
from schemas.errors import LeapError
from scoring.days import date_of
from scoring.policy import Policy
from scoring.policy_diff import Difference, policy_diff
from sinks.clickhouse import connect
from sinks.population import Population

_Named = Annotated[str, typer.Argument(help="A published version, a number; or a file.")]


def diff(before: _Named, after: _Named, as_json: AsJson = False) -> None:
    """Say what differs, and for how many students today's band would move.

    The bands are computed by both policies from what stands in ClickHouse; without it, that is
    said, and the differences are listed all the same.
    """
    with surroundings() as context:
        _diff(context, before, after, as_json)


def _diff(context: Context, before: str, after: str, as_json: bool) -> None:
    generation = cache(lambda: open_generation(context))
    one, other = (named_policy(name, generation) for name in (before, after))
    differences = policy_diff(one, other)
    moved: Moves | None = None
    unknown = "nobody has an indicator yet"
    try:
        moved = _moves(context, generation(), one, other)
    except LeapError as error:
        unknown = str(error)
    if as_json:
        print_json(_record(differences, moved, unknown))
        return
    OUT.print("\n".join(map(str, differences)) or "Nothing differs.", markup=False, soft_wrap=True)
    OUT.print()
    for part in _told(moved, unknown):
        OUT.print(part, soft_wrap=True)


def _moves(context: Context, generation: Generation, before: Policy, after: Policy) -> Moves | None:
    with closing(connect(context.clickhouse)) as client:
        return moves(generation, Population(client, context.clickhouse), before, after)


def _record(
    differences: tuple[Difference, ...], moved: Moves | None, unknown: str
) -> dict[str, object]:
    return {
        "differences": [
            {"path": one.path, "before": one.before, "after": one.after} for one in differences
        ],
        "as_of": None if moved is None else str(date_of(moved.as_of)),
        "students": None if moved is None else moved.students,
        "moved": None if moved is None else moved.total,
        "moves": []
        if moved is None
        else [
            {"from": was, "to": becomes, "students": number}
            for (was, becomes), number in moved.moved.items()
        ],
        "unknown": unknown if moved is None else None,
    }


def _told(moved: Moves | None, unknown: str) -> Iterator[object]:
    if moved is None:
        yield f"For how many students today's band would move is not known: {unknown}"
        return
    yield (
        f"As of {date_of(moved.as_of)}, the band of {moved.total:,} of {moved.students:,} students"
        " would move."
    )
    if moved.moved:
        rows = [[*pair, number] for pair, number in moved.moved.items()]
        yield table("", ["from", "to", "students"], rows)
