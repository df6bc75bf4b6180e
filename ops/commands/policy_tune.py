"""leap policy tune: propose weights and thresholds, and say what they are worth."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from backtest.proposal import Proposal, Trial, propose
from backtest.reading import read_history
from backtest.tuning import Goal
from backtest.words import figure
from ops.commands.backtest import DataFolder, read_policy
from ops.commands.options import AsJson
from ops.console import ERR, OUT, print_json, table
from ops.settings import load_settings
from schemas.errors import SettingsError


def tune(
    data: DataFolder,
    out: Annotated[Path, typer.Option(help="Where the proposal is written: a new file.")],
    policy: Annotated[
        Path | None, typer.Option(help="The policy to begin from. Default: the one that ships.")
    ] = None,
    goal: Annotated[
        Goal,
        typer.Option(
            help="order: order students by how they ended; alerts: stay below an alert load."
        ),
    ] = Goal.ORDER,
    alerts_per_100: Annotated[
        float | None,
        typer.Option(min=0, help="Of the goal alerts: alerts per 100 students and week."),
    ] = None,
    train: Annotated[
        list[str] | None,
        typer.Option(help="A course to tune on, such as AAA-2013J; may be repeated."),
    ] = None,
    test: Annotated[
        list[str] | None, typer.Option(help="A course to hold out; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Propose another policy for a stated goal. Nothing is changed: a new file is written.

    Without --train and --test, the earlier half of the courses trains, the later half is held out.
    """
    if out.exists():  # before minutes of work, not after
        raise SettingsError(f"{out} is there already: a proposal replaces nothing; name a new file")
    history = read_history(data, ZoneInfo(load_settings().zone))
    for problem in history.problems:
        ERR.print(problem, markup=False)
    proposal = propose(
        read_policy(policy),
        history,
        goal=goal,
        train=train or (),
        test=test or (),
        alerts_per_100=alerts_per_100,
    )
    try:
        with out.open("x") as file:
            file.write(proposal.as_yaml())
    except OSError as error:
        raise SettingsError(f"{out} cannot be written: {error}") from error
    if as_json:
        print_json({**proposal.as_record(), "file": str(out)})
    else:
        _show(proposal, out)


def _show(proposal: Proposal, out: Path) -> None:
    OUT.print(proposal.verdict, *proposal.differences, sep="\n", markup=False)
    rows = [_row("tuned on", proposal.trained), _row("held out", proposal.held_out)]
    columns = ["span", "courses", "students", "AUC before", "after", "bands alone before", "after"]
    columns += ["band changes before", "after", "low-band alerts before", "after"]
    OUT.print("", table(f"The proposal, written to {out}", columns, rows))


def _row(name: str, trial: Trial) -> list[object]:
    return [
        name,
        ", ".join(trial.courses),
        trial.students,
        figure(trial.auc_before),
        figure(trial.auc_after),
        figure(trial.bands_before),
        figure(trial.bands_after),
        None if trial.changes_before is None else round(trial.changes_before.value, 2),
        None if trial.changes_after is None else round(trial.changes_after.value, 2),
        trial.alerts_before,
        trial.alerts_after,
    ]
