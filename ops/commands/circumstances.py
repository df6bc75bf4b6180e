"""leap circumstances: check and publish what students are excused from."""

from pathlib import Path
from typing import Annotated, Final

import typer

from connectors.circumstances.file import CircumstanceFile
from connectors.circumstances.plan import Plan
from connectors.zones import Zone
from ops.circumstances import SCHEMES, check_file, publish_file
from ops.commands.options import AsJson, Order, date_order, surroundings
from ops.console import ERR, OUT, facts, print_json
from ops.generation import open_generation
from schemas.errors import SettingsError

app = typer.Typer(no_args_is_help=True, help="Check and publish what students are excused from.")

Circumstances = Annotated[
    Path, typer.Argument(metavar="FILE", help="CSV of circumstances; docs/CIRCUMSTANCES.md.")
]
_NOT_ALL: Final = 1


@app.command()
def check(file: Circumstances, order: Order = None, as_json: AsJson = False) -> None:
    """Say what a file holds, and every row that is refused, with its line.

    Whether its students are known is looked up when it is published.
    """
    with surroundings() as context:
        zone = Zone(context.settings.zone)
        made = check_file(CircumstanceFile(file, zone, date_order(order)))
    _tell(f"{file}", made, as_json)


@app.command()
def publish(
    file: Circumstances,
    scheme: Annotated[
        str, typer.Option(help=f"What its column student holds: {', '.join(SCHEMES)}.")
    ] = "student",
    order: Order = None,
    as_json: AsJson = False,
) -> None:
    """Publish a file, which says all that holds: what it leaves out is withdrawn.

    What is refused is listed and left out; the exit status is 1 then. Closings that are touched are
    computed again. Publishing the same file again does nothing.
    """
    if scheme not in SCHEMES:
        raise SettingsError(f"--scheme {scheme} is none of {', '.join(SCHEMES)}")
    with surroundings() as context:
        generation = open_generation(context)
        read = CircumstanceFile(file, Zone.of(generation.zone), date_order(order))
        made = publish_file(context, generation, read, scheme, ERR.print)
    _tell("published", made, as_json)


def _tell(title: str, made: Plan, as_json: bool) -> None:
    problems = [f"{row.origin}: {row.message}" for row in made.refused]
    if as_json:
        print_json(made.as_record() | {"problems": problems})
    else:
        OUT.print(facts(title, made.as_record()))
        for problem in problems:
            ERR.print(problem, markup=False)
    if problems:
        raise typer.Exit(_NOT_ALL)
