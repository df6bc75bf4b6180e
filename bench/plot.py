"""The plot of docs/PERFORMANCE.md: what a million events cost each entrant, against its output."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib
from matplotlib.figure import Figure

_SIZE_INCHES: Final = (8.0, 4.6)
_OURS: Final = "leap"
_OUR_COLOUR, _COLOUR = "#b3005e", "#4a5a6a"
_MARKS: Final = ("o", "s", "^")


def write_plot(runs: Sequence[Mapping[str, Any]], file: Path) -> None:
    """Draw `Run.as_record`s: CPU seconds a million against records out an event, both as SVG."""
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "leap"})
    figure = Figure(figsize=_SIZE_INCHES, layout="constrained")
    axes = figure.add_subplot()
    measured = [run for run in runs if "absent" not in run]
    settings = sorted({run["topics"] for run in measured})
    for run in measured:
        colour = _OUR_COLOUR if run["entrant"].startswith(_OURS) else _COLOUR
        x, y = run["records_out_per_event"], run["cpu_seconds_per_million"]
        axes.plot(x, y, _MARKS[settings.index(run["topics"])], color=colour)
        axes.annotate(run["entrant"], (x, y), xytext=(6, 4), textcoords="offset points", fontsize=8)
    for mark, setting in zip(_MARKS, settings, strict=False):
        axes.plot([], [], mark, color=_COLOUR, label=setting)
    axes.set_yscale("log")
    most = max((run["records_out_per_event"] for run in measured), default=1.0)
    axes.set_xlim(-0.05 * most, 1.3 * most)  # names stand to the right of their marks
    axes.set_xlabel("records out for each event in")
    axes.set_ylabel("CPU seconds for a million events")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend(loc="upper right", fontsize=8)
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
