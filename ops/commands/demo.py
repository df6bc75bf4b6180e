"""leap demo."""

import signal
from types import FrameType
from typing import Annotated

import typer

from ops.commands import stack
from ops.commands.options import AsJson, context_of_settings
from ops.console import ERR, OUT, print_json
from ops.demo.run import demo as run_demo


def demo(
    rerun: Annotated[
        bool,
        typer.Option(
            "--rerun",
            help="Publish the last demo's data a second time: all of it has to be recognised, and"
            " nothing that was published may move.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run the main job on real data, and hold every result against an independent oracle.

    1.2 million activities of 712 students of the Open University, two years, through Kafka, Faust
    and ClickHouse. Exit status 1 when anything does not add up.
    """
    signal.signal(signal.SIGTERM, _interrupt)  # what it started is stopped on the way out
    context = context_of_settings()
    stack.start(context)
    report = run_demo(context, rerun=rerun)
    if as_json:
        print_json(report.as_record())
    else:
        OUT.print(report.as_text())
        example = report.example_students[0] if report.example_students else "ID"
        ERR.print(f"The stack goes on running. Look at a student: .venv/bin/leap student {example}")
        ERR.print("Publish it all again: make rerun. Stop the stack: make down.")
    if not report.reconciles:
        raise typer.Exit(1)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
