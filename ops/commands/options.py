"""Options that several commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from connectors.times import DateOrder
from ops.context import Context
from ops.settings import load_settings
from schemas.errors import SourceError

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
Order = Annotated[
    str | None,
    typer.Option("--date-order", help="day_first or month_first, for dates such as 9/11/19."),
]


def date_order(given: str | None) -> DateOrder | None:
    """What comes first in a date; SourceError for anything else."""
    match given:
        case None | "day_first" | "month_first":
            return given
    raise SourceError(f"--date-order is {given!r}: say day_first or month_first")


def context_of_settings() -> Context:
    """The surroundings that the environment describes."""
    return Context(load_settings())


@contextmanager
def surroundings() -> Iterator[Context]:
    """The surroundings that the environment describes; their connections are closed at the end."""
    context = context_of_settings()
    try:
        yield context
    finally:
        context.close()
