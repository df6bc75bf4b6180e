"""The job of the peers, in plain Python: rolling 7-day counts of each student, changes of band out.

It is less than what the engine does: no event is recognised when it comes twice, nothing is closed
or explained, and a band comes from the counts alone. Imported in the peers' own environment, so it
needs nothing but fastavro.
"""

import io
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import fastavro

DAY_MS: Final = 86_400_000
_WINDOW_DAYS: Final = 7
_PREFIX_BYTES: Final = 5  # of the Confluent wire format
_BANDS: Final = (1.0, 10.0, 25.0, 50.0)  # points of 100, as in policy.yaml

State = dict[str, Any]
"""Of one student: counts by day and kind, and the band. As JSON can hold it: keys are strings."""


@dataclass(frozen=True, slots=True)
class Task:
    """What an entrant is told: a file of JSON, named as its one argument."""

    bootstrap: str
    topics: Mapping[str, str]
    """Full name of each topic, and the kind it carries."""
    schemas: Mapping[str, Mapping[str, Any]]
    """Writer schema of each topic."""
    weights: Mapping[str, float]
    saturations: Mapping[str, float]
    """Events in seven days at which all points of a kind are earned."""
    events: int
    """How many there are to read; an entrant may stop there."""
    partitions: int
    output: str
    """A topic for the changes."""
    name: str
    """To name groups, applications and changelogs after."""
    folder: str
    """For what it has to keep on disk."""
    result: str
    """The file it writes its `Report` to."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an entrant tells of itself; moments are those of `time.monotonic`."""

    first_s: float
    """It had the first record."""
    done_s: float
    """Its last output was acknowledged."""
    events: int
    records_out: int


def read_task() -> Task:
    """The task named on the command line."""
    return Task(**json.loads(Path(sys.argv[1]).read_text()))


def write_report(task: Task, report: Report) -> None:
    """Tell the benchmark; the entrant may end now."""
    partial = Path(task.result + ".partial")
    partial.write_text(json.dumps(asdict(report)))
    partial.rename(task.result)


class Job:
    """Decodes events and moves a student's state; counts what it sees on the way."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._schemas = {n: fastavro.parse_schema(dict(s)) for n, s in task.schemas.items()}
        self._possible = sum(task.weights[kind] for kind in task.topics.values())
        self.first_s: float | None = None
        self.events = 0
        self.changes = 0

    def decode(self, topic: str, value: bytes) -> State:
        """An event: student, kind, day."""
        if self.first_s is None:
            self.first_s = time.monotonic()
        body = io.BytesIO(value)
        body.seek(_PREFIX_BYTES)
        record: Any = fastavro.schemaless_reader(body, self._schemas[topic], None)
        day = int(record["occurred_at"].timestamp() * 1000) // DAY_MS
        return {"student": record["student"], "kind": self._task.topics[topic], "day": day}

    def step(self, state: State, event: State) -> dict[str, Any] | None:
        """Count an event; the change of band that it leads to."""
        self.events += 1
        day = event["day"]
        newest = state["newest"] = max(day, state.get("newest", day))
        days = state.setdefault("days", {})
        if day > newest - _WINDOW_DAYS:
            counts = days.setdefault(str(day), {})
            counts[event["kind"]] = counts.get(event["kind"], 0) + 1
        for old in [d for d in days if int(d) <= newest - _WINDOW_DAYS]:
            del days[old]
        band, previous = self._band(days), state.get("band", -1)
        state["band"] = band
        if band == previous:
            return None
        self.changes += 1
        return {"student": event["student"], "band": band, "previous": previous}

    def report(self) -> Report:
        """To be asked when the last output is acknowledged."""
        now = time.monotonic()
        return Report(self.first_s or now, now, self.events, self.changes)

    def _band(self, days: Mapping[str, Mapping[str, int]]) -> int:
        totals: dict[str, int] = {}
        for counts in days.values():
            for kind, count in counts.items():
                totals[kind] = totals.get(kind, 0) + count
        task = self._task
        earned = sum(
            task.weights[kind] * min(1.0, total / task.saturations[kind])
            for kind, total in totals.items()
        )
        score = 100 * earned / self._possible
        return sum(score >= lowest for lowest in _BANDS)


def key_of(student: int) -> bytes:
    """The key of a student's record."""
    return student.to_bytes(8)
