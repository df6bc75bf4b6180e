"""What people see: tables for eyes, JSON for machines, progress on long work.

Results go to stdout, everything else to stderr: `leap ... --json | jq` always works.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

OUT: Final = Console(highlight=False)
ERR: Final = Console(stderr=True, highlight=False)


def print_json(value: object) -> None:
    """One JSON object on stdout."""
    print(json.dumps(value, ensure_ascii=False, default=str))


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> Table:
    """A table; numbers are set to the right."""
    drawn = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for at, name in enumerate(columns):
        is_number = all(isinstance(row[at], int | float) for row in rows) and bool(rows)
        drawn.add_column(name, justify="right" if is_number else "left")
    for row in rows:
        drawn.add_row(*(_text(cell) for cell in row))
    return drawn


def facts(title: str, values: Mapping[str, object]) -> Table:
    """Names and values, one a line."""
    return table(title, ["", ""], list(values.items()))


@contextmanager
def progress_bar(text: str, total: int | None) -> Iterator["Bar"]:
    """A bar on stderr; nothing but a last line where stderr is not a terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=ERR, transient=False) as progress:
        yield Bar(progress, progress.add_task(text, total=total))


class Bar:
    """Moves a progress bar."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def set(self, done: int, *, total: int | None = None, text: str | None = None) -> None:
        """How much is done, of how much, with what."""
        self._progress.update(self._task, completed=done, total=total, description=text)


def _text(cell: object) -> str:
    match cell:
        case bool():
            return "yes" if cell else "no"
        case int():
            return f"{cell:,}"
        case float():
            return f"{cell:,.2f}"
        case None:
            return ""
    return str(cell)
