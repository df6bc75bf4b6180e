"""leap student: a student's indicator, and how it came about."""

from datetime import date, datetime
from typing import Annotated, Final

import typer
from rich.console import Group, RenderableType

from connectors.identity import pseudonyms
from connectors.oulad.source import SCHEME
from ops.commands.options import AsJson, context_of_settings
from ops.console import OUT, print_json, table
from ops.context import Context
from schemas.errors import SettingsError
from schemas.types import Status, StudentId
from sinks.answers import Closing, Contribution, CurrentIndicator
from sinks.clickhouse import connect
from sinks.queries import Queries
from streams.campus import as_date, from_date

_BANDS: Final = {
    "very_low": "very low",
    "low": "low",
    "partial": "partial",
    "good": "good",
    "high": "high",
}
_SENTENCES: Final = {
    Status.INSUFFICIENT_DATA: "There is too little data for a band",
    Status.NOT_SCORED: "This student is not scored",
    Status.NOT_ENROLLED: "This student is not enrolled on that day",
    Status.UNKNOWN_STUDENT: "There is activity, but no student record",
}


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
    as_json: AsJson = False,
) -> None:
    """Show a student's indicator: band, score, and what each kind of activity gave.

    Exit status 1 when there is none.
    """
    context = context_of_settings()
    number = _pseudonym(context, identifier)
    queries = Queries(connect(context.clickhouse), context.clickhouse)
    found: CurrentIndicator | Closing | None
    if as_of is None:
        found = queries.current_indicator(number)
    else:
        found = queries.closing(number, from_date(as_of.date()))
    if found is None:
        when = "" if as_of is None else f" on {as_of.date()}"
        if as_json:
            print_json({"student": number, "status": None})
        else:
            OUT.print(f"There is no indicator of student {number}{when}.")
        raise typer.Exit(1)
    if as_json:
        print_json(_record(found))
    else:
        OUT.print(_text(found))


def _pseudonym(context: Context, identifier: str) -> StudentId:
    scheme, _, number = identifier.rpartition(":")
    if not number.isdecimal() or scheme not in ("", SCHEME):
        raise SettingsError(
            f"{identifier!r} is no student: give a pseudonym, which is a number, or oulad:NUMBER"
        )
    if scheme:
        return StudentId(int(pseudonyms(context.site_key, SCHEME, [number])[0]))
    return StudentId(int(number))


def _day(found: CurrentIndicator | Closing) -> date:
    return as_date(found.day if isinstance(found, Closing) else found.complete)


def _record(found: CurrentIndicator | Closing) -> dict[str, object]:
    return {
        "student": found.student,
        "day": _day(found).isoformat(),
        "is_closing": isinstance(found, Closing),
        "status": found.status.value,
        "band": found.band.value,
        "score": found.score,
        "reason": found.reason,
        "policy": found.policy,
        "contributions": [
            {
                "kind": part.kind.value,
                "counted": part.counted,
                "reason": part.reason,
                "amount": part.amount,
                "days": part.days,
                "rate_per_week": part.rate,
                "points": part.points,
                "weight": part.weight,
                "due": part.due,
            }
            for part in found.contributions
        ],
    }


def _text(found: CurrentIndicator | Closing) -> RenderableType:
    day = _day(found)
    head = f"Student {found.student}, at the end of {day:%A} {day.day} {day:%B %Y}"
    if found.status is Status.SCORED:
        verdict = f"{_BANDS[found.band.value]} engagement, {found.score:.2f} of 100 points"
    else:
        verdict = _SENTENCES[found.status] + (f": {found.reason}" if found.reason else "")
    parts: list[RenderableType] = [f"[bold]{head}: {verdict}.[/bold]"]
    if found.contributions:
        rows = [_row(part) for part in found.contributions]
        columns = ["activity", "amount", "in days", "a week", "points", "of at most", "left out"]
        parts += ["", table("how it came about", columns, rows)]
        counted = [part for part in found.contributions if part.counted]
        if found.status is Status.SCORED:
            points, most = sum(p.points for p in counted), sum(p.weight for p in counted)
            parts += ["", f"{points:.2f} of {most:.2f} points are {found.score:.2f} of 100."]
    parts += [
        "",
        f"By policy version {found.policy}. An indicator is a suggestion to talk; it decides"
        " nothing.",
    ]
    return Group(*parts)


def _row(part: Contribution) -> list[object]:
    return [
        part.kind.value.replace("_", " "),
        part.amount,
        part.days,
        part.rate,
        part.points,
        part.weight,
        part.reason,
    ]
