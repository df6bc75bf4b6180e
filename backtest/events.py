"""Events from Parquet files, counted by student, day and kind."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from backtest.course import Course
from schemas.errors import SourceError
from schemas.types import KINDS, Kind

_Counts = Mapping[Kind, NDArray[np.uint32]]

_MOST_EVENTS: Final = 86_400  # of a kind, a student and a day: one a second
_EPOCH: Final = pl.date(1970, 1, 1)


def read_events(
    folder: Path, courses: Mapping[str, Course], zone: ZoneInfo
) -> tuple[Mapping[str, _Counts], list[str]]:
    """Give the counts by course, and what could not be used: file, first row, reason.

    Rows of which something is wrong in the same way are told once, with their number. Events
    outside of a course's days are left out without a word: an export rarely ends where a course
    does. Raises SourceError for a file that cannot be read or lacks a column.
    """
    files = sorted(folder.glob("events*.parquet"))
    if not files:
        raise SourceError(f"{folder} holds no events*.parquet: put the events there")
    counts: dict[str, dict[Kind, NDArray[np.uint32]]] = {}
    problems: list[str] = []
    for file in files:
        events, wrong = _checked(_read(file, zone), file.name, courses)
        problems += wrong
        for name, kind, part in _parts(events):
            course = courses[name]
            cells = counts.setdefault(name, {}).setdefault(
                kind, np.zeros(course.enrolled.shape, np.uint32)
            )
            _add(cells, course, part)
    return counts, problems


def _read(file: Path, zone: ZoneInfo) -> pl.DataFrame:
    try:
        events = pl.read_parquet(file)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise SourceError(f"{file} cannot be read as Parquet: {error}") from error
    held = set(events.columns)
    lacking = {"student", "kind"} - held or ({"day"} if not held & {"day", "occurred_at"} else ())
    if lacking:
        raise SourceError(
            f"{file}: the column {min(lacking)} is missing; needed are student, kind, and day or"
            " occurred_at"
        )
    try:
        return events.with_row_index("row", offset=1).select(
            pl.col("row"),
            pl.col("student").cast(pl.String),
            pl.col("kind").cast(pl.String),
            (pl.col("day").cast(pl.Date) if "day" in held else _campus_day(events, zone)).alias(
                "day"
            ),
            (pl.col("count") if "count" in held else pl.lit(1)).cast(pl.Int64).alias("count"),
            (pl.col("course").cast(pl.String) if "course" in held else pl.lit("all")).alias(
                "course"
            ),
        )
    except pl.exceptions.PolarsError as error:
        raise SourceError(f"{file} has a column of the wrong type: {error}") from error


def _campus_day(events: pl.DataFrame, zone: ZoneInfo) -> pl.Expr:
    moment = pl.col("occurred_at")
    kind = events.schema["occurred_at"]
    if isinstance(kind, pl.Datetime) and kind.time_zone is None:
        moment = moment.dt.replace_time_zone("UTC")  # as Parquet writers mean it
    return moment.dt.convert_time_zone(zone.key).dt.date()


def _checked(
    events: pl.DataFrame, file: str, courses: Mapping[str, Course]
) -> tuple[pl.DataFrame, list[str]]:
    known = pl.DataFrame(
        [
            (name, student, place)
            for name, course in courses.items()
            for place, student in enumerate(course.students)
        ],
        schema={"course": pl.String, "student": pl.String, "column": pl.Int64},
        orient="row",
    )
    joined = events.join(known, on=["course", "student"], how="left", maintain_order="left")
    kinds = [kind.value for kind in KINDS]
    reason = (
        pl.when(pl.col("student").is_null() | pl.col("kind").is_null() | pl.col("day").is_null())
        .then(pl.lit("student, kind or day is missing"))
        .when(~pl.col("kind").is_in(kinds))
        .then(pl.format("kind {} is none of " + ", ".join(kinds), pl.col("kind")))
        .when(pl.col("count").is_null() | ~pl.col("count").is_between(0, _MOST_EVENTS))
        .then(pl.lit(f"count is not a whole number from 0 to {_MOST_EVENTS}"))
        .when(~pl.col("course").is_in(list(courses)))
        .then(pl.format("course {} is not in outcomes", pl.col("course")))
        .when(pl.col("column").is_null())
        .then(pl.lit("the student is not in outcomes of the course"))
    )
    judged = joined.with_columns(reason.alias("reason"))
    wrong = (
        judged.filter(pl.col("reason").is_not_null())
        .group_by("reason")
        .agg(pl.col("row").min(), pl.len().alias("number"))
        .sort("row")
    )
    return judged.filter(pl.col("reason").is_null()), [
        f"{file}: row {row}: {text}" + (f" ({number} such rows)" if number > 1 else "")
        for text, row, number in wrong.iter_rows()
    ]


def _parts(events: pl.DataFrame) -> Iterator[tuple[str, Kind, pl.DataFrame]]:
    for key, part in events.group_by("course", "kind", maintain_order=True):
        name, kind = key
        yield str(name), Kind(str(kind)), part


def _add(cells: NDArray[np.uint32], course: Course, part: pl.DataFrame) -> None:
    day = part.select((pl.col("day") - _EPOCH).dt.total_days()).to_series().to_numpy()
    row, column = day - course.start, part["column"].to_numpy()
    inside = (row >= 0) & (row < len(cells))
    added = part["count"].to_numpy()[inside].astype(np.uint32)
    np.add.at(cells, (row[inside], column[inside]), added)
