"""leap bench: how fast, at what cost, and beside whom."""

import json
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import RenderableType

from bench.closing import close_days
from bench.connecting import generation_name, measure_connectors
from bench.document import write_document
from bench.engine import run_engine_alone
from bench.history import YEAR_DAYS, measure_backtest
from bench.memory import measure_memory
from bench.plan import EnginePlan, Plan, full_plan
from bench.tables import closing_table, contest_table, headline_table, whole_tables
from bench.whole import run_all, run_contest
from ops.commands import stack
from ops.commands.options import AsJson, context_of_settings
from ops.console import ERR, OUT, facts, print_json, table
from ops.context import Context
from ops.generation import open_generation

app = typer.Typer(
    no_args_is_help=True,
    help="Measure this engine, and its peers beside it, on real parts.",
)

_SMALL: Final = EnginePlan()

Events = Annotated[int, typer.Option(min=1_000, help="Events of the throughput runs.")]
Students = Annotated[int, typer.Option(min=10, help="Students they belong to.")]
Days = Annotated[int, typer.Option(min=1, max=60, help="Campus days they happen on.")]
Partitions = Annotated[int, typer.Option(min=1, help="Partitions of the ten topics.")]


@app.command()
def engine(
    events: Events = _SMALL.events,
    students: Students = _SMALL.students,
    days: Days = _SMALL.days,
    partitions: Partitions = _SMALL.partitions,
    slow_events: Annotated[
        int, typer.Option(min=1_000, help="Records of the slow path.")
    ] = _SMALL.slow_events,
    closing_students: Annotated[
        int, typer.Option(min=1_000, help="Students for whom a day is closed.")
    ] = _SMALL.closing_students,
    seconds: Annotated[
        float, typer.Option(min=0.5, help="Seconds of each stream of live events.")
    ] = _SMALL.latency_s,
    as_json: AsJson = False,
) -> None:
    """Measure this engine: throughput, memory, warm-up, latency, closing, slow path."""
    plan = EnginePlan(
        events=events,
        students=students,
        days=days,
        partitions=partitions,
        slow_events=slow_events,
        closing_students=closing_students,
        latency_s=seconds,
        cost_s=seconds,
    )
    record = run_engine_alone(_context(), plan, ERR.print).as_record()
    _show(record, headline_table(record), as_json)


@app.command("closing")
def closing_speed(
    students: Annotated[
        int, typer.Option(min=1_000, help="Students for whom a day is closed.")
    ] = 125_000,
    partitions: Partitions = 3,
    as_json: AsJson = False,
) -> None:
    """Measure closing a day, plain and with everything in use. Needs no broker."""
    record = close_days(students, partitions).as_record()
    _show(record, closing_table(record), as_json)


@app.command()
def peers(
    events: Events = _SMALL.events,
    students: Students = _SMALL.students,
    days: Days = _SMALL.days,
    partitions: Partitions = _SMALL.partitions,
    faust_events: Annotated[
        int, typer.Option(min=100, help="Events after which Faust stops.")
    ] = Plan().faust_events,
    quix_events: Annotated[
        int, typer.Option(min=100, help="Events after which Quix Streams stops.")
    ] = Plan().quix_events,
    as_json: AsJson = False,
) -> None:
    """Measure this engine and its peers, one after the other on the same topics."""
    plan = Plan(
        engine=EnginePlan(events=events, students=students, days=days, partitions=partitions),
        faust_events=faust_events,
        quix_events=quix_events,
        every_day_students=students,
    )
    runs = [run.as_record() for run in run_contest(_context(), plan, ERR.print)]
    _show({"contest": runs}, contest_table(runs), as_json)


@app.command()
def connectors(
    rows: Annotated[int, typer.Option(min=1_000, help="Rows of each log.")] = 300_000,
    memory: Annotated[
        bool,
        typer.Option(
            "--memory", help="Peak memory instead: Moodle's log, and one ten times as long."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure connectors on CSV logs: Moodle's log, taps, coursework; into nothing and Kafka."""
    context = _context().with_generation(generation_name())
    measure = measure_memory if memory else measure_connectors
    readings = measure(context, open_generation(context), rows, ERR.print)
    records = [one.as_record() for one in readings]
    columns = [name.replace("_", " ") for name in records[0]]
    rows_shown = [list(record.values()) for record in records]
    _show({"connectors": records}, table("connectors", columns, rows_shown), as_json)


@app.command("backtest")
def backtest_speed(
    students: Annotated[int, typer.Option(min=100, help="Students of the year.")] = 20_000,
    days: Annotated[int, typer.Option(min=56, max=366, help="Days of the year.")] = YEAR_DAYS,
    with_model: Annotated[
        bool, typer.Option("--model/--no-model", help="The learned model too.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Measure a backtest by the default policy: a year of students who never were, of all kinds."""
    figures = measure_backtest(students, days, with_model=with_model, say=ERR.print)
    record = figures.as_record()
    _show(record, facts("a backtest of a year, without reading files", record), as_json)


@app.command("all")
def everything(
    full: Annotated[
        bool, typer.Option("--full", help="The sizes for the record, about half an hour.")
    ] = False,
    note: Annotated[str, typer.Option(help="What a reader of the figures has to know.")] = "",
    docs: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            file_okay=False,
            help="Folder in which performance.json, PERFORMANCE.md and the plot are replaced.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure everything; with --docs, write it down."""
    record = run_all(_context(), full_plan() if full else Plan(), ERR.print, note=note)
    if docs is not None:
        (docs / "performance.json").write_text(json.dumps(record, indent=1) + "\n")
        write_document(docs)
    _show(record, whole_tables(record), as_json)


@app.command()
def document(
    docs: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="Folder of performance.json.")
    ],
) -> None:
    """Write PERFORMANCE.md and the plot again, from the figures in performance.json."""
    write_document(docs)


def _context() -> Context:
    context = context_of_settings()
    stack.start(context)
    return context


def _show(record: object, tables: RenderableType, as_json: bool) -> None:
    if as_json:
        print_json(record)
    else:
        OUT.print(tables)
