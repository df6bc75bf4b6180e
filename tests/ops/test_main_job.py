"""The main job, end to end, as an operator runs it: real parts, real data, real processes.

The tests build on one another: the demonstration's results are what the others compare with.
"""

import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.oulad.files import shipped
from ops.commands.publish import publish_oulad
from ops.demo.processes import RunningProcess, Status
from ops.demo.run import POLICY
from ops.demo.verify import published_closings
from ops.demo.waiting import wait_for_sink, wait_for_worker
from ops.generation import Generation, marked_days, open_generation, publish_policy
from schemas.types import Clock
from sinks.queries import Queries
from tests.ops.site import Site

pytestmark = [pytest.mark.stack, pytest.mark.timeout(600)]

EVENTS = 1_246_652 + 3_149 - 42
CLOSINGS = 180_689
OUTPUTS = {
    "indicator",
    "indicator.day",
    "indicator.change",
    "daily",
    "alert",
    "alert.compliance",
    "day.closed",
    "quarantine",
    "feed.gap",
}


@pytest.fixture(scope="module")
def demonstrated(site: Site) -> dict[str, Any]:
    status, out, err = site.leap("demo", "--json")
    assert status == 0, err + out
    report: dict[str, Any] = json.loads(out)
    return report


def test_the_demonstration_reconciles_and_equals_the_oracle(
    demonstrated: dict[str, Any],
) -> None:
    assert demonstrated["reconciles"], demonstrated["problems"]
    assert demonstrated["events_published"] == demonstrated["events_applied"] == EVENTS
    assert demonstrated["duplicates"] == demonstrated["too_late"] == 0
    assert demonstrated["quarantined"] == 0
    assert demonstrated["oracle_equal"]
    assert demonstrated["oracle_compared"] == demonstrated["closings"] == CLOSINGS
    assert demonstrated["chain_breaks"] == 0
    assert demonstrated["students"] == 712
    assert demonstrated["output_end_offsets"].keys() == OUTPUTS
    assert demonstrated["clickhouse_rows"]["event"] == EVENTS
    assert sum(demonstrated["bands"].values()) > 0


def test_a_student_is_explained_from_what_stands_in_clickhouse(
    site: Site, demonstrated: dict[str, Any]
) -> None:
    status, out, _ = site.leap("student", "oulad:11391", "--as-of", "2014-02-12", "--json")
    assert status == 0
    record = json.loads(out)
    assert record["status"] == "scored"
    assert {part["kind"] for part in record["contributions"]} == {"moodle_course", "faser_upload"}
    status, text, _ = site.leap("student", "oulad:11391", "--as-of", "2014-02-12", "--verify")
    assert status == 0, text
    assert "Verified" in text
    assert f"{record['score']:.2f} of 100" in text
    assert site.leap("student", "oulad:11391", "--as-of", "2012-02-12")[0] == 1


def test_publishing_everything_again_moves_nothing(
    site: Site, demonstrated: dict[str, Any]
) -> None:
    status, out, err = site.leap("demo", "--rerun", "--json")
    assert status == 0, err + out
    again = json.loads(out)
    assert again["duplicates"] + again["too_late"] == again["events_published"] == EVENTS
    assert again["duplicates"] > 0
    assert again["events_applied"] == again["quarantined"] == 0
    for figure in ("output_end_offsets", "clickhouse_rows", "bands", "changes", "closings"):
        assert again[figure] == demonstrated[figure]


def test_a_worker_killed_within_its_work_changes_nothing_of_the_result(
    site: Site, demonstrated: dict[str, Any], tmp_path: Path
) -> None:
    context = site.context.with_generation("killed", clock=Clock.REPLAY)
    generation = open_generation(context)
    publish_policy(generation, POLICY.read_text(), origin="demo.yaml")
    publish_oulad(context, generation, shipped())
    kill_within_the_work(generation, tmp_path)
    with worker_of(generation, tmp_path) as worker:
        wait_for_worker(worker, generation, max(day for _, day in marked_days(generation)))
    with RunningProcess.start(
        "sink", environment={"LEAP_GENERATION": generation.name}, logs=tmp_path
    ) as sink:
        wait_for_sink(sink, generation)
    killed, whole = site.queries(context), demonstrated_queries(site, demonstrated)
    assert published_closings(killed) == published_closings(whole)
    assert killed.band_counts() == whole.band_counts()
    assert killed.changes_chain_breaks() == 0
    for student in whole.students(limit=20):
        assert [c.band for c in killed.changes(student)] == [c.band for c in whole.changes(student)]


def kill_within_the_work(generation: Generation, logs: Path) -> None:
    """SIGKILL after the first transactions, long before the last."""

    def has_begun(status: Status) -> bool:
        transactions = status["transactions"]
        return isinstance(transactions, int) and transactions >= 3

    worker = worker_of(generation, logs)
    status = worker.wait_until(has_begun, timeout_s=120, what="its first transactions")
    os.kill(worker.pid, signal.SIGKILL)
    worker.stop()
    assert isinstance(status["transactions"], int)
    assert status["transactions"] < generation.partitions


def worker_of(generation: Generation, logs: Path) -> RunningProcess:
    return RunningProcess.start(
        "worker", environment={"LEAP_GENERATION": generation.name}, logs=logs
    )


def demonstrated_queries(site: Site, demonstrated: Mapping[str, Any]) -> Queries:
    return site.queries(site.context.with_generation(demonstrated["generation"]))
