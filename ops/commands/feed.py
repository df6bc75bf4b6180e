"""leap feed: how far each feed is complete, and which campus days it lacks."""

import getpass
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer

from ops.commands.options import AsJson, surroundings
from ops.console import OUT, print_json, table
from ops.feeds import FeedState, KnownGap, declare_gaps, feed_states, known_gaps, withdraw_gaps
from ops.generation import open_generation
from schemas.types import Day
from scoring.days import date_of, day_of

app = typer.Typer(no_args_is_help=True, help="How far feeds are complete, and what they lack.")
gap = typer.Typer(help="Campus days that feeds lack: list, declare, withdraw.")
app.add_typer(gap, name="gap")

Feed = Annotated[str, typer.Argument(help="The feed, by its name in the policy.")]
First = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The campus day.")]
Last = Annotated[
    datetime | None,
    typer.Argument(formats=["%Y-%m-%d"], help="The last one, where there are several in a row."),
]
By = Annotated[
    str | None, typer.Option("--by", help="Who says so. Default: the user of this machine.")
]


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say up to which campus day each feed is complete, and which days it lacks."""
    with surroundings() as context:
        states = feed_states(open_generation(context))
    if as_json:
        print_json({"feeds": [_state(one) for one in states]})
        return
    rows = [
        [
            one.feed,
            _date(one.complete) or "never",
            "" if one.marked_at is None else f"{one.marked_at:%Y-%m-%d %H:%M:%S} UTC",
            len(one.lacking),
            ", ".join(one.kinds) or "not scored",
        ]
        for one in states
    ]
    columns = ["feed", "complete up to", "marked at", "days lacking", "kinds"]
    OUT.print(table("feeds", columns, rows) if rows else "No feed is known.")


@gap.callback(invoke_without_command=True)
def listing(context: typer.Context, as_json: AsJson = False) -> None:
    """List the gaps that hold and those that were withdrawn, by feed and day."""
    if context.invoked_subcommand is not None:
        return
    with surroundings() as around:
        gaps = known_gaps(open_generation(around))
    if as_json:
        print_json({"gaps": [_gap(one) for one in gaps]})
        return
    rows = [
        [
            one.feed,
            _date(one.day),
            "holds" if one.holds else f"withdrawn on {_date(one.withdrawn_on)}",
            one.origin.value,
            _date(one.declared_on),
            one.writer,
        ]
        for one in gaps
    ]
    columns = ["feed", "day", "state", "origin", "declared on", "by"]
    OUT.print(table("gaps", columns, rows) if rows else "No feed lacks a day.")


@gap.command()
def declare(
    feed: Feed, first: First, last: Last = None, by: By = None, as_json: AsJson = False
) -> None:
    """Say that a feed lacks campus days: its kinds are left out of scores on them.

    Closings that are not final are computed again. The gap holds until it is withdrawn.
    """
    with surroundings() as context:
        generation, who = open_generation(context), by or getpass.getuser()
        days = declare_gaps(generation, feed, *_span(first, last), by=who)
    _tell("declared", feed, days, as_json)


@gap.command()
def withdraw(
    feed: Feed, first: First, last: Last = None, by: By = None, as_json: AsJson = False
) -> None:
    """Withdraw what was declared. A gap by deadline ends by itself, with the feed's mark."""
    with surroundings() as context:
        generation, who = open_generation(context), by or getpass.getuser()
        days = withdraw_gaps(generation, feed, *_span(first, last), by=who)
    _tell("withdrawn", feed, days, as_json)


def _span(first: datetime, last: datetime | None) -> tuple[Day, Day]:
    return day_of(first.date()), day_of((last or first).date())


def _tell(what: str, feed: str, days: Sequence[Day], as_json: bool) -> None:
    dates = [str(date_of(day)) for day in days]
    if as_json:
        print_json({"feed": feed, what: dates})
    else:
        OUT.print(f"{what} for {feed}: {', '.join(dates) or 'nothing to do'}")


def _state(one: FeedState) -> dict[str, object]:
    return {
        "feed": one.feed,
        "complete": _date(one.complete),
        "marked_at": None if one.marked_at is None else one.marked_at.isoformat(),
        "lacking": [_date(day) for day in one.lacking],
        "kinds": list(one.kinds),
    }


def _gap(one: KnownGap) -> dict[str, object]:
    return {
        "feed": one.feed,
        "day": _date(one.day),
        "holds": one.holds,
        "origin": one.origin.value,
        "declared_on": _date(one.declared_on),
        "withdrawn_on": _date(one.withdrawn_on),
        "decided_at": one.decided_at.isoformat(),
        "writer": one.writer,
    }


def _date(day: Day | None) -> str | None:
    return None if day is None else str(date_of(day))
