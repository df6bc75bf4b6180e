"""Side by side: this engine and its peers over the same topics, one after the other.

1. The topics are filled.
2. A worker works off the backlog: everything is applied, evaluated once, and published.
3. A second worker takes over from what is committed: it reads back what was published, replays the
   window, compares, and has nothing to say. What takes it long is what a restart takes.
4. Clients hand the same records out, and nothing else.
5. The peers do their job on them (`bench.job`).
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Final

from bench.figures import Absent, Run
from bench.generations import DEFAULT_LOOK_BACK_DAYS, Bench, generation_for
from bench.peers.environment import peers_python
from bench.publishing import publish_events, publish_students
from bench.running import Entrant, run_entrant
from bench.workers import until_done, worker_of
from bench.workload import ONE_KIND, SHARES, Workload
from ops.context import Context
from schemas.types import Clock, Day
from streams.campus import from_date

FIRST_DAY: Final = from_date(date(2025, 10, 1))
TEN_KINDS_PARTITIONS: Final = 24
ONE_TOPIC_PARTITIONS: Final = 4
ENGINE: Final = "leap"
ENGINE_REPLAY: Final = "leap, replay"

AIOKAFKA: Final = Entrant("aiokafka, handing out", "bench.entrants.handout_aiokafka", 600)
CONFLUENT: Final = Entrant("confluent-kafka, handing out", "bench.entrants.handout_confluent", 600)
_FAUST: Final = ("Faust, a Table", "bench.entrants.faust_table")
_QUIX: Final = ("Quix Streams", "bench.peers.quix_streams")
_BYTEWAX: Final = ("Bytewax", "bench.peers.bytewax_flow")
_PEER_TIMEOUT_S: Final = 400.0

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Setting:
    """Topics and what lies on them."""

    name: str
    workload: Workload
    partitions: int
    clock: Clock = Clock.REPLAY
    look_back_days: int = DEFAULT_LOOK_BACK_DAYS

    @classmethod
    def ten_kinds(cls, events: int, students: int, days: int, partitions: int) -> "Setting":
        """As in production: ten kinds, each a topic."""
        workload = Workload(events, students, FIRST_DAY, days, SHARES)
        return cls(f"ten kinds x {partitions}", workload, partitions)

    @classmethod
    def one_topic(cls, events: int, students: int, days: int, partitions: int) -> "Setting":
        """As the peers had it: everything on one topic."""
        workload = Workload(events, students, FIRST_DAY, days, ONE_KIND)
        return cls(f"one topic x {partitions}", workload, partitions)

    @classmethod
    def until_yesterday(
        cls, events: int, students: int, partitions: int, look_back_days: int, today: Day
    ) -> "Setting":
        """A horizon full of events, as a worker that starts today finds it."""
        first = Day(today - look_back_days)
        workload = Workload(events, students, first, look_back_days, SHARES)
        name = f"{students:,} students, {look_back_days} days"
        return cls(name, workload, partitions, Clock.WALL, look_back_days)


@dataclass(frozen=True, slots=True)
class EngineRuns:
    """What the engine showed on the topics of a setting."""

    backlog: Run
    """Everything applied and published."""
    replay: Run
    """A second worker, from its first fetch until it was live; nothing to publish."""
    warm_s: float
    """The same from the start of its process on, reading back what was published included."""


@contextmanager
def filled(
    context: Context,
    setting: Setting,
    say: Say,
    *,
    marked: Sequence[Day] = (),
    with_headers: bool = False,
) -> Iterator[Bench]:
    """A generation that holds the setting's workload.

    `marked`: the days behind which there is a mark, by default the last one alone: the backlog is
    evaluated once, when it is applied.
    """
    workload = setting.workload
    with generation_for(
        context,
        "c",
        clock=setting.clock,
        partitions=setting.partitions,
        look_back_days=setting.look_back_days,
    ) as bench:
        say(f"{setting.name}: publishing {workload.events:,} events")
        publish_students(bench.generation, workload.pseudonyms(), workload.first)
        publish_events(
            bench.generation, workload, marked=marked or [workload.last], with_headers=with_headers
        )
        yield bench


def run_engine(bench: Bench, setting: Setting, say: Say) -> EngineRuns:
    """Steps 2 and 3."""
    say(f"{setting.name}: {ENGINE}")
    backlog = run_backlog(bench, setting, ENGINE)
    say(f"{setting.name}: {ENGINE_REPLAY}")
    with worker_of(bench) as worker:
        worked = until_done(worker, bench, setting.workload.last)
    replay = Run(
        entrant=ENGINE_REPLAY,
        topics=setting.name,
        events=worked.events("replay"),
        records_out=worked.records_out,
        seconds=worked.done_s - worked.first_fetch_s,
        cpu_seconds=worker.watch.cpu_s(worked.first_fetch_s, worked.done_s),
        peak_rss_mb=worker.watch.peak_rss_mb,
    )
    return EngineRuns(backlog, replay, worked.done_s - worker.started_s)


def run_backlog(bench: Bench, setting: Setting, name: str) -> Run:
    """Step 2."""
    with worker_of(bench) as worker:
        worked = until_done(worker, bench, setting.workload.last)
    return Run(
        entrant=name,
        topics=setting.name,
        events=worked.events("live"),
        records_out=worked.records_out,
        seconds=worked.last_publish_s - worked.first_fetch_s,
        cpu_seconds=worker.watch.cpu_s(worked.first_fetch_s, worked.last_publish_s),
        peak_rss_mb=worker.watch.peak_rss_mb,
    )


def run_handouts(bench: Bench, setting: Setting, say: Say) -> list[Run | Absent]:
    """Step 4: records handed out one by one, and nothing else."""
    found: list[Run | Absent] = []
    for entrant in (AIOKAFKA, CONFLUENT):
        say(f"{setting.name}: {entrant.name}")
        found.append(run_entrant(entrant, bench, setting.workload, setting.name))
    return found


def run_peers(
    bench: Bench, setting: Setting, say: Say, *, faust_events: int, quix_events: int
) -> list[Run | Absent]:
    """Step 5: the peers; the slow ones stop after that many events."""
    faust = Entrant(*_FAUST, _PEER_TIMEOUT_S, faust_events)
    say(f"{setting.name}: {faust.name}")
    found = [run_entrant(faust, bench, setting.workload, setting.name)]
    python = peers_python(bench.context.settings.folder / "bench")
    for (name, module), limit in ((_QUIX, quix_events), (_BYTEWAX, None)):
        say(f"{setting.name}: {name}")
        if isinstance(python, Absent):
            found.append(Absent(name, python.reason))
        else:
            peer = Entrant(name, module, _PEER_TIMEOUT_S, limit, python)
            found.append(run_entrant(peer, bench, setting.workload, setting.name))
    return found
