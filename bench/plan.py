"""How much is measured: the sizes of a run, small to try it, and full for the record."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.contest import ONE_TOPIC_PARTITIONS, TEN_KINDS_PARTITIONS
from bench.live import LivePlan


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """Sizes of what is measured of this engine alone."""

    events: int = 100_000
    students: int = 5_000
    days: int = 30
    partitions: int = TEN_KINDS_PARTITIONS
    slow_events: int = 20_000
    slow_students: int = 1_000
    closing_students: int = 100_000
    rates: Sequence[int] = (1_000,)
    """Events a second at which the latency is measured; 1,000 has to be among them."""
    latency_s: float = 3.0
    live_students: int = 2_000
    cost_rates: Sequence[int] = (1_000,)
    """Ascending; the target is that of the last one."""
    cost_s: float = 3.0
    refresh_s: float = 2.0

    @property
    def live(self) -> LivePlan:
        """The part of a live worker."""
        return LivePlan(
            students=self.live_students,
            partitions=self.partitions,
            rates=self.rates,
            latency_s=self.latency_s,
            cost_rates=self.cost_rates,
            cost_s=self.cost_s,
            refresh_s=self.refresh_s,
        )


@dataclass(frozen=True, slots=True)
class GrowthPoint:
    """A horizon of `look_back_days`, full of events of so many students."""

    students: int
    look_back_days: int
    events: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of everything."""

    engine: EnginePlan = field(default_factory=EnginePlan)
    one_topic_partitions: int = ONE_TOPIC_PARTITIONS
    faust_events: int = 5_000
    quix_events: int = 10_000
    every_day_students: int = 2_000
    """Students of the run in which each day is closed."""
    backtest_students: int = 1_000
    """Of a year of history."""
    growth: Sequence[GrowthPoint] = (
        GrowthPoint(2_000, 70, 50_000),
        GrowthPoint(20_000, 70, 50_000),
    )
    full_horizon: GrowthPoint = GrowthPoint(5_000, 70, 200_000)
    """What a worker has to warm up for, and to hold in memory."""


def full_plan() -> Plan:
    """What docs/PERFORMANCE.md is made from: about half an hour on two cores."""
    return Plan(
        engine=EnginePlan(
            events=1_000_000,
            students=50_000,
            slow_events=300_000,
            slow_students=5_000,
            closing_students=1_000_000,
            rates=(100, 1_000, 5_000),
            latency_s=10.0,
            live_students=50_000,
            cost_rates=(1_000, 10_000, 30_000),
            cost_s=40.0,
            refresh_s=30.0,
        ),
        faust_events=50_000,
        quix_events=100_000,
        every_day_students=10_000,
        backtest_students=20_000,
        growth=(
            GrowthPoint(10_000, 70, 1_000_000),
            GrowthPoint(100_000, 28, 1_000_000),
            GrowthPoint(100_000, 70, 1_000_000),
            GrowthPoint(100_000, 140, 1_000_000),
            GrowthPoint(1_000_000, 70, 1_000_000),
        ),
        full_horizon=GrowthPoint(50_000, 70, 10_000_000),
    )
