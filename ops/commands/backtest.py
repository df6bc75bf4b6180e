"""leap backtest: what a policy would have said of students of the past."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer
from rich.console import Group

from backtest.circumstances import with_circumstances
from backtest.course import History
from backtest.document import document
from backtest.page import must_be_drawable, page
from backtest.reading import read_history
from backtest.report import Report
from backtest.report import backtest as run_backtest
from backtest.statistical_groups import read_groups
from backtest.words import tables, verdict
from connectors.zones import Zone
from ops.calendars import read_file
from ops.commands.options import AsJson, Order, date_order
from ops.console import ERR, OUT, print_json, table
from ops.documents import text_of
from ops.settings import load_settings
from schemas.errors import SettingsError
from scoring.policy import Policy, parse_policy

DEFAULT_POLICY: Final = files("scoring") / "policies" / "default.yaml"
_PROBLEMS_SHOWN: Final = 20

DataFolder = Annotated[
    Path,
    typer.Option(
        help="Folder of history: the OULAD layout (CSV, CSV.gz), or events*.parquet with"
        " outcomes.csv and, if need be, coursework.csv."
    ),
]


def backtest(
    data: DataFolder,
    policy: Annotated[
        Path | None, typer.Option(help="A policy, as YAML. Default: the one that ships.")
    ] = None,
    groups: Annotated[
        Path | None,
        typer.Option(
            help="CSV of statistical groups: student, and a column each. For the report only."
        ),
    ] = None,
    calendar: Annotated[
        Path | None,
        typer.Option(
            help="The campus calendar of those years, as iCalendar or YAML. Default: all days are"
            " full days."
        ),
    ] = None,
    circumstances: Annotated[
        Path | None,
        typer.Option(
            help="CSV of what students were excused from (docs/CIRCUMSTANCES.md), who are named as"
            " in the data. Default: nobody."
        ),
    ] = None,
    order: Order = None,
    tutees: Annotated[
        int, typer.Option(min=1, help="Students of a tutor, where the data do not name tutors.")
    ] = 20,
    with_model: Annotated[
        bool, typer.Option("--model/--no-model", help="Compare with a gradient-boosted model.")
    ] = True,
    html: Annotated[
        Path | None, typer.Option(help="Write the report as one page with charts.")
    ] = None,
    markdown: Annotated[Path | None, typer.Option(help="Write the report as Markdown.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run whole years through a policy, and compare with how students ended."""
    if html is not None:
        must_be_drawable()  # before minutes of work, not after
    chosen = read_policy(policy)
    zone = load_settings().zone
    history = read_history(data, ZoneInfo(zone))
    if calendar is not None:
        history = _weighed_by(history, calendar)
    if circumstances is not None:
        history = with_circumstances(history, circumstances, Zone(zone), date_order(order))
    known = None if groups is None else read_groups(groups, history.courses)
    report = run_backtest(
        chosen, history, with_model=with_model, groups=known, tutees=tutees, say=ERR.print
    )
    if html is not None:
        _write(html, page(report))
    if markdown is not None:
        _write(markdown, document(report))
    if as_json:
        print_json(json.loads(json.dumps(report.as_record())))
    else:
        _show(report)


def _weighed_by(history: History, file: Path) -> History:
    """The same courses on the days of a calendar; what is refused of it is a problem told."""
    reading = read_file(file)
    return History(
        [course.weighed_by(reading.calendar) for course in history.courses],
        [*history.problems, *reading.problems],
    )


def read_policy(file: Path | None) -> Policy:
    """Read a policy; without a file, the default one that ships."""
    if file is None:
        return parse_policy(DEFAULT_POLICY.read_text(), origin="default.yaml")
    return parse_policy(text_of(file), origin=str(file))


def _show(report: Report) -> None:
    drawn = [table(*heading) for heading in tables(report)]
    OUT.print(f"[bold]Policy {report.policy!r}, version {report.version}[/bold]")
    OUT.print(Group(*(f"\n{sentence}" for sentence in verdict(report)), ""))
    for one in drawn:
        OUT.print(one, "")
    for problem in report.problems[:_PROBLEMS_SHOWN]:
        ERR.print(problem, markup=False)
    if len(report.problems) > _PROBLEMS_SHOWN:
        ERR.print(f"... and {len(report.problems) - _PROBLEMS_SHOWN} more; --json has all")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error}") from error
    ERR.print(f"{path} is written", markup=False)
