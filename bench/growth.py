"""What more students and a longer horizon cost, and a full horizon of events."""

from dataclasses import dataclass

from bench.contest import EngineRuns, Say, Setting, filled, run_backlog, run_engine
from bench.figures import Run
from bench.plan import GrowthPoint
from ops.clocks import now_ms
from ops.context import Context
from schemas.types import Day
from streams.campus import DAY_MS


@dataclass(frozen=True, slots=True)
class Grown:
    """A point, and what a worker took for it."""

    point: GrowthPoint
    run: Run

    def as_record(self) -> dict[str, object]:
        """For machines."""
        return {
            **self.run.as_record(),
            "students": self.point.students,
            "look_back_days": self.point.look_back_days,
        }


def run_growth(context: Context, point: GrowthPoint, partitions: int, say: Say) -> Grown:
    """A wall-clock worker that finds this and nothing published."""
    setting = _setting(point, partitions)
    with filled(context, setting, say) as bench:
        say(f"{setting.name}: a worker")
        return Grown(point, run_backlog(bench, setting, "leap"))


def run_full_horizon(context: Context, point: GrowthPoint, partitions: int, say: Say) -> EngineRuns:
    """The same, and a second worker over what is committed."""
    setting = _setting(point, partitions)
    with filled(context, setting, say) as bench:
        return run_engine(bench, setting, say)


def _setting(point: GrowthPoint, partitions: int) -> Setting:
    today = Day(now_ms() // DAY_MS)
    return Setting.until_yesterday(
        point.events, point.students, partitions, point.look_back_days, today
    )
