"""leap cohorts: how programmes, levels and modules stand, so that nobody can be identified."""

from contextlib import closing
from dataclasses import asdict
from typing import Annotated

import typer

from ops.cohorts import Standing, standing
from ops.commands.options import AsJson, surroundings
from ops.console import OUT, print_json, table
from ops.generation import open_generation
from scoring.cohorts import CohortRow
from scoring.days import date_of
from scoring.suppression import FLOOR, ROUNDED_TO
from sinks.clickhouse import connect
from sinks.population import Population

_NOBODY = 1


def cohorts(
    days: Annotated[
        int, typer.Option(min=7, max=366, help="Complete days whose activity is counted.")
    ] = 28,
    as_json: AsJson = False,
) -> None:
    """Show mean, median and quartiles of the score and of each activity, by cohort.

    Scores are those of now, activities are events a week. Small cohorts, and others from which
    they could be told, are left out. Exit status 1 when nobody has an indicator.
    """
    with surroundings() as context, closing(connect(context.clickhouse)) as client:
        population = Population(client, context.clickhouse)
        found = standing(open_generation(context), population, days)
    if found is None:
        if as_json:
            print_json({"day": None, "cohorts": []})
        else:
            OUT.print("Nobody has an indicator yet.")
        raise typer.Exit(_NOBODY)
    if as_json:
        print_json(_record(found))
        return
    columns = ["programme", "level", "module", "of", "students", "mean", "25 %", "median", "75 %"]
    rows = [row for one in found.rows for row in _lines(one)]
    title = f"cohorts at the end of {date_of(found.complete)}, events a week of {found.days} days"
    OUT.print(table(title, columns, rows))
    OUT.print(
        f"\nNumbers of students are rounded to the nearest {ROUNDED_TO}. Not shown: cohorts of"
        f" fewer than {FLOOR}, and those from which they could be told."
    )


def _lines(one: CohortRow) -> list[list[object]]:
    cohort = one.cohort
    head: list[object] = [cohort.programme or "all", cohort.level or "all", cohort.module or "all"]
    if not one.summaries:
        return [[*head, "not shown", *[None] * 5]]
    return [
        [
            *head,
            name.replace("_", " "),
            figure.students,
            figure.mean,
            figure.quartile,
            figure.median,
            figure.upper_quartile,
        ]
        for name, figure in one.summaries.items()
    ]


def _record(found: Standing) -> dict[str, object]:
    return {
        "day": str(date_of(found.complete)),
        "days": found.days,
        "cohorts": [
            {
                **asdict(one.cohort),
                "suppressed": one.is_suppressed,
                "figures": {name: asdict(figure) for name, figure in one.summaries.items()},
            }
            for one in found.rows
        ],
    }
