"""Everything, in one run: `leap bench all`, which docs/PERFORMANCE.md is made from."""

from bench.contest import (
    ENGINE,
    Say,
    Setting,
    filled,
    run_backlog,
    run_engine,
    run_handouts,
    run_peers,
)
from bench.engine import run_engine_alone
from bench.figures import Absent, Run
from bench.growth import run_full_horizon, run_growth
from bench.history import YEAR_DAYS, measure_backtest
from bench.machine import surroundings
from bench.plan import Plan
from ops.context import Context
from schemas.types import Day


def run_contest(context: Context, plan: Plan, say: Say) -> list[Run | Absent]:
    """All entrants, on the ten kinds and on one topic; and the engine closing each day."""
    engine = plan.engine
    sizes = (engine.events, engine.students, engine.days)
    found: list[Run | Absent] = []
    for setting in (
        Setting.ten_kinds(*sizes, engine.partitions),
        Setting.one_topic(*sizes, plan.one_topic_partitions),
    ):
        with filled(context, setting, say) as bench:
            runs = run_engine(bench, setting, say)
            found += [runs.backlog, runs.replay]
            found += run_handouts(bench, setting, say)
            found += run_peers(
                bench,
                setting,
                say,
                faust_events=plan.faust_events,
                quix_events=plan.quix_events,
            )
    setting = Setting.ten_kinds(
        engine.events, plan.every_day_students, engine.days, engine.partitions
    )
    workload = setting.workload
    days = [Day(day) for day in range(workload.first, workload.last + 1)]
    with filled(context, setting, say, marked=days) as bench:
        say(f"{setting.name}: {ENGINE}, each of {len(days)} days closed")
        found.append(run_backlog(bench, setting, f"{ENGINE}, every day closed"))
    return found


def run_all(context: Context, plan: Plan, say: Say, *, note: str) -> dict[str, object]:
    """Everything; `note` says what a reader of the figures has to know."""
    engine = run_engine_alone(context, plan.engine, say)
    contest = run_contest(context, plan, say)
    partitions = plan.engine.partitions
    horizon = run_full_horizon(context, plan.full_horizon, partitions, say)
    growth = [run_growth(context, point, partitions, say) for point in plan.growth]
    say(f"a backtest of {plan.backtest_students:,} students")
    history = measure_backtest(plan.backtest_students, YEAR_DAYS, with_model=True, say=say)
    return {
        "surroundings": surroundings(note),
        "engine": engine.as_record(),
        "contest": [run.as_record() for run in contest],
        "full_horizon": {
            "students": plan.full_horizon.students,
            "look_back_days": plan.full_horizon.look_back_days,
            "backlog": horizon.backlog.as_record(),
            "replay": horizon.replay.as_record(),
            "warm_seconds": round(horizon.warm_s, 2),
        },
        "backtest": history.as_record(),
        "growth": [point.as_record() for point in growth],
    }
