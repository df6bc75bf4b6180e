"""A worker that is live: how long a change takes, and what a steady stream of events costs.

1. A wall-clock generation of enrolled students without activity; yesterday is marked. A worker
   closes it and is live.
2. What it takes when nothing happens.
3. Latency at each rate (`bench.latency`).
4. Cost at each rate: events of any student and kind, as they come; the worker's CPU time until the
   outputs of the refresh that follows are through.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.contest import Say
from bench.figures import MILLION
from bench.generations import Bench, generation_for
from bench.latency import Latency, measure_latency
from bench.publishing import publish_events, publish_students
from bench.stream import events_of_now, send_at
from bench.workers import Watched, until_done, until_quiet, worker_of
from bench.workload import SHARES, Workload
from ops.clocks import now_ms
from ops.context import Context
from schemas.types import Clock, Day
from streams.campus import DAY_MS

_IDLE_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class LivePlan:
    """How much of each."""

    students: int
    """Of the cost; those of the latency come on top."""
    partitions: int
    rates: Sequence[int]
    """Events a second."""
    latency_s: float
    """Seconds at each rate."""
    cost_rates: Sequence[int]
    cost_s: float
    refresh_s: float
    """The interval at which indicators that moved without a change are published."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What a steady stream takes, outputs included."""

    rate: int
    """Events a second, as they were sent."""
    events: int
    cpu_seconds: float
    records_out: int
    refresh_s: float
    peak_rss_mb: float

    def as_record(self) -> dict[str, object]:
        """For machines."""
        return {
            "rate": self.rate,
            "events": self.events,
            "cpu_seconds_per_million": round(self.cpu_seconds * MILLION / self.events, 2),
            "records_out_per_event": round(self.records_out / self.events, 3),
            "refresh_seconds": self.refresh_s,
            "peak_rss_mb": round(self.peak_rss_mb),
        }


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """What a live worker showed."""

    idle_share: float
    """Of one core, when nothing happens."""
    latency: Sequence[Latency]
    costs: Sequence[Cost]


def run_live(context: Context, plan: LivePlan, say: Say) -> LiveFigures:
    """Steps 1 to 4."""
    single_use = sum(round(rate * plan.latency_s) for rate in plan.rates)
    yesterday = Day(now_ms() // DAY_MS - 1)
    nothing = Workload(0, plan.students + single_use, yesterday, 1, SHARES)
    students = nothing.pseudonyms()
    with generation_for(context, "l", clock=Clock.WALL, partitions=plan.partitions) as bench:
        publish_students(bench.generation, students, yesterday)
        publish_events(bench.generation, nothing, marked=[yesterday])
        with worker_of(bench, publish_interval_s=str(plan.refresh_s)) as worker:
            say(f"live: {len(students):,} students are closed for the first time")
            until_done(worker, bench, yesterday)
            idle_share = _idle_share(worker)
            latency: list[Latency] = []
            for seed, rate in enumerate(plan.rates):
                say(f"live: latency at {rate:,} events/s")
                some, students = np.split(students, [round(rate * plan.latency_s)])
                latency.append(measure_latency(bench.generation, some, rate, seed))
            costs: list[Cost] = []
            for rate in plan.cost_rates:
                say(f"live: cost of {rate:,} events/s for {plan.cost_s:.0f} s")
                costs.append(_cost(bench, worker, plan, students, rate))
            return LiveFigures(idle_share, latency, costs)


def _idle_share(worker: Watched) -> float:
    until_quiet(worker)
    start = time.monotonic()
    time.sleep(_IDLE_S)
    end = time.monotonic()
    return worker.watch.cpu_s(start, end) / (end - start)


def _cost(
    bench: Bench, worker: Watched, plan: LivePlan, students: NDArray[np.int64], rate: int
) -> Cost:
    before = until_quiet(worker)
    count = round(rate * plan.cost_s)
    random = np.random.default_rng(rate)
    kinds = random.choice(len(SHARES), count, p=list(SHARES.values()))
    names = list(SHARES)
    records = events_of_now(
        bench.generation,
        random.choice(students, count),
        [names[kind] for kind in kinds.tolist()],
        seed=count,
    )
    start = time.monotonic()
    sent = send_at(rate, records, bench.generation)
    after = until_quiet(worker, for_s=plan.refresh_s + 1)
    return Cost(
        rate=round(count / float(sent[-1] - sent[0])),
        events=after.events("live") - before.events("live"),
        cpu_seconds=worker.watch.cpu_s(start, after.last_publish_s),
        records_out=after.records_out - before.records_out,
        refresh_s=plan.refresh_s,
        peak_rss_mb=worker.watch.peak_rss_mb,
    )
