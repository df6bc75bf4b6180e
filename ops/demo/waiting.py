"""Waits until a worker or a sink has done all there is to do, and shows how far it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from ops.console import progress_bar
from ops.demo.ends import Ends, end_offsets
from ops.demo.processes import RunningProcess, Status
from ops.generation import Generation
from schemas.topics import ACTIVITY
from schemas.types import Day
from sinks.tables import ROUTES
from streams.records import PER_STUDENT

_TIMEOUT_S: Final = 600.0
_LIVE: Final = "live"


@dataclass(frozen=True, slots=True)
class Worked:
    """What a worker has done since it started."""

    events: Mapping[str, int]  # new ones, by what became of them
    seconds: float  # from the first fetch to the last acknowledged output


def wait_for_worker(worker: RunningProcess, generation: Generation, last_day: Day) -> Worked:
    """Until every partition is live, has applied everything and closed `last_day`."""
    ends = end_offsets(generation, PER_STUDENT)
    total = sum(sum(ends[topic].values()) for topic in ACTIVITY.values())
    with progress_bar("worker: taking over its partitions", total=total) as bar:

        def done(status: Status) -> bool:
            events = cast(Mapping[str, Mapping[str, int]], status["events"])
            bar.set(
                sum(of_phase.get("read", 0) for of_phase in events.values()),
                text="worker: applying events",
            )
            return has_worked(status, ends, generation.partitions, last_day)

        status = worker.wait_until(done, timeout_s=_TIMEOUT_S, what="the end of the log")
        bar.set(total)
    first, last = status["first_fetch_s"], status["last_publish_s"]
    timed = isinstance(first, float) and isinstance(last, float)
    return Worked(events_in(status), cast(float, last) - cast(float, first) if timed else 0.0)


def wait_for_sink(sink: RunningProcess, generation: Generation) -> None:
    """Until everything on the topics of this moment is loaded and committed."""
    ends = end_offsets(generation, ROUTES)
    total = sum(sum(of_topic.values()) for of_topic in ends.values())
    with progress_bar("sink: loading into ClickHouse", total=total) as bar:

        def done(status: Status) -> bool:
            positions = cast(Mapping[str, Mapping[str, int]], status["positions"])
            bar.set(sum(sum(of_topic.values()) for of_topic in positions.values()))
            return all(
                positions.get(topic.name, {}).get(str(partition), 0) >= end
                for topic, of_topic in ends.items()
                for partition, end in of_topic.items()
            )

        sink.wait_until(done, timeout_s=_TIMEOUT_S, what="the end of the topics")
        bar.set(total)


def events_in(status: Status) -> Mapping[str, int]:
    """New events that a worker tells of, by what became of them."""
    events = cast(Mapping[str, Mapping[str, int]], status.get("events", {}))
    return events.get(_LIVE, {})


def has_worked(status: Status, ends: Ends, partitions: int, last_day: Day) -> bool:
    """Whether a worker has applied and published everything up to `ends`, and closed the day."""
    owned = cast(Mapping[str, Mapping[str, Any]], status["partitions"])
    return len(owned) == partitions and all(
        one["phase"] == _LIVE
        and one["closed"] == last_day
        and not one["is_publishing"]
        and all(
            one["committable"].get(topic.name, 0) >= of_topic[int(partition)]
            for topic, of_topic in ends.items()
        )
        for partition, one in owned.items()
    )
