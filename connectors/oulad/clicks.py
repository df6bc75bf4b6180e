"""Clicks in the learning environment (`studentVle`)."""

from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from connectors.oulad.presentations import FURTHEST_DAYS, Presentations
from connectors.oulad.table import MODULE, STUDENT_NUMBER_LIMIT, Table

FEED: Final = "oulad.vle"

_CLICKS_LIMIT: Final = 86_400  # of a student on a page in a day: one a second
_SITE_LIMIT: Final = 10**15
_KEY: Final = ("day", "presentation", "student", "site", "date")


@dataclass(frozen=True, slots=True, eq=False)
class Clicks:
    """Clicks by presentation, student, site and day, [n] each, sorted by campus day."""

    table: Table
    day: NDArray[np.int64]
    """Campus day."""
    presentation: NDArray[np.int64]
    """Position in the presentations."""
    student: NDArray[np.int64]
    """Student number."""
    site: NDArray[np.int64]
    date: NDArray[np.int64]
    """Day from the presentation's start."""
    clicks: NDArray[np.int64]
    """The sum over all rows of this key: rows that repeat exactly are clicks of their own."""


def read_clicks(folder: Traversable, presentations: Presentations) -> Clicks:
    """All clicks; neither the order of the rows nor how clicks are spread over them matters."""
    needed = (*MODULE, "id_student", "id_site", "date", "sum_click")
    table = Table(folder, "studentVle", needed, FEED)
    starts = np.array([one.start for one in presentations.all], np.int64)
    schema = dict.fromkeys((*_KEY, "clicks"), pl.Int64)
    parts = [pl.DataFrame(schema=schema)]
    for checks in table:
        presentation = checks.found(MODULE, presentations.by_codes, "which is not in courses")
        student = checks.integers("id_student", 0, STUDENT_NUMBER_LIMIT)
        site = checks.integers("id_site", 0, _SITE_LIMIT)
        date = checks.integers("date", -FURTHEST_DAYS, FURTHEST_DAYS)
        clicks = checks.integers("sum_click", 0, _CLICKS_LIMIT)
        read = np.stack([presentation, student, site, date, clicks])[:, checks.passed]
        day = starts[read[0]] + read[3]
        parts.append(pl.DataFrame(dict(zip(schema, (day, *read), strict=True)), schema=schema))
    summed = pl.concat(parts).group_by(_KEY).agg(pl.col("clicks").sum()).sort(_KEY)
    return Clicks(table, **{name: summed[name].to_numpy() for name in schema})
