"""The targets, and whether the figures of a run meet them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.contest import AIOKAFKA

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A figure against what it should be."""

    figure: str
    target: str
    measured: str
    is_met: bool
    off: float
    """How many times the target, in the direction of worse; below 1 where it is met."""

    @property
    def text(self) -> str:
        """For people."""
        return "met" if self.is_met else f"missed, {self.off:.1f} times the target"


def verdicts(record: Record) -> Sequence[Verdict]:
    """One for each target, of a whole run (`bench.whole`)."""
    engine: Record = record["engine"]
    handout = engine["handout_events_per_second"].get(AIOKAFKA.name, 0)
    at_rate: Record = engine["latency_ms"]
    horizon: Record = record["full_horizon"]
    replayed, heaviest = engine["replay_events_per_second"], _heaviest(horizon)
    held = f"{horizon['students']:,} students, {horizon['backlog']['events']:,} events"
    close = engine["close_seconds_per_million_students"]
    busy = engine["busy_closing"]["close_cpu_seconds_per_million_students"]
    history: Record = record["backtest"]
    year = f"a year of {history['students']:,} students; 60 s on two cores"
    return [
        _at_least("events a second, replay", 600_000, replayed),
        _at_least("the same, against aiokafka handing out in the same run", handout, replayed),
        _at_least("events a second, everything published", 600_000, engine["events_per_second"]),
        _at_most(
            "CPU seconds a million, replay", 2.0, engine["replay_cpu_seconds_per_million"], "s"
        ),
        _at_most(
            "CPU seconds a million, everything published",
            2.0,
            engine["cpu_seconds_per_million"],
            "s",
        ),
        _at_most(
            f"CPU seconds a million, live at {engine['live'][-1]['rate']:,} events/s",
            6.0,
            engine["live_cpu_seconds_per_million"],
            "s",
        ),
        _at_most(f"warm-up ({held})", 20.0, horizon["warm_seconds"], "s"),
        _at_most("closing a day for a million students", 2.0, close, "s"),
        _at_most("the same with everything in use, CPU seconds", 3.0, busy, "s"),
        _at_most(f"CPU seconds of a backtest ({year})", 120, history["cpu_seconds"], "s"),
        _at_most(f"produce to change at {at_rate['rate']:,}/s, p50", 20, at_rate["p50"], "ms"),
        _at_most(f"produce to change at {at_rate['rate']:,}/s, p99", 100, at_rate["p99"], "ms"),
        _at_least("records a second, slow path", 60_000, engine["slow_path_records_per_second"]),
        _at_most(f"memory ({held})", 700, heaviest, "MB"),
    ]


def _heaviest(horizon: Record) -> float:
    peaks: list[float] = [horizon[run]["peak_rss_mb"] for run in ("backlog", "replay")]
    return max(peaks)


def _at_least(figure: str, target: float, measured: float) -> Verdict:
    off = target / measured if measured else float("inf")
    return Verdict(figure, f"at least {target:,.0f}", f"{measured:,.0f}", measured >= target, off)


def _at_most(figure: str, target: float, measured: float, unit: str) -> Verdict:
    return Verdict(
        figure,
        f"at most {target:g} {unit}",
        f"{measured:,.5g} {unit}",
        measured <= target,
        measured / target,
    )
