"""leap simulate: a campus that is made up, as its systems would write it, and the truth."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from broker.publisher import KafkaPublisher, Publisher
from connectors.account import Account
from connectors.configuration import read_configuration
from connectors.incremental import Block
from connectors.options import Setting
from connectors.simulator.campus import CONFIGURATION, write_campus
from connectors.simulator.in_step import InStep
from connectors.simulator.pace import Paced
from connectors.simulator.plan import Plan
from connectors.students.file import StudentFile
from connectors.zones import Zone
from ops.commands.options import AsJson, surroundings
from ops.connecting import LiveConnector, Wanted
from ops.console import ERR, OUT, facts, print_json, progress_bar
from ops.enrolling import enrol
from ops.generation import open_generation
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
    to_kafka: Annotated[
        bool,
        typer.Option("--to-kafka", help="Load the students, and publish all feeds side by side."),
    ] = False,
    rate: Annotated[
        float | None, typer.Option(min=1, help="Records a second, with --to-kafka.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make up a campus: its files, connect.yaml to read them with, and the truth in truth.json.

    Then: leap identity load FOLDER/students.csv, leap connect --all --config FOLDER/connect.yaml;
    or --to-kafka, which does both, at a set rate if there is one.
    """
    if rate is not None and not to_kafka:
        raise SettingsError("--rate is of records that are published: say --to-kafka")
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
    if to_kafka:
        summary["published"] = _published(folder, rate)
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


def _published(folder: Path, rate: float | None) -> dict[str, object]:
    """Publish a campus that was written; what became of its rows."""
    with surroundings() as context:
        generation = open_generation(context)
        zone = Zone.of(generation.zone)
        enrol(context, generation, StudentFile(folder / "students.csv", zone, None, {}))
        configured = read_configuration(folder / CONFIGURATION)
        source = InStep(
            f"simulated {folder.resolve()}",
            [one.build(Setting(name, name, zone)) for name, one in configured.items()],
        )
        kafka: Publisher = KafkaPublisher(generation.client, say=ERR.print)
        publisher = kafka if rate is None else Paced(kafka, rate)
        with progress_bar("publishing", total=None) as bar:

            def told(block: Block, so_far: Account) -> None:
                bar.set(so_far.read, text=f"publishing: {so_far.read:,} rows")

            account = LiveConnector(context, generation).publish(source, publisher, Wanted(), told)
    return {name: value for name, value in account.as_record().items() if name != "students"}
