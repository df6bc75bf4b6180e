"""A load run of the collector, with a broker that is killed in the middle: not part of CI.

python -m tests.connectors.collector_load --seconds 30 --rate 2000 --restart

Prints one JSON object: what was acknowledged and stored; how long batches took, from the moment
they were due; and the CPU time that a batch took of the collector. The first seconds are told by
themselves: the broker is a virtual machine that has just started, and answers ten times as slowly.
Exit status 1 when acknowledged is not what is stored.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import threading
from pathlib import Path

from deploy.local.stack import LocalStack
from ops.context import Context
from ops.generation import open_generation
from ops.settings import load_settings
from tests.chaos.broker import Broker
from tests.chaos.until import until
from tests.connectors.collector.load import Outcome, Plan, send
from tests.connectors.collector.process import START_S, CollectorRunning, load_students
from tests.connectors.collector.stored import read_stored

ROOT = Path(__file__).parents[2]


def environment_of(kafka: str, registry: str, folder: Path, partitions: int) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "LEAP_KAFKA": kafka,
        "LEAP_REGISTRY": registry,
        "LEAP_CLICKHOUSE": "http://127.0.0.1:1",  # nobody asks it
        "LEAP_SITE_KEY": "0123456789abcdef0123456789abcdef",
        "LEAP_FOLDER": str(folder),
        "LEAP_GENERATION": "collected",
        "LEAP_PARTITIONS": str(partitions),
    }


def run_load(
    kafka: Broker,
    registry: str,
    folder: Path,
    plan: Plan,
    *,
    is_restarted: bool,
    warm_s: float = 0.0,
) -> dict[str, object]:
    """Send; in the middle, kill the broker and start it again. What was acknowledged and stored."""
    environment = environment_of(kafka.address, registry, folder, partitions=24)
    context = Context(load_settings(environment))
    generation = open_generation(context)
    load_students(environment, folder, plan.students)
    restarted: list[threading.Thread] = []

    def told(acknowledged: int) -> None:
        if is_restarted and not restarted and acknowledged >= plan.statements // 2:
            thread = threading.Thread(target=restart, name="restart")
            restarted.append(thread)
            thread.start()

    def restart() -> None:
        kafka.kill()
        kafka.start()

    with CollectorRunning(environment, folder) as collector:
        until(collector.answers, "the collector answers", START_S)
        used = collector.cpu_s()
        outcome: Outcome = asyncio.run(send(collector.url, collector.secret, plan, told))
        for thread in restarted:
            thread.join()
        used = collector.cpu_s() - used
        mean_ms = collector.mean_request_ms()
    stored = read_stored(generation)
    context.close()
    return {
        **outcome.report(after_s=warm_s),
        "collector_cpu_ms_per_batch": round(1000 * used / len(outcome.batches), 2),
        "collectors_own_mean_ms": round(mean_ms, 1),
        "load_average": round(os.getloadavg()[0], 1),
        "restarted": len(restarted),
        "acknowledged_is_stored": stored.numbers == outcome.acknowledged
        and stored.events == len(outcome.acknowledged),
        "records_stored_twice": stored.records - stored.events,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.connectors.collector_load")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=2000.0)
    parser.add_argument("--batch", type=int, default=50)
    parser.add_argument("--students", type=int, default=2000)
    parser.add_argument("--warm", type=float, default=5.0, help="seconds that are told apart")
    parser.add_argument("--restart", action="store_true")
    given = parser.parse_args()
    plan = Plan(round(given.seconds * given.rate), given.batch, given.rate, given.students)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        local = LocalStack(folder / "stack", java_parts=ROOT / ".java")
        try:
            registry = local.up().registry
            with Broker(folder / "kafka", java_parts=ROOT / ".java") as kafka:
                report = run_load(
                    kafka,
                    registry,
                    folder,
                    plan,
                    is_restarted=given.restart,
                    warm_s=given.warm,
                )
        finally:
            local.down()
    print(json.dumps(report, indent=1))
    return 0 if report["acknowledged_is_stored"] else 1


if __name__ == "__main__":
    sys.exit(main())
