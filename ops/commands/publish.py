"""leap publish: read a source and publish what it knows."""

from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import typer

from broker.publisher import KafkaPublisher
from connectors.oulad.files import shipped
from connectors.oulad.source import OuladSource
from connectors.publish import publish
from connectors.records import Destination
from connectors.report import Report
from ops.clocks import now_ms
from ops.commands.options import AsJson, context_of_settings
from ops.console import ERR, OUT, facts, print_json, progress_bar
from ops.context import Context
from ops.generation import Generation, marked_days, open_generation

app = typer.Typer(no_args_is_help=True, help="Read a source and publish what it knows.")


@app.command()
def oulad(
    data: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Folder of the dataset's CSV files. Default: module AAA, which is shipped.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Publish the Open University Learning Analytics Dataset, a mark behind each day.

    Reading it again is harmless: every event has the same id as before.
    """
    context = context_of_settings()
    report = publish_oulad(context, open_generation(context), data or shipped())
    if as_json:
        print_json(report.as_record())
    else:
        OUT.print(facts("published", report.as_record()))


def publish_oulad(
    context: Context,
    generation: Generation,
    folder: Traversable,
) -> Report:
    """Publish a folder of the dataset, with a progress bar."""
    source = OuladSource(folder, context.site_key, generation.zone)
    destination = Destination(generation.name, generation.partitions, generation.schema_ids)
    marked = marked_days(generation)
    publisher = KafkaPublisher(generation.client, say=ERR.print)
    with progress_bar("publishing, day by day", total=None) as bar:

        def moved(days: int, events: int) -> None:
            bar.set(days, text=f"published {events:,} events")

        return publish(
            source,
            publisher,
            destination,
            site_key=context.site_key,
            marked=marked,
            now_ms=now_ms,
            progress=moved,
        )
