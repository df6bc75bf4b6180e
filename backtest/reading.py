"""A folder of history, whichever of the layouts it has."""

from pathlib import Path
from zoneinfo import ZoneInfo

from backtest.course import History
from backtest.oulad import read_oulad
from backtest.tabular import is_tabular, read_tabular
from schemas.errors import SourceError


def read_history(folder: Path, zone: ZoneInfo) -> History:
    """Read the OULAD layout, or Parquet of events with a CSV of outcomes.

    Raises SourceError for a folder that is neither, or in which there is nothing to compare.
    """
    if not folder.is_dir():
        raise SourceError(f"{folder} is no folder: name the one that holds the files of history")
    history = read_tabular(folder, zone) if is_tabular(folder) else read_oulad(folder)
    if not any(course.has_outcome.any() for course in history.courses):
        problems = "".join(f"\n{problem}" for problem in history.problems[:10])
        raise SourceError(
            f"{folder}: no student of any course has a known outcome: there is nothing to compare"
            f" with{problems}"
        )
    return history
