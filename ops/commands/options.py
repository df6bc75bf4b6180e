"""Options that several commands share."""

from typing import Annotated

import typer

from ops.context import Context
from ops.settings import load_settings

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]


def context_of_settings() -> Context:
    """The surroundings that the environment describes."""
    return Context(load_settings())
