"""What commands share that publish a list which says all that holds."""

from typing import Annotated, Final, TypeVar

import typer

from connectors.list_plan import Holding, Plan
from ops.console import ERR, OUT, facts, print_json
from ops.whose import SCHEMES

SchemeName = Annotated[
    str, typer.Option(help=f"What its column student holds: {', '.join(SCHEMES)}.")
]
T = TypeVar("T", bound=Holding)
_NOT_ALL: Final = 1


def tell_plan(title: str, made: Plan[T], as_json: bool) -> None:
    """Tell what became of the rows; exit status 1 when some were refused."""
    problems = [f"{row.origin}: {row.message}" for row in made.refused]
    if as_json:
        print_json(made.as_record() | {"problems": problems})
    else:
        OUT.print(facts(title, made.as_record()))
        for problem in problems:
            ERR.print(problem, markup=False)
    if problems:
        raise typer.Exit(_NOT_ALL)
