"""The command line: `leap`.

Each command is imported when it is called, and only then: together they import all of this, which
takes seconds. The others are listed by the line that stands here.
"""

import sys
from collections.abc import Collection, Mapping
from importlib import import_module
from typing import Final, NamedTuple

import typer

from schemas.errors import LeapError

INTERRUPTED: Final = 130  # 128 + SIGINT, as shells say it


class Command(NamedTuple):
    """Where it stands, and what it says of itself in a line."""

    where: str
    """Module of `ops.commands` and name in it: of a function, or of a group of commands."""
    help: str


COMMANDS: Final[Mapping[str, Command]] = {
    "demo": Command(
        "demo:demo",
        "Run the main job on real data, and hold every result against an independent oracle.",
    ),
    "up": Command(
        "stack:up",
        "Start Kafka, the schema registry and ClickHouse on this machine, and wait until they"
        " answer.",
    ),
    "down": Command(
        "stack:down",
        "Stop the local stack; its data stays. Stops nothing that `leap up` did not start.",
    ),
    "status": Command("stack:status", "Say which parts of the local stack run and answer."),
    "connect": Command(
        "connect:connect",
        "Read what is new in a source, publish it, and account for every row.",
    ),
    "collect": Command(
        "collect:app",
        "Take xAPI statements and Caliper envelopes over HTTP, until SIGTERM or Ctrl-C.",
    ),
    "simulate": Command(
        "simulate:simulate",
        "Make up a campus: its files, connect.yaml to read them with, and the truth in truth.json.",
    ),
    "publish": Command("publish:app", "Read a source and publish what it knows."),
    "worker": Command(
        "worker:worker",
        "Keep the windows of every student and publish indicators, until SIGTERM or Ctrl-C.",
    ),
    "sink": Command(
        "sink:sink",
        "Load everything that is published into ClickHouse, until SIGTERM or Ctrl-C.",
    ),
    "student": Command(
        "student:student",
        "Show a student's indicator: band, score, the days behind it, and what the next band"
        " needs.",
    ),
    "cohorts": Command(
        "cohorts:cohorts",
        "Show mean, median and quartiles of the score and of each activity, by cohort.",
    ),
    "compliance": Command(
        "compliance:compliance",
        "List the compliance alerts that are open, of sponsored students; docs/COMPLIANCE.md.",
    ),
    "policy": Command("policy:app", "Check, publish, compare and tune scoring policies."),
    "calendar": Command("calendar:app", "Check and publish the campus calendar."),
    "circumstances": Command(
        "circumstances:app", "Check and publish what students are excused from."
    ),
    "sponsorship": Command(
        "sponsorship:app", "Check and publish who is sponsored: whom compliance rules see."
    ),
    "identity": Command("identity:app", "Say who is who: students and their identifiers."),
    "feed": Command("feed:app", "How far feeds are complete, and what they lack."),
    "quarantine": Command("quarantine:app", "What could not be accepted: list, replay, drop."),
    "settings": Command(
        "settings:settings",
        "List every setting: the environment variable, its value here, and what it means.",
    ),
    "backtest": Command(
        "backtest:backtest",
        "Run whole years through a policy, and compare with how students ended.",
    ),
    "bench": Command("bench:app", "Measure this engine, and its peers beside it, on real parts."),
}


def app_with(called: Collection[str]) -> typer.Typer:
    """The command line, in which these commands can be called and the others are listed."""
    app = typer.Typer(
        name="leap",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        help="Campus activity to an explainable engagement indicator: Kafka, Faust, ClickHouse."
        "\n\nSettings are environment variables that begin with LEAP_; `leap settings` lists them."
        " Exit status: 0 done, 1 it does not add up or there is nothing, 2 the question was wrong,"
        " 3 a service does not answer, 4 topics or schemas do not fit, 5 another process has taken"
        " over.",
    )
    for name, command in COMMANDS.items():
        if name not in called:
            app.command(name, help=command.help)(_only_listed)
            continue
        module, _, attribute = command.where.partition(":")
        found = getattr(import_module(f"ops.commands.{module}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def _only_listed() -> None:
    """Stands for a command in the list; `main` imports the one that the words name."""
    raise NotImplementedError("a command has to be imported before it is called")


def main() -> None:
    """Run the command line; an error that somebody can act on is one sentence and a status."""
    try:
        app_with([word for word in sys.argv[1:] if not word.startswith("-")][:1])()
    except LeapError as error:
        print(f"leap: {error}", file=sys.stderr)
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        print("leap: interrupted", file=sys.stderr)
        sys.exit(INTERRUPTED)
