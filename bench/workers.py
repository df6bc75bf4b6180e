"""A real `leap worker` over what lies on the topics of a generation, watched until it is done."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, cast

from bench.generations import Bench
from bench.watching import Watch
from ops.demo.ends import end_offsets
from ops.demo.processes import RunningProcess, Status
from ops.demo.waiting import has_worked
from schemas.topics import ACTIVITY, STUDENT
from schemas.types import Day

_TIMEOUT_S: Final = 1_200.0


@dataclass(frozen=True, slots=True)
class Watched:
    """A worker that runs, and what it takes."""

    process: RunningProcess
    watch: Watch
    started_s: float
    """When it was started, by `time.monotonic`."""


@dataclass(frozen=True, slots=True)
class Worked:
    """What a worker has done until every partition was live and nothing was left to do."""

    status: Status
    done_s: float
    """When this was seen, by `time.monotonic`."""

    def events(self, phase: str, fate: str = "applied") -> int:
        """How many events, `replay` or `live`, by what became of them."""
        counts = cast(Mapping[str, Mapping[str, int]], self.status["events"])
        return counts.get(phase, {}).get(fate, 0)

    @property
    def records_out(self) -> int:
        """Records in committed transactions."""
        return sum(cast(Mapping[str, int], self.status["published"]).values())

    @property
    def first_fetch_s(self) -> float:
        """By `time.monotonic`, which all processes share."""
        found = self.status["first_fetch_s"]
        return found if isinstance(found, float) else self.done_s

    @property
    def last_publish_s(self) -> float:
        """When the last output was acknowledged; where there was none, when it was done."""
        found = self.status["last_publish_s"]
        return found if isinstance(found, float) else self.done_s


@contextmanager
def worker_of(bench: Bench, **settings: str) -> Iterator[Watched]:
    """A worker that runs while the context lasts; `settings` are variables without LEAP_."""
    named = {f"LEAP_{name.upper()}": value for name, value in settings.items()}
    started_s = time.monotonic()
    with (
        RunningProcess.start(
            "worker",
            environment={**bench.environment, **named},
            logs=bench.context.settings.folder / "logs" / bench.generation.name,
        ) as process,
        Watch(process.pid) as watch,
    ):
        yield Watched(process, watch, started_s)


def until_done(worker: Watched, bench: Bench, last_day: Day) -> Worked:
    """Until every partition is live, has applied and published everything, and closed the day."""
    ends = end_offsets(bench.generation, [*ACTIVITY.values(), STUDENT])
    partitions = bench.generation.partitions
    status = worker.process.wait_until(
        lambda status: has_worked(status, ends, partitions, last_day),
        timeout_s=_TIMEOUT_S,
        what="the end of the log",
    )
    return Worked(status, time.monotonic())


def until_quiet(worker: Watched, *, for_s: float = 1.0) -> Worked:
    """Until nothing has been published for a while."""

    def is_quiet(status: Status) -> bool:
        last = status["last_publish_s"]
        return isinstance(last, float) and time.monotonic() - last > for_s

    return Worked(
        worker.process.wait_until(is_quiet, timeout_s=_TIMEOUT_S, what="quiet"), time.monotonic()
    )
