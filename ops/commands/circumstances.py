"""leap circumstances: check and publish what students are excused from."""

from pathlib import Path
from typing import Annotated

import typer

from connectors.circumstances.file import CircumstanceFile
from connectors.zones import Zone
from ops.circumstances import check_file, publish_file
from ops.commands.options import AsJson, Order, date_order, surroundings
from ops.commands.plans import SchemeName, tell_plan
from ops.console import ERR
from ops.generation import open_generation
from ops.whose import check_scheme

app = typer.Typer(no_args_is_help=True, help="Check and publish what students are excused from.")

Circumstances = Annotated[
    Path, typer.Argument(metavar="FILE", help="CSV of circumstances; docs/CIRCUMSTANCES.md.")
]


@app.command()
def check(file: Circumstances, order: Order = None, as_json: AsJson = False) -> None:
    """Say what a file holds, and every row that is refused, with its line.

    Whether its students are known is looked up when it is published.
    """
    with surroundings() as context:
        zone = Zone(context.settings.zone)
        made = check_file(CircumstanceFile(file, zone, date_order(order)))
    tell_plan(f"{file}", made, as_json)


@app.command()
def publish(
    file: Circumstances,
    scheme: SchemeName = "student",
    order: Order = None,
    as_json: AsJson = False,
) -> None:
    """Publish a file, which says all that holds: what it leaves out is withdrawn.

    What is refused is listed and left out; the exit status is 1 then. Closings that are touched are
    computed again. Publishing the same file again does nothing.
    """
    check_scheme(scheme)
    with surroundings() as context:
        generation = open_generation(context)
        read = CircumstanceFile(file, Zone.of(generation.zone), date_order(order))
        made = publish_file(context, generation, read, scheme, ERR.print)
    tell_plan("published", made, as_json)
