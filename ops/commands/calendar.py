"""leap calendar: check and publish what each campus day weighs."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from ops.calendars import publish_calendar, read_file
from ops.commands.options import AsJson, context_of_settings
from ops.console import ERR, OUT, facts, print_json
from ops.generation import open_generation
from scoring.calendar import SORTS
from scoring.calendar_reading import CalendarReading
from scoring.days import date_of, day_of

app = typer.Typer(no_args_is_help=True, help="Check and publish the campus calendar.")

CalendarFile = Annotated[Path, typer.Argument(help="A calendar, as iCalendar (.ics) or YAML.")]
_NOT_ALL = 1


@app.command()
def check(file: CalendarFile, as_json: AsJson = False) -> None:
    """Say what a calendar file holds, and every entry that is refused, with its line."""
    reading = read_file(file)
    record = _record(reading)
    if as_json:
        print_json(record | {"problems": list(reading.problems)})
    else:
        OUT.print(facts(f"{file}", record))
        _tell(reading)
    if reading.problems:
        raise typer.Exit(_NOT_ALL)


@app.command()
def publish(
    file: CalendarFile,
    valid_from: Annotated[
        datetime | None,
        typer.Option(
            "--from",
            formats=["%Y-%m-%d"],
            help="The first day whose closing is computed by it. Default: every closing that is"
            " not final yet.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Publish a calendar. What is refused is listed and left out; the exit status is 1 then.

    The closings that it touches are computed again.
    """
    reading = read_file(file)
    start = None if valid_from is None else day_of(valid_from.date())
    generation = open_generation(context_of_settings())
    version, since = publish_calendar(
        generation, reading.calendar, origin=file.name, valid_from=start
    )
    if as_json:
        record = {"version": version, "valid_from": date_of(since).isoformat()}
        print_json(record | {"problems": list(reading.problems)})
    else:
        OUT.print(f"version {version} is published, for closings from {date_of(since)} on")
        _tell(reading)
    if reading.problems:
        raise typer.Exit(_NOT_ALL)


def _tell(reading: CalendarReading) -> None:
    for problem in reading.problems:
        ERR.print(problem, markup=False)


def _record(reading: CalendarReading) -> dict[str, object]:
    entries = reading.calendar.entries
    of_sort = {sort.value: sum(1 for entry in entries if entry.sort is sort) for sort in SORTS}
    first = min((entry.first for entry in entries), default=None)
    last = max((entry.last for entry in entries), default=None)
    return {
        **of_sort,
        "first": "" if first is None else date_of(first).isoformat(),
        "last": "" if last is None else date_of(last).isoformat(),
        "refused": len(reading.problems),
    }
