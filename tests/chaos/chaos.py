"""A university under load, what happens to its workers, and what has to hold afterwards."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.chaos.broker import Broker
from tests.chaos.campus import Campus
from tests.chaos.fleet import START_S, Fleet, Worker
from tests.chaos.load import Load
from tests.chaos.proxy import Proxy
from tests.chaos.steps import Step
from tests.chaos.until import until
from tests.chaos.verifier import Verdict, Verifier
from tests.chaos.watcher import Watcher

FIRST, SECOND, THIRD = "w0", "w1", "w2"
PAIR = (FIRST, SECOND)
HEARD_S = 60.0
RIGHT_S = 60.0


@dataclass(frozen=True)
class Silence:
    """How long each partition said nothing after an action; seconds."""

    action: str
    settled_s: float
    by_partition: list[float]


@dataclass
class Chaos:
    """Two workers share the partitions between any two scenarios."""

    campus: Campus
    broker: Broker
    proxy: Proxy
    fleet: Fleet
    load: Load
    watcher: Watcher
    verifier: Verifier
    silences: list[Silence] = field(default_factory=list)

    @property
    def second(self) -> Worker:
        """The one to which things happen."""
        return self.fleet.workers[SECOND]

    def pair(self, deadline_s: float = START_S) -> None:
        """The state in which every scenario begins: two workers, and a load."""
        for name in set(self.fleet.workers) - set(PAIR):
            if self.fleet.workers[name].is_running:
                self.fleet.workers[name].terminate()
            del self.fleet.workers[name]
        for name in PAIR:
            if name not in self.fleet.workers or not self.fleet.workers[name].is_running:
                self.fleet.start(name)
        self.fleet.settle(*PAIR, deadline_s=deadline_s)
        self.load.resume()
        self.wait_until_heard()

    def start_and_kill_at(self, step: Step, name: str) -> None:
        """Start a worker of this name, and kill it at a step of its partitions' lives."""
        with self.proxy.hold(step.api, step.containing, answers=step.is_answered) as hold:
            worker = self.fleet.start(name, kafka=self.proxy.address)
            assert hold.reached.wait(START_S), f"{step.name} was not reached: {worker.said()}"
            if step.phase is not None:
                until(lambda: worker.phases() == {step.phase}, f"at {step.name}", START_S)
            worker.kill()

    @contextmanager
    def measured(self, action: str) -> Iterator[None]:
        """Measure the silences from now until every partition is heard after the context."""
        since = time.monotonic()
        yield
        settled = time.monotonic()
        self.wait_until_heard()
        self.silences.append(
            Silence(action, settled - since, self.watcher.silences(since, to=time.monotonic()))
        )

    def wait_until_heard(self) -> None:
        """Until a subscriber has heard of each partition once more."""
        since = time.monotonic()
        until(lambda: self.watcher.heard_since(since), "every partition was heard", HEARD_S)

    def verify(self) -> Verdict:
        """Stop the load, and hold what was published against what the log says.

        What is published last may still be on its way; a chain that is broken stays so.
        """
        self.load.pause()
        deadline: float | None = None
        while True:
            verdict = self.verifier.look()
            assert not verdict.broken, verdict.broken[:5]
            if not verdict.wrong:
                return verdict
            now = time.monotonic()
            deadline = deadline or now + RIGHT_S  # the first look takes long, if there is history
            assert now < deadline, (len(verdict.wrong), verdict.wrong[:5])
