"""Starts an entrant as a process of its own, watches it, and reads its report."""

import json
import os
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from bench.figures import Absent, Run
from bench.generations import POLICY, Bench
from bench.job import Report, Task
from bench.watching import Watch
from bench.workload import Workload
from deploy.local import detached
from schemas.avro import schema_of
from schemas.topics import ACTIVITY
from scoring.policy import parse_policy

_POLL_S: Final = 0.05
_LAST_LINES: Final = 5


@dataclass(frozen=True, slots=True)
class Entrant:
    """A program that reads a task and writes a report."""

    name: str
    module: str
    timeout_s: float
    events_limit: int | None = None
    """It gets no more than these, because it is slow; its figures are those of a part."""
    interpreter: str = sys.executable


def run_entrant(entrant: Entrant, bench: Bench, workload: Workload, topics: str) -> Run | Absent:
    """Run it over the events of a generation; `topics` says which they are, for people."""
    events = min(workload.events, entrant.events_limit or workload.events)
    short = entrant.module.rpartition(".")[2].replace("_", "")
    folder = bench.context.settings.folder / "bench" / bench.generation.name / short
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    task = _task(bench, workload, events, bench.new_topic(short), short, folder.absolute())
    file = folder / "task.json"
    file.write_text(json.dumps(asdict(task)))
    log = folder / "log"
    pid = detached.start(
        entrant.module,
        str(file.absolute()),
        log=log,
        environment=dict(os.environ),
        interpreter=entrant.interpreter,
    )
    try:
        with Watch(pid) as watch:
            found = _wait(entrant, pid, Path(task.result), log)
    finally:
        detached.end(pid, timeout_s=_POLL_S)
    if isinstance(found, Absent):
        return found
    return Run(
        entrant=entrant.name,
        topics=topics,
        events=found.events,
        records_out=found.records_out,
        seconds=found.done_s - found.first_s,
        cpu_seconds=watch.cpu_s(found.first_s, found.done_s),
        peak_rss_mb=watch.peak_rss_mb,
    )


def _wait(entrant: Entrant, pid: int, result: Path, log: Path) -> Report | Absent:
    deadline = time.monotonic() + entrant.timeout_s
    while True:
        ended = detached.status(pid)
        if result.exists():
            report: dict[str, Any] = json.loads(result.read_text())
            return Report(**report)
        if ended is not None:
            lines = log.read_text(errors="replace").strip().splitlines()[-_LAST_LINES:]
            return Absent(entrant.name, f"it ended with status {ended}: {' / '.join(lines)}")
        if time.monotonic() > deadline:
            return Absent(entrant.name, f"it was not done within {entrant.timeout_s:.0f} s")
        time.sleep(_POLL_S)


def _task(
    bench: Bench, workload: Workload, events: int, output: str, short: str, folder: Path
) -> Task:
    policy = parse_policy(POLICY.read_text(), origin="bench/policy.yaml")
    names = {kind: ACTIVITY[kind].full_name(bench.generation.name) for kind in workload.kinds}
    return Task(
        bootstrap=bench.generation.client.bootstrap,
        topics={name: kind.value for kind, name in names.items()},
        schemas={name: schema_of(ACTIVITY[kind]) for kind, name in names.items()},
        weights={kind.value: rule.weight for kind, rule in policy.kinds.items()},
        saturations={kind.value: rule.saturation for kind, rule in policy.kinds.items()},
        events=events,
        partitions=bench.generation.partitions,
        output=output,
        name=f"leap.{bench.generation.name}.{short}",
        folder=str(folder / "state"),
        result=str(folder / "report.json"),
    )
