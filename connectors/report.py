"""What became of everything that a source held."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from connectors.source import FileRead
from schemas.reasons import Reason
from schemas.types import Kind


@dataclass(frozen=True, slots=True)
class Report:
    """The account of one publication; every number of events and records is of this run alone."""

    files: tuple[FileRead, ...]
    students: int
    expectations: int
    published: Mapping[Kind, int]
    """Events, by kind."""
    quarantined: Mapping[Reason, int]
    """Rows, by reason."""
    days_marked: int
    """Marks written: one a feed and day that was not marked before."""

    @property
    def rows_read(self) -> int:
        """Rows of all files."""
        return sum(file.rows for file in self.files)

    @property
    def rows_left_out(self) -> int:
        """Rows that rightly led to nothing."""
        return sum(file.left_out for file in self.files)

    @property
    def events_read(self) -> int:
        """Events, as the files count them."""
        return sum(file.events for file in self.files)

    @property
    def is_reconciled(self) -> bool:
        """Every rejected row is in quarantine, and every event that was read was published."""
        rejected = sum(file.rejected for file in self.files)
        return rejected == sum(self.quarantined.values()) and self.events_read == sum(
            self.published.values()
        )

    def as_record(self) -> dict[str, object]:
        """The account as names and values, for machines and tables."""
        return {
            "rows_read": self.rows_read,
            "rows_left_out": self.rows_left_out,
            "rows_quarantined": sum(self.quarantined.values()),
            **{f"rows_quarantined_{reason}": n for reason, n in self.quarantined.items()},
            "events_read": self.events_read,
            "events_published": sum(self.published.values()),
            **{f"events_published_{kind}": n for kind, n in self.published.items()},
            "students": self.students,
            "expectations": self.expectations,
            "days_marked": self.days_marked,
            "is_reconciled": self.is_reconciled,
        }


@dataclass(slots=True)
class Tally:
    """A report in the making."""

    files: list[FileRead] = field(default_factory=list)
    students: int = 0
    expectations: int = 0
    published: Counter[Kind] = field(default_factory=Counter)
    quarantined: Counter[Reason] = field(default_factory=Counter)
    days: int = 0
    days_marked: int = 0

    @property
    def events(self) -> int:
        """Events published so far."""
        return self.published.total()

    def report(self) -> Report:
        """The account as it stands."""
        return Report(
            tuple(self.files),
            self.students,
            self.expectations,
            dict(self.published),
            dict(self.quarantined),
            self.days_marked,
        )
