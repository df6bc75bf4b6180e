"""leap collect: take what systems send by themselves, xAPI and Caliper, over HTTP."""

import asyncio
import time
from pathlib import Path
from typing import Annotated, Final

import typer
from prometheus_client import CollectorRegistry

from connectors.collector import credentials
from connectors.collector.senders import Senders, read_senders
from connectors.collector.service import CollectorConfig, CollectorProcess
from connectors.records import Destination
from ops.clocks import now_ms
from ops.commands.options import AsJson, surroundings
from ops.console import OUT, print_json
from ops.context import Context
from ops.generation import marked_days, open_generation
from ops.reference import read_people
from ops.serving import serve
from schemas.errors import SettingsError
from schemas.types import Clock
from telemetry.logs import configure_logs
from telemetry.metrics import CollectorMetrics

SENDERS: Final = Path("senders.yaml")

app = typer.Typer(
    invoke_without_command=True,
    help="Take xAPI statements and Caliper envelopes over HTTP, until SIGTERM or Ctrl-C.",
)


@app.callback()
def collect(
    context: typer.Context,
    senders: Annotated[
        Path, typer.Option(help="Who may send, YAML: docs/connectors/collector.md.")
    ] = SENDERS,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free port.")] = 8080,
) -> None:
    """Take what systems send by themselves; what is acknowledged is stored.

    /health and /metrics are served beside it, and the OpenAPI page under /docs.
    """
    if context.invoked_subcommand is not None:
        return
    found = read_senders(senders)
    with surroundings() as opened:
        _collect(opened, found, host, port)


def _collect(context: Context, senders: Senders, host: str, port: int) -> None:
    generation = open_generation(context)
    if generation.clock is Clock.REPLAY:
        raise SettingsError(
            f"the clock of generation {generation.name} is replay, and what is sent arrives by the"
            " wall clock: collect into another generation"
        )
    configure_logs(level=context.settings.log_level)
    registry = CollectorRegistry()
    config = CollectorConfig(
        client=generation.client,
        destination=Destination(generation.name, generation.partitions, generation.schema_ids),
        zone=generation.zone,
        site_key=context.site_key,
        senders=senders,
        people=lambda: read_people(context, generation),
        marked=marked_days(generation),
        memory=context.settings.folder / "collector" / f"{generation.name}.sqlite",
        host=host,
        port=port,
        now_ms=now_ms,
        now_s=time.monotonic,
    )
    metrics = CollectorMetrics(registry)
    asyncio.run(serve(context.settings, registry, lambda: CollectorProcess(config, metrics)))


@app.command("credential")
def credential(as_json: AsJson = False) -> None:
    """Draw a secret for a sender, and the hash of it for the file of senders.

    The secret is shown this once: it is kept nowhere.
    """
    secret = credentials.draw()
    if as_json:
        print_json({"secret": secret, "hash": credentials.hashed(secret)})
        return
    OUT.print(f"for the sender:   {secret}", soft_wrap=True)
    OUT.print(f"for senders.yaml: {credentials.hashed(secret)}", soft_wrap=True)
