"""The presentations of modules: when each begins and ends (`courses`)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from typing import Final

from connectors.campus_day import campus_day
from connectors.oulad.table import MODULE, Table
from schemas.types import Day

FURTHEST_DAYS: Final = 2 * 366
"""No row of the dataset lies further from its presentation's start; beyond, a day is a mistake."""

_LONGEST_DAYS: Final = 366
_CODE: Final = re.compile(r"((?:19|20)\d\d)([BJ])")
_START: Final = {"B": (2, 1), "J": (10, 1)}  # month and day: B begins in February, J in October


@dataclass(frozen=True, slots=True)
class Presentation:
    """One run of a module. Days in the files count from `start`, which is day 0."""

    module: str
    code: str
    start: Day
    length_days: int

    @property
    def name(self) -> str:
        """Module and presentation, as the project writes them."""
        return f"{self.module}-{self.code}"

    @property
    def last(self) -> Day:
        """The last day."""
        return Day(self.start + self.length_days - 1)


@dataclass(frozen=True, slots=True)
class Presentations:
    """All presentations, and where each stands by its module and code."""

    table: Table
    all: Sequence[Presentation]

    @property
    def by_codes(self) -> Mapping[tuple[str, ...], int]:
        """Positions in `all`, by (module, code)."""
        return {(one.module, one.code): i for i, one in enumerate(self.all)}


def read_presentations(folder: Traversable) -> Presentations:
    """The presentations in the file `courses`, by module and code."""
    length_column = "module_presentation_length"
    table = Table(folder, "courses", (*MODULE, length_column))
    found: dict[tuple[str, str], Presentation] = {}
    rows: list[tuple[Presentation, int, bytes]] = []
    for checks in table:
        lengths = checks.integers(length_column, 1, _LONGEST_DAYS).tolist()
        modules, codes = (checks.rows.columns[column] for column in MODULE)
        for i, code in enumerate(codes):
            known = _CODE.fullmatch(code)
            if not known or not modules[i]:
                checks.refuse(
                    i,
                    f"is {modules[i]!r}, {code!r}, not a module and a year with B (February) or J"
                    " (October)",
                    ", ".join(MODULE),
                )
            elif i not in checks.problems:
                start = campus_day(date(int(known[1]), *_START[known[2]]))
                one = Presentation(modules[i], code, start, lengths[i])
                rows.append((one, checks.rows.lines[i], checks.rows.raw[i]))
    # Sorted, so that the order of the rows does not decide which of two lengths is taken.
    for one, line, raw in sorted(rows, key=lambda row: (row[0].name, row[0].length_days, row[1])):
        if found.setdefault((one.module, one.code), one) is not one:
            table.reject(line, raw, f"{one.name} is there twice; the shorter length is used")
    return Presentations(table, list(found.values()))
