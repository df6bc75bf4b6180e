"""What a run of an entrant showed; all of it goes into the JSON as it stands here."""

from dataclasses import dataclass
from typing import Final

MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Run:
    """One process over some events, from its first fetch to its last acknowledged output."""

    entrant: str
    topics: str
    """Which topics: "ten kinds x 24" or "one topic x 4"."""
    events: int
    records_out: int
    seconds: float
    cpu_seconds: float
    """User and system time of the process within these seconds; the broker's is not in it."""
    peak_rss_mb: float

    @property
    def events_per_second(self) -> float:
        """Events in."""
        return self.events / self.seconds if self.seconds else 0.0

    @property
    def cpu_seconds_per_million(self) -> float:
        """CPU seconds a million events."""
        return self.cpu_seconds * MILLION / self.events if self.events else 0.0

    def as_record(self) -> dict[str, object]:
        """For machines."""
        return {
            "entrant": self.entrant,
            "topics": self.topics,
            "events": self.events,
            "events_per_second": round(self.events_per_second),
            "cpu_seconds_per_million": round(self.cpu_seconds_per_million, 2),
            "records_out": self.records_out,
            "records_out_per_event": round(self.records_out / max(1, self.events), 3),
            "seconds": round(self.seconds, 3),
            "cpu_seconds": round(self.cpu_seconds, 3),
            "peak_rss_mb": round(self.peak_rss_mb),
        }


@dataclass(frozen=True, slots=True)
class Absent:
    """An entrant that could not be measured, and why."""

    entrant: str
    reason: str

    def as_record(self) -> dict[str, object]:
        """For machines."""
        return {"entrant": self.entrant, "absent": self.reason}
