"""How fast one worker is warm, and how fast two are that share the same topics: `make scale`.

A first worker publishes everything there is; then workers start again with nothing in their hands,
and read all of it: memory and events. Measured from the first fetch of events by any of them until
every partition is live. The broker runs on the same cores, so two are not twice as fast here.
"""

import argparse
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from deploy.local.stack import LocalStack
from ops.console import OUT, table
from tests.chaos.campus import Campus, Scale, make_campus
from tests.chaos.fleet import LIVE, Fleet
from tests.chaos.until import until

ROOT = Path(__file__).parents[2]
PARTITIONS = 24
DEADLINE_S = 300.0


@dataclass(frozen=True)
class Warmed:
    """One start of some processes."""

    processes: int
    started_s: float  # from the start of the processes until all is live
    replay_s: float  # from the first fetch
    cpu_s: float


def warmed(campus: Campus, processes: int, folder: Path) -> Warmed:
    """Start that many, wait until they are live, and stop them."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    with Fleet(campus, folder) as fleet:
        parent = fleet.start("m", "--processes", str(processes))
        ports = [parent.port + number for number in range(processes)]

        def are_live() -> bool:
            told = [parent.partitions(port) for port in ports]
            phases = [one["phase"] for of_port in told for one in of_port.values()]
            return phases == [LIVE] * campus.scale.partitions and all(told)

        until(are_live, "all are live", DEADLINE_S)
        live = time.monotonic()
        first = min(float(str((parent.status(p) or {})["first_fetch_s"])) for p in ports)
        parent.terminate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Warmed(processes, live - began, live - first, cpu)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--students", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=2)
    asked = parser.parse_args()
    scale = Scale(PARTITIONS, asked.students, asked.events, live=0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        stack = LocalStack(folder / "stack", java_parts=ROOT / ".java")
        try:
            addresses = stack.up()
            campus = make_campus(
                "scale",
                scale,
                kafka=addresses.kafka,
                registry=addresses.registry,
                folder=folder / "site",
                seed=1,
            )
            warmed(campus, 1, folder / "first")
            found = [
                warmed(campus, processes, folder / f"{number}.{processes}")
                for number in range(asked.rounds)
                for processes in (1, 2)
            ]
        finally:
            stack.down()
    columns = ["processes", "events/s", "replay s", "start to live s", "CPU s"]
    rows = [
        [w.processes, round(asked.events / w.replay_s), w.replay_s, w.started_s, w.cpu_s]
        for w in found
    ]
    title = f"{asked.events:,} events, {asked.students:,} students, {PARTITIONS} partitions"
    OUT.print(table(title, columns, rows))


if __name__ == "__main__":
    main()
