"""The figures as tables on a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType

from bench.targets import verdicts
from ops.console import facts, table

Record = Mapping[str, Any]

_HEADLINES: Final = {
    "events_per_second": "events a second, everything published",
    "cpu_seconds_per_million": "CPU seconds a million, everything published",
    "records_out": "records out",
    "peak_rss_mb": "largest memory, MB",
    "replay_events_per_second": "events a second, replay",
    "replay_cpu_seconds_per_million": "CPU seconds a million, replay",
    "warm_seconds": "seconds until a second worker is warm",
    "slow_path_records_per_second": "records a second, slow path",
    "close_seconds_per_million_students": "seconds to close a day for a million students",
    "busy_close_seconds_per_million_students": "the same with everything in use",
    "live_cpu_seconds_per_million": "CPU seconds a million, live, at the highest rate",
}
RUN_COLUMNS: Final = {
    "entrant": "entrant",
    "topics": "topics",
    "events": "events",
    "events_per_second": "events/s",
    "cpu_seconds_per_million": "CPU s/million",
    "records_out_per_event": "records out/event",
    "peak_rss_mb": "memory, MB",
}
LATENCY_COLUMNS: Final = {
    "rate": "events/s",
    "arrived": "changes",
    "p50": "p50, ms",
    "p95": "p95, ms",
    "p99": "p99, ms",
    "max": "longest, ms",
}
LIVE_COLUMNS: Final = {
    "rate": "events/s",
    "events": "events",
    "cpu_seconds_per_million": "CPU s/million",
    "records_out_per_event": "records out/event",
    "refresh_seconds": "refresh, s",
    "peak_rss_mb": "memory, MB",
}
CLOSING_COLUMNS: Final = {
    "students": "students",
    "close_seconds_per_million_students": "close, s",
    "close_cpu_seconds_per_million_students": "CPU s",
    "current_seconds_per_million_students": "current, s",
    "current_cpu_seconds_per_million_students": "CPU s",
    "load_of_the_last_minute": "load",
}
CAMPUSES: Final = {"closing": "plain", "busy_closing": "everything in use"}
GROWTH_COLUMNS: Final = {
    "students": "students",
    "look_back_days": "look-back, days",
    "events": "events",
    "events_per_second": "events/s",
    "cpu_seconds_per_million": "CPU s/million",
    "records_out": "records out",
    "peak_rss_mb": "memory, MB",
}


def cells(records: Sequence[Record], columns: Mapping[str, str]) -> list[list[object]]:
    """The rows of a table; an entrant that was not measured has its reason in one cell."""
    rows: list[list[object]] = []
    for record in records:
        if "absent" in record:
            rows.append([record["entrant"], f"not measured: {record['absent']}"])
            rows[-1] += [None] * (len(columns) - len(rows[-1]))
        else:
            rows.append([record[name] for name in columns])
    return rows


def closing_rows(record: Record) -> list[list[object]]:
    """One a campus: seconds for a million students."""
    rows = cells([record[name] for name in CAMPUSES if name in record], CLOSING_COLUMNS)
    return [[campus, *row] for campus, row in zip(CAMPUSES.values(), rows, strict=False)]


def closing_table(record: Record) -> RenderableType:
    """Of both campuses."""
    columns = ["campus", *CLOSING_COLUMNS.values()]
    return table("closing a day, for a million students", columns, closing_rows(record))


def headline_table(engine: Record) -> RenderableType:
    """Of the engine alone."""
    rows: dict[str, object] = {text: engine[name] for name, text in _HEADLINES.items()}
    rows |= {
        f"events a second, {name}": rate
        for name, rate in engine["handout_events_per_second"].items()
    }
    latency = table(
        "from produce to change",
        list(LATENCY_COLUMNS.values()),
        cells(engine["latency"], LATENCY_COLUMNS),
    )
    return Group(facts("leap", rows), "", latency)


def contest_table(runs: Sequence[Record]) -> RenderableType:
    """Side by side."""
    return table("side by side", list(RUN_COLUMNS.values()), cells(runs, RUN_COLUMNS))


def whole_tables(record: Record) -> RenderableType:
    """Of everything."""
    judged = [[v.figure, v.target, v.measured, v.text] for v in verdicts(record)]
    growth = table(
        "students and horizon",
        list(GROWTH_COLUMNS.values()),
        cells(record["growth"], GROWTH_COLUMNS),
    )
    parts = [
        headline_table(record["engine"]),
        contest_table(record["contest"]),
        growth,
        table("targets", ["figure", "target", "measured", ""], judged),
    ]
    return Group(*(part for at in parts for part in (at, "")))
