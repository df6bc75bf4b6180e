"""A campus that is published at a rate: the events of its files, side by side, and never faster."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.configuration import read_configuration
from connectors.dry import Everybody
from connectors.incremental import IncrementalSource
from connectors.options import Setting
from connectors.positions import MemoryPositions
from connectors.run import Surroundings, run
from connectors.simulator.campus import CONFIGURATION, write_campus
from connectors.simulator.in_step import InStep
from connectors.simulator.pace import Paced
from connectors.simulator.plan import Plan
from tests.connectors.connected import CAMPUS
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.world import DESTINATION, PARTITIONS, SITE_KEY, ZONE, by_id

NOW_MS = 1_790_000_000_000


@dataclass(slots=True)
class Clock:
    """Moves when somebody waits, and by itself for `work_s` whenever it is looked at."""

    work_s: float
    now: float = 0.0

    def now_s(self) -> float:
        self.now += self.work_s
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


@dataclass(slots=True)
class Timed(MemoryPublisher):
    """Keeps when each record came, too."""

    clock: Clock = field(default_factory=lambda: Clock(0))
    at: list[float] = field(default_factory=list)

    def publish(
        self,
        topic: str,
        values: Sequence[bytes],
        keys: Sequence[bytes],
        partitions: Sequence[int],
    ) -> None:
        self.at += [self.clock.now] * len(values)
        MemoryPublisher.publish(self, topic, values, keys, partitions)


@settings(max_examples=30)
@given(
    st.lists(st.integers(0, 300), max_size=6),
    st.sampled_from([1.0, 7.0, 100.0, 5000.0]),
    st.sampled_from([0.0, 0.01, 3.0]),
)
def test_no_second_holds_more_than_the_rate_and_nothing_is_lost(
    batches: list[int], rate: float, work_s: float
) -> None:
    clock = Clock(work_s)
    inner = Timed(PARTITIONS, clock=clock)
    paced = Paced(inner, rate, now_s=clock.now_s, wait=clock.wait)
    values = [[b"%d/%d" % (batch, n) for n in range(count)] for batch, count in enumerate(batches)]
    for batch in values:
        paced.publish("topic", batch, batch, [0] * len(batch))
    paced.flush()
    assert [kept.value for kept in inner.log] == [value for batch in values for value in batch]
    piece = max(1, round(rate / 20))
    for first, at in enumerate(inner.at):
        within = sum(one < at + 1 for one in inner.at[first:])
        assert within <= rate + piece


def sources(folder: Path) -> list[IncrementalSource]:
    configured = read_configuration(folder / CONFIGURATION)
    return [one.build(Setting(name, name, CAMPUS)) for name, one in configured.items()]


def published(source: IncrementalSource, publisher: MemoryPublisher, people: Everybody) -> None:
    around = Surroundings(site_key=SITE_KEY, people=people, zone=CAMPUS, now_ms=lambda: NOW_MS)
    run(source, publisher, DESTINATION, MemoryPositions(), around)


def test_side_by_side_gives_the_events_of_each_and_all_go_on_together(tmp_path: Path) -> None:
    write_campus(Plan(1, 40, date(2025, 10, 6), 6), tmp_path, ZONE)
    people = Everybody()
    alone, together = MemoryPublisher(PARTITIONS), MemoryPublisher(PARTITIONS)
    for source in sources(tmp_path):
        published(source, alone, people)
    published(InStep("campus", sources(tmp_path)), together, people)
    assert by_id(together) == by_id(alone)
    far: dict[str, float] = {}
    for block in InStep("campus", sources(tmp_path)).read({}):
        behind = [other for name, other in far.items() if name != block.input]
        assert far.get(block.input, 0.0) <= min(behind, default=1.0)
        far[block.input] = block.done / block.total if block.total else 1.0
    assert set(far.values()) == {1.0}
