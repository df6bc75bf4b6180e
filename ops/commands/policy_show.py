"""leap policy show: what holds on a campus day."""

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape

from ops.campus_day import day_in_progress
from ops.commands.options import AsJson, surroundings
from ops.console import OUT, print_json
from ops.generation import Generation, open_generation
from ops.policies import documents, published_policies
from schemas.types import Day
from scoring.days import date_of, day_of
from scoring.policy_digest import policy_digest
from streams.policies import Policies

_NONE = 1


def show(
    on: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="The campus day in question. Default: the one in progress."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the published policy that holds on a campus day, as it was written.

    Exit status 1 when none does.
    """
    with surroundings() as context:
        _show(open_generation(context), on, as_json)


def _show(generation: Generation, on: datetime | None, as_json: bool) -> None:
    policies = published_policies(generation)
    day = _day(generation, policies) if on is None else day_of(on.date())
    policy = policies.on(day)
    if policy is None:
        first = policies.first_day()
        if as_json:
            print_json({"on": str(date_of(day)), "version": None})
        else:
            begins = "none is published" if first is None else f"the first begins {date_of(first)}"
            OUT.print(f"No policy holds on {date_of(day)}: {begins}.")
        raise typer.Exit(_NONE)
    following = policies.next_start(day)
    until = None if following is None else date_of(following - 1)
    if as_json:
        print_json(
            {
                "on": str(date_of(day)),
                "version": policy.version,
                "valid_from": str(policy.valid_from),
                "valid_until": None if until is None else str(until),
                "digest": policy_digest(policy),
                "policy": policy.model_dump(mode="json"),
            }
        )
        return
    span = f"from {policy.valid_from} " + ("on" if until is None else f"to {until}")
    title = escape(repr(policy.title))
    OUT.print(f"[bold]On {date_of(day)}: version {policy.version}, {title}, {span}[/bold]\n")
    OUT.print(documents(generation)[policy.version], markup=False, soft_wrap=True)


def _day(generation: Generation, policies: Policies) -> Day:
    """The one in progress; of a replay that has not begun, that of the first version."""
    today = day_in_progress(generation)
    return today if today is not None else policies.first_day() or Day(0)
