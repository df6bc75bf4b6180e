"""leap sponsorship: check and publish who is sponsored, for compliance rules alone."""

from pathlib import Path
from typing import Annotated

import typer

from connectors.sponsorship.file import SponsorshipFile
from connectors.zones import Zone
from ops.commands.options import AsJson, Order, date_order, surroundings
from ops.commands.plans import SchemeName, tell_plan
from ops.console import ERR
from ops.generation import open_generation
from ops.sponsorship import check_file, publish_file
from ops.whose import check_scheme

app = typer.Typer(
    no_args_is_help=True, help="Check and publish who is sponsored: whom compliance rules see."
)

Sponsorships = Annotated[
    Path, typer.Argument(metavar="FILE", help="CSV of sponsored students; docs/COMPLIANCE.md.")
]


@app.command()
def check(file: Sponsorships, order: Order = None, as_json: AsJson = False) -> None:
    """Say what a list holds, and every row that is refused, with its line.

    Whether its students are known is looked up when it is published.
    """
    with surroundings() as context:
        zone = Zone(context.settings.zone)
        made = check_file(SponsorshipFile(file, zone, date_order(order)))
    tell_plan(f"{file}", made, as_json)


@app.command()
def publish(
    file: Sponsorships,
    scheme: SchemeName = "student",
    order: Order = None,
    as_json: AsJson = False,
) -> None:
    """Publish a list, which says all that holds: what it leaves out is withdrawn.

    What is refused is listed and left out; the exit status is 1 then. Compliance alerts of closings
    that are not final follow; no score and no other alert does. The same list again does nothing.
    """
    check_scheme(scheme)
    with surroundings() as context:
        generation = open_generation(context)
        read = SponsorshipFile(file, Zone.of(generation.zone), date_order(order))
        made = publish_file(context, generation, read, scheme, ERR.print)
    tell_plan("published", made, as_json)
