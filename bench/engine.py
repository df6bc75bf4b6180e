"""Everything about this engine alone: `leap bench engine`."""

from dataclasses import dataclass

from bench.closing import Closings, close_days
from bench.contest import (
    ENGINE,
    EngineRuns,
    Say,
    Setting,
    filled,
    run_backlog,
    run_engine,
    run_handouts,
)
from bench.figures import Absent, Run
from bench.live import LiveFigures, run_live
from bench.plan import EnginePlan
from ops.context import Context

_AT_RATE = 1_000  # the rate whose latency stands among the headline figures


@dataclass(frozen=True, slots=True)
class EngineFigures:
    """The figures of one machine and one moment."""

    runs: EngineRuns
    handouts: list[Run | Absent]
    slow_path: Run
    closing: Closings
    live: LiveFigures

    def as_record(self) -> dict[str, object]:
        """For machines; the first level are the headline figures."""
        backlog, replay = self.runs.backlog, self.runs.replay
        handout = {run.entrant: run for run in self.handouts if isinstance(run, Run)}
        rates = {found.rate: found.as_record() for found in self.live.latency}
        rate = _AT_RATE if _AT_RATE in rates else next(iter(rates))
        closing, busy = self.closing.plain.as_record(), self.closing.busy.as_record()
        costs = [cost.as_record() for cost in self.live.costs]
        return {
            "events_per_second": round(backlog.events_per_second),
            "cpu_seconds_per_million": round(backlog.cpu_seconds_per_million, 2),
            "records_out": backlog.records_out,
            "peak_rss_mb": round(backlog.peak_rss_mb),
            "replay_events_per_second": round(replay.events_per_second),
            "replay_cpu_seconds_per_million": round(replay.cpu_seconds_per_million, 2),
            "warm_seconds": round(self.runs.warm_s, 2),
            "handout_events_per_second": {
                name: round(run.events_per_second) for name, run in handout.items()
            },
            "latency_ms": {"rate": rate, "p50": rates[rate]["p50"], "p99": rates[rate]["p99"]},
            "close_seconds_per_million_students": closing["close_seconds_per_million_students"],
            "busy_close_seconds_per_million_students": busy["close_seconds_per_million_students"],
            "slow_path_records_per_second": round(self.slow_path.events_per_second),
            "live_cpu_seconds_per_million": costs[-1]["cpu_seconds_per_million"],
            "runs": [run.as_record() for run in (backlog, replay, self.slow_path)],
            "handouts": [run.as_record() for run in self.handouts],
            "latency": list(rates.values()),
            "closing": closing,
            "busy_closing": busy,
            "live": costs,
            "idle_share_of_a_core": round(self.live.idle_share, 3),
        }


def run_engine_alone(context: Context, plan: EnginePlan, say: Say) -> EngineFigures:
    """One after the other: throughput and warm-up, slow path, closing, live."""
    setting = Setting.ten_kinds(plan.events, plan.students, plan.days, plan.partitions)
    with filled(context, setting, say) as bench:
        runs = run_engine(bench, setting, say)
        handouts = run_handouts(bench, setting, say)
    slow_path = run_slow_path(context, plan, say)
    say(f"closing a day for {plan.closing_students:,} students")
    closing = close_days(plan.closing_students, plan.partitions)
    live = run_live(context, plan.live, say)
    return EngineFigures(runs, handouts, slow_path, closing, live)


def run_slow_path(context: Context, plan: EnginePlan, say: Say) -> Run:
    """A backlog in which each record has a header, so that none takes the fast path."""
    setting = Setting.ten_kinds(plan.slow_events, plan.slow_students, plan.days, plan.partitions)
    with filled(context, setting, say, with_headers=True) as bench:
        say("the slow path")
        return run_backlog(bench, setting, f"{ENGINE}, slow path")
