"""leap simulate: a campus that is made up, as its systems would write it, and the truth."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from connectors.simulator.campus import CONFIGURATION, write_campus
from connectors.simulator.plan import Plan
from ops.commands.options import AsJson
from ops.console import OUT, facts, print_json, progress_bar
from ops.settings import load_settings
from schemas.errors import SettingsError

FIRST: Final = date(2025, 10, 6)


def simulate(
    folder: Annotated[Path, typer.Argument(help="Where the files go.")],
    students: Annotated[int, typer.Option(min=1, max=100_000, help="How many students.")] = 100,
    weeks: Annotated[int, typer.Option(min=1, max=52, help="Weeks of the term.")] = 10,
    first: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Its first day, a Monday. Default: 6 October 2025."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    duplicates: Annotated[float, typer.Option(min=0, max=1, help="Share of rows twice.")] = 0.01,
    late: Annotated[float, typer.Option(min=0, max=1, help="Share of rows at the end.")] = 0.02,
    disorder: Annotated[int, typer.Option(min=0, help="Rows that a row may be astray.")] = 3,
    outages: Annotated[int, typer.Option(min=0, help="Days that a feed writes nothing.")] = 1,
    shared_cards: Annotated[int, typer.Option(min=0, help="Cards that are lent.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Make up a campus: its files, connect.yaml to read them with, and the truth in truth.json.

    Then: leap identity load FOLDER/students.csv, leap connect --all --config FOLDER/connect.yaml
    """
    day = FIRST if first is None else first.date()
    if day.weekday():
        raise SettingsError(f"--first {day} is a {day:%A}: a term begins on a Monday")
    plan = Plan(
        seed,
        students,
        day,
        weeks,
        duplicates,
        late,
        disorder,
        outages,
        shared_cards,
    )
    zone = ZoneInfo(load_settings().zone)
    with progress_bar("simulating students", total=students) as bar:
        campus = write_campus(plan, folder, zone, lambda done: bar.set(done))
    summary = campus.summary()
    if as_json:
        print_json({"folder": str(folder), "configuration": CONFIGURATION, **summary})
        return
    shown = {
        name: ", ".join(f"{of} {count:,}" for of, count in value.items())
        if isinstance(value, dict)
        else value
        for name, value in summary.items()
    }
    OUT.print(facts(str(folder), shown))
