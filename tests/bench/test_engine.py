"""The engine's benchmark, tiny, end to end: every figure is there, and none is impossible."""

import json
from typing import Any

import pytest

from tests.ops.site import Site

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

EVENTS, STUDENTS, DAYS = 20_000, 500, 5


@pytest.fixture(scope="module")
def measured(site: Site) -> dict[str, Any]:
    sizes = {
        "events": EVENTS,
        "students": STUDENTS,
        "days": DAYS,
        "partitions": 2,
        "slow-events": 2_000,
        "closing-students": 2_000,
        "seconds": 1,
    }
    options = [word for name, size in sizes.items() for word in (f"--{name}", str(size))]
    status, out, err = site.leap("bench", "engine", *options, "--json")
    assert status == 0, err + out
    record: dict[str, Any] = json.loads(out)
    return record


def test_every_headline_figure_is_there_and_positive(measured: dict[str, Any]) -> None:
    for name in (
        "events_per_second",
        "cpu_seconds_per_million",
        "replay_events_per_second",
        "peak_rss_mb",
        "warm_seconds",
        "close_seconds_per_million_students",
        "busy_close_seconds_per_million_students",
        "slow_path_records_per_second",
        "live_cpu_seconds_per_million",
    ):
        assert measured[name] > 0, name
    assert all(rate > 0 for rate in measured["handout_events_per_second"].values())
    assert 0 < measured["latency_ms"]["p50"] <= measured["latency_ms"]["p99"]


def test_every_event_is_accounted_for(measured: dict[str, Any]) -> None:
    backlog, replay, slow_path = measured["runs"]
    assert backlog["events"] == replay["events"] == EVENTS
    assert slow_path["events"] == 2_000
    assert [run["events"] for run in measured["handouts"]] == [EVENTS, EVENTS]


def test_the_first_worker_tells_of_every_student_and_the_second_has_nothing_to_say(
    measured: dict[str, Any],
) -> None:
    backlog, replay, _ = measured["runs"]
    # a closing, a change and an indicator each, and at most a row a student and day
    assert 3 * STUDENTS < backlog["records_out"] < (3 + DAYS) * STUDENTS + 100
    assert replay["records_out"] == 0


def test_each_event_of_the_latency_run_leads_to_a_change(measured: dict[str, Any]) -> None:
    for stream in measured["latency"]:
        assert stream["arrived"] == stream["sent"] > 0
