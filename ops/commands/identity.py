"""leap identity: who is who."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from connectors.schemes import Scheme
from connectors.students.file import StudentFile
from connectors.students.load import write_news
from connectors.students.oneroster import OneRoster
from connectors.zones import Zone
from ops.clocks import now_ms
from ops.commands.options import AsJson, Order, date_order, surroundings
from ops.console import OUT, facts, print_json
from ops.enrolling import encoder_of, enrol, fenced
from ops.generation import open_generation
from ops.reference import read_registrar
from schemas.errors import SettingsError, SourceError

app = typer.Typer(no_args_is_help=True, help="Say who is who: students and their identifiers.")


@app.command()
def load(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV of students, or a folder of OneRoster CSV; docs/connectors/students.md."
        ),
    ],
    column: Annotated[
        list[str] | None,
        typer.Option(help="NAME=HEADER: what a column is called in the file. Repeatable."),
    ] = None,
    order: Order = None,
    as_json: AsJson = False,
) -> None:
    """Load the student file: who has which card and account, and who studies when.

    Whoever is new gets a random pseudonym, and keeps it. Loading again changes nothing.
    """
    with surroundings() as context:
        generation = open_generation(context)
        zone, columns = Zone.of(generation.zone), _pairs(column)
        students: StudentFile | OneRoster = (
            OneRoster(file, zone, columns)
            if file.is_dir()
            else StudentFile(file, zone, date_order(order), columns)
        )
        account = enrol(context, generation, students)
    if as_json:
        print_json(account.as_record())
    else:
        OUT.print(facts("loaded", account.as_record()))
    if not account.is_reconciled:
        raise typer.Exit(1)


@app.command()
def suppress(
    identifier: Annotated[str, typer.Argument(help="SCHEME:VALUE, for example student:S123456.")],
    as_json: AsJson = False,
) -> None:
    """Keep a person out from now on: no source and no student file brings them back.

    Takes in every identifier of that person. What was published before stays where it is.
    """
    scheme, _, value = identifier.partition(":")
    if scheme not in set(Scheme) or not value:
        raise SettingsError(
            f"{identifier!r} names nobody: write SCHEME:VALUE, with one of {', '.join(Scheme)}"
        )
    with surroundings() as context:
        generation = open_generation(context)
        writer = fenced(generation)
        registrar = read_registrar(context, generation, secrets.randbelow)
        count = registrar.suppress(Scheme(scheme), value)
        write_news(registrar.news(), writer, encoder_of(context, generation), now_ms())
    if as_json:
        print_json({"identifiers_suppressed": count})
    else:
        OUT.print(f"{count} identifiers are suppressed")


def _pairs(given: list[str] | None) -> dict[str, str]:
    pairs = [one.partition("=") for one in given or []]
    for name, _, header in pairs:
        if not header:
            raise SourceError(f"--column {name}: write NAME=HEADER")
    return {name: header for name, _, header in pairs}
