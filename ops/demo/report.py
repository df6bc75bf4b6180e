"""What a demonstration found, and whether it all adds up."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final

from rich.console import Group, RenderableType

from ops.console import facts, table
from ops.demo.verify import LEFT, NO_BAND
from schemas.types import Band

_COLUMNS: Final = (*(band.value for band in Band if band is not Band.NONE), NO_BAND, LEFT)


@dataclass(frozen=True, slots=True)
class DemoReport:
    """Every figure of a run; events are those of this run alone."""

    generation: str
    rows_read: int
    rows_quarantined: int
    events_read: int
    events_published: int
    events_applied: int
    duplicates: int
    too_late: int
    quarantined: int
    students: int
    bands: Mapping[str, int]  # of each student's last closing
    indicators: Mapping[str, int]  # current ones, by band or else by status
    changes: int
    closings: int
    clickhouse_rows: Mapping[str, int]  # by table, as FINAL counts them
    events_per_second: float  # from the first fetch to the last acknowledged output
    seconds: float
    oracle_equal: bool
    oracle_compared: int
    oracle_differences: Sequence[str]
    chain_breaks: int
    output_end_offsets: Mapping[str, int]
    outcomes: Sequence[tuple[str, Mapping[str, int]]]  # band at mid-course, by final result
    example_students: Sequence[int]
    problems: Sequence[str] = field(default=())

    @property
    def reconciles(self) -> bool:
        """Whether there is nothing to complain about."""
        return not self.problems

    def as_record(self) -> dict[str, object]:
        """For machines."""
        return {**asdict(self), "reconciles": self.reconciles}

    def as_text(self) -> RenderableType:
        """For people."""
        counts = {
            "rows read from the source": self.rows_read,
            "rows in quarantine": self.rows_quarantined,
            "events read": self.events_read,
            "events published": self.events_published,
            "  applied": self.events_applied,
            "  duplicate": self.duplicates,
            "  too late": self.too_late,
            "  quarantined": self.quarantined,
            "closings": self.closings,
            "changes": self.changes,
            "events a second, outputs included": round(self.events_per_second),
            "closings compared with the oracle": self.oracle_compared,
            "all equal": self.oracle_equal,
        }
        parts: list[RenderableType] = [
            facts("what happened", counts),
            table(
                "students by band, at the end of their courses",
                ["band", "students"],
                list(self.bands.items()),
            ),
            table(
                "band at mid-course against the final result",
                ["final result", *_COLUMNS],
                [
                    [result, *(bands.get(name, 0) for name in _COLUMNS)]
                    for result, bands in self.outcomes
                ],
            ),
            table("rows in ClickHouse", ["table", "rows"], list(self.clickhouse_rows.items())),
        ]
        parts += [f"[red]does not add up:[/red] {problem}" for problem in self.problems]
        if self.reconciles:
            parts.append("[green]everything adds up[/green]")
        return Group(*(part for at in parts for part in (at, "")))
