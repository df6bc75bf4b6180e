"""leap compliance: what a sponsor of visas has to look at."""

from contextlib import closing
from typing import Annotated

import typer

from ops.alerts import alert_record
from ops.commands.options import AsJson, surroundings
from ops.console import OUT, print_json, table
from scoring.days import date_of
from sinks.alerts import ComplianceAlert
from sinks.clickhouse import connect
from sinks.queries import Queries


def compliance(
    are_all: Annotated[
        bool, typer.Option("--all", help="Also those that have ended or were withdrawn.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the compliance alerts that are open, of sponsored students; docs/COMPLIANCE.md.

    They are no part of `leap student`, and welfare alerts are none of these. None of them decides
    anything: each is a suggestion to a person to look.
    """
    with surroundings() as context, closing(connect(context.clickhouse)) as client:
        alerts = Queries(client, context.clickhouse).compliance_alerts(are_all=are_all)
    if as_json:
        print_json({"alerts": [_record(one) for one in alerts]})
        return
    if not alerts:
        OUT.print("There is no compliance alert." if are_all else "No compliance alert is open.")
        return
    columns = ["student", "rule", "raised", "state", "because", "basis"]
    OUT.print(table("compliance alerts", columns, [_line(one) for one in alerts]))
    for note in dict.fromkeys(one.note for one in alerts):
        OUT.print(note, markup=False)


def _line(one: ComplianceAlert) -> list[object]:
    ended = "" if one.ended is None else f" {date_of(one.ended)}"
    raised = str(date_of(one.raised))
    return [str(one.student), one.rule, raised, one.state + ended, one.evidence, one.basis]


def _record(one: ComplianceAlert) -> dict[str, object]:
    own = {"student": one.student, "basis": one.basis, "policy": one.policy}
    return own | alert_record(one)
