"""The command line: `leap`."""

import sys

import typer

from ops.commands import demo, policy, publish, settings, stack, worker
from ops.errors import run_reporting_errors

app = typer.Typer(
    name="leap",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Campus activity to an explainable engagement indicator: Kafka, Faust, ClickHouse."
    "\n\nSettings are environment variables that begin with LEAP_; `leap settings` lists them.",
)
app.command()(demo.demo)
app.command()(stack.up)
app.command()(stack.down)
app.command()(stack.status)
app.add_typer(policy.app, name="policy")
app.add_typer(publish.app, name="publish")
app.command()(worker.worker)
app.command()(worker.sink)
app.command()(settings.settings)


def main() -> None:
    """Run the command line; every error that somebody can act on is one sentence."""
    sys.exit(run_reporting_errors(lambda: app(standalone_mode=False)))
