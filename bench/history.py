"""How long a backtest of a year takes: students who never were, of all kinds, no files read."""

import os
import resource
import time
from dataclasses import asdict, dataclass
from typing import Final

from backtest.report import Say, backtest
from backtest.synthetic import synthetic_history
from ops.commands.backtest import read_policy

YEAR_DAYS: Final = 270
"""Of a university's year: from the first week of the first term to the last exam."""


@dataclass(frozen=True, slots=True)
class BacktestFigures:
    """One run by the default policy."""

    students: int
    days: int
    with_model: bool
    cores: int | None
    seconds: float
    cpu_seconds: float
    """Of all threads."""
    peak_memory_mib: int
    """Of this process, whatever it did before."""
    load_of_the_last_minute: float

    def as_record(self) -> dict[str, object]:
        """For machines."""
        return asdict(self)


def measure_backtest(students: int, days: int, *, with_model: bool, say: Say) -> BacktestFigures:
    """Run one; `say` is told of each step."""
    history = synthetic_history(students, days)
    start, began = time.perf_counter(), time.process_time()

    def timed(text: str) -> None:
        say(f"{time.perf_counter() - start:6.1f} s  {text}")

    backtest(read_policy(None), history, with_model=with_model, say=timed)
    return BacktestFigures(
        students=students,
        days=days,
        with_model=with_model,
        cores=os.cpu_count(),
        seconds=round(time.perf_counter() - start, 1),
        cpu_seconds=round(time.process_time() - began, 1),
        peak_memory_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        load_of_the_last_minute=round(os.getloadavg()[0], 1),
    )
