"""Writes docs/PERFORMANCE.md and its plot from docs/performance.json."""

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any, Final

from bench.tables import (
    CLOSING_COLUMNS,
    GROWTH_COLUMNS,
    LATENCY_COLUMNS,
    LIVE_COLUMNS,
    RUN_COLUMNS,
    cells,
    closing_rows,
)
from bench.targets import verdicts
from schemas.errors import SettingsError

FIGURES: Final = "performance.json"
DOCUMENT: Final = "PERFORMANCE.md"
PLOT: Final = "performance.svg"
_TEMPLATE: Final = files("bench") / "performance.md.template"


def write_document(docs: Path) -> None:
    """Replace the document and the plot in `docs`, in which the figures lie."""
    record: Mapping[str, Any] = json.loads((docs / FIGURES).read_text())
    (docs / DOCUMENT).write_text(text_of(record))
    _plot(record["contest"], docs / PLOT)


def text_of(record: Mapping[str, Any]) -> str:
    """The document."""
    engine, around, horizon = record["engine"], record["surroundings"], record["full_horizon"]
    return Template(_TEMPLATE.read_text()).substitute(
        note=f"\n> **{around['note']}**\n" if around["note"] else "",
        measured_at=around["measured_at"],
        processor=around["processor"],
        cores=around["cores"],
        memory_gib=around["memory_gib"],
        system=around["system"],
        load=around["load_of_the_last_15_minutes"],
        versions=", ".join(f"{name} {number}" for name, number in around["versions"].items()),
        plot=PLOT,
        targets=_table(
            ["figure", "target", "measured", ""],
            [[v.figure, v.target, v.measured, v.text] for v in verdicts(record)],
        ),
        contest=_runs(record["contest"]),
        engine=_runs(engine["runs"]),
        latency=_table(list(LATENCY_COLUMNS.values()), cells(engine["latency"], LATENCY_COLUMNS)),
        live=_table(list(LIVE_COLUMNS.values()), cells(engine["live"], LIVE_COLUMNS)),
        idle_share=f"{engine['idle_share_of_a_core']:.1%}",
        closing=_table(["campus", *CLOSING_COLUMNS.values()], closing_rows(engine)),
        backtest=_table(
            [name.replace("_", " ") for name in record["backtest"]],
            [list(record["backtest"].values())],
        ),
        horizon=_runs([horizon["backlog"], horizon["replay"]]),
        warm_seconds=horizon["warm_seconds"],
        growth=_table(list(GROWTH_COLUMNS.values()), cells(record["growth"], GROWTH_COLUMNS)),
    )


def _plot(runs: Sequence[Mapping[str, Any]], file: Path) -> None:
    try:
        from bench.plot import write_plot  # who only runs the product has no matplotlib
    except ImportError as error:
        raise SettingsError(
            f"the plot cannot be drawn ({error}): install the extra `bench` of this package"
        ) from error
    write_plot(runs, file)


def _runs(runs: Sequence[Mapping[str, Any]]) -> str:
    return _table(list(RUN_COLUMNS.values()), cells(runs, RUN_COLUMNS))


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [list(columns), ["---"] * len(columns), *([_text(cell) for cell in r] for r in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _text(cell: object) -> str:
    match cell:
        case None:
            return ""
        case int() | float():
            return f"{cell:,}"
    return str(cell).replace("|", "/").replace("\n", " ")
