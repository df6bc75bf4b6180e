"""Options that several commands share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from ops.context import Context
from ops.settings import load_settings

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]


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
