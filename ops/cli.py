"""The command line: `leap`."""

import sys
from typing import Final

import typer

from ops.commands import (
    backtest,
    bench,
    calendar,
    circumstances,
    cohorts,
    collect,
    compliance,
    connect,
    demo,
    feed,
    identity,
    policy,
    policy_diff,
    policy_show,
    policy_tune,
    publish,
    quarantine,
    settings,
    simulate,
    sink,
    sponsorship,
    stack,
    student,
    worker,
)
from schemas.errors import LeapError

INTERRUPTED: Final = 130  # 128 + SIGINT, as shells say it

app = typer.Typer(
    name="leap",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Campus activity to an explainable engagement indicator: Kafka, Faust, ClickHouse."
    "\n\nSettings are environment variables that begin with LEAP_; `leap settings` lists them."
    " Exit status: 0 done, 1 it does not add up or there is nothing, 2 the question was wrong, 3"
    " a service does not answer, 4 topics or schemas do not fit, 5 another process has taken over.",
)
app.command()(demo.demo)
app.command()(stack.up)
app.command()(stack.down)
app.command()(stack.status)
policy.app.command()(policy_show.show)
policy.app.command()(policy_diff.diff)
policy.app.command()(policy_tune.tune)
app.add_typer(policy.app, name="policy")
app.add_typer(calendar.app, name="calendar")
app.add_typer(feed.app, name="feed")
app.add_typer(circumstances.app, name="circumstances")
app.add_typer(sponsorship.app, name="sponsorship")
app.add_typer(publish.app, name="publish")
app.add_typer(identity.app, name="identity")
app.command()(connect.connect)
app.command()(simulate.simulate)
app.add_typer(collect.app, name="collect")
app.add_typer(quarantine.app, name="quarantine")
app.command()(worker.worker)
app.command()(sink.sink)
app.command()(student.student)
app.command()(cohorts.cohorts)
app.command()(compliance.compliance)
app.command()(settings.settings)
app.add_typer(bench.app, name="bench")
app.command()(backtest.backtest)


def main() -> None:
    """Run the command line; an error that somebody can act on is one sentence and a status."""
    try:
        app()
    except LeapError as error:
        print(f"leap: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        print("leap: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
