"""One university for all scenarios; how large, and how often, is said by the environment.

CHAOS_EVENTS: events in the window before the load begins; CHAOS_STUDENTS; CHAOS_RATE: events a
second; CHAOS_ROUNDS: random actions; CHAOS_SEED: of all that is random.
"""

import os
from collections.abc import Iterator

import pytest

from deploy.local.stack import Addresses
from scoring.policy import parse_policy
from tests.chaos.broker import Broker
from tests.chaos.campus import ZONE, Scale, make_campus, policy_text
from tests.chaos.chaos import Chaos, Silence
from tests.chaos.fleet import Fleet
from tests.chaos.load import Load
from tests.chaos.proxy import Proxy
from tests.chaos.verifier import Verifier
from tests.chaos.watcher import Watcher
from tests.conftest import ROOT

SILENCES = pytest.StashKey[list[Silence]]()
SCALE = Scale(
    partitions=6,
    students=int(os.environ.get("CHAOS_STUDENTS", "300")),
    history=int(os.environ.get("CHAOS_EVENTS", "20000")),
    live=int(os.environ.get("CHAOS_RATE", "300")),
)
SEED = int(os.environ.get("CHAOS_SEED", "1"))


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A Kafka that may be killed."""
    with Broker(tmp_path_factory.mktemp("broker") / "kafka", java_parts=ROOT / ".java") as broker:
        yield broker


@pytest.fixture(scope="session")
def proxy(broker: Broker) -> Iterator[Proxy]:
    """A way to it on which requests can be held up."""
    with Proxy(broker.proxy_port, broker.proxied_port) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def at_work(
    stack: Addresses,
    broker: Broker,
    proxy: Proxy,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Chaos]:
    folder = tmp_path_factory.mktemp("chaos")
    campus = make_campus(
        "chaos", SCALE, kafka=broker.address, registry=stack.registry, folder=folder, seed=SEED
    )
    policy = parse_policy(policy_text(SCALE), origin="chaos")
    verifier = Verifier(broker.address, "chaos", policy, zone=ZONE, partitions=SCALE.partitions)
    with (
        Load(campus, seed=SEED) as load,
        Watcher(campus) as watcher,
        Fleet(campus, folder / "logs") as fleet,
    ):
        chaos = Chaos(campus, broker, proxy, fleet, load, watcher, verifier)
        request.config.stash[SILENCES] = chaos.silences
        yield chaos
    verifier.close()


@pytest.fixture
def chaos(at_work: Chaos) -> Chaos:
    """Two workers that share all partitions, and a load."""
    at_work.pair()
    return at_work


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """How long each partition was silent."""
    silences = config.stash.get(SILENCES, [])
    if not silences:
        return
    terminalreporter.section(
        f"silence of each partition in seconds (seed {SEED}, {SCALE.history:,} events in the"
        f" window, {SCALE.live:,} more a second)"
    )
    width = max(len(silence.action) for silence in silences)
    for silence in silences:
        each = " ".join(f"{seconds:6.2f}" for seconds in silence.by_partition)
        longest = max(silence.by_partition)
        terminalreporter.write_line(
            f"{silence.action:{width}}  longest {longest:6.2f}  each {each}"
            f"  all live after {silence.settled_s:6.2f}"
        )
