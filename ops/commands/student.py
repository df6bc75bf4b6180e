"""leap student: a student's indicator, how it came about, and whether it can be repeated."""

from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from ops.commands.options import AsJson, context_of_settings
from ops.console import OUT, print_json
from ops.student.question import Question, instant_of, student_of
from ops.student.record import record_of
from ops.student.text import text_of
from ops.student.view import gather
from schemas.errors import SettingsError
from scoring.days import date_of, day_of
from sinks.clickhouse import connect
from sinks.evidence import Fixed, Records
from sinks.queries import Queries


def student(
    identifier: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="The student's pseudonym, a number; or oulad:NUMBER, the number in the dataset.",
        ),
    ],
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The indicator as it stood at the end of this campus day. Default: now.",
        ),
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="With --as-of: what was known of that day at this time, before later corrections."
            " In campus time, unless it ends in Z or an offset.",
        ),
    ] = None,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify",
            help="Recompute it with the reference from ClickHouse's raw events; exit status 1"
            " unless that equals what was published.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show a student's indicator: band, score, the days behind it, and what the next band needs.

    Alerts are those of welfare; what a sponsor of visas has to look at lists `leap compliance`.
    Exit status 1 when there is none.
    """
    context = context_of_settings()
    number = student_of(context, identifier)
    if known_at is not None and as_of is None:
        raise SettingsError("--known-at needs --as-of: say of which day you ask")
    queries = Queries(connect(context.clickhouse), context.clickhouse)
    usual = Fixed(context.settings.clock, ZoneInfo(context.settings.zone))
    fixed = Records(queries).fixed() or usual
    question = Question(
        number,
        None if as_of is None else day_of(as_of.date()),
        None if known_at is None else instant_of(known_at, fixed.zone),
    )
    view = gather(queries, question, usual)
    if view is None:
        if as_json:
            print_json({"student": number, "status": None})
        else:
            OUT.print(f"{_nothing(question)}.", markup=False)
        raise typer.Exit(1)
    if as_json:
        print_json(record_of(view, with_verification=verify))
    else:
        OUT.print(text_of(view, with_verification=verify))
    if verify and not view.verification.is_equal:
        raise typer.Exit(1)


def _nothing(question: Question) -> str:
    said = f"There is no indicator of student {question.student}"
    if question.day is not None:
        said += f" on {date_of(question.day)}"
    if question.known_at is not None:
        said += f" that was known at {question.known_at:%Y-%m-%d %H:%M:%S %Z}"
    return said
