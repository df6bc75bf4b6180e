"""A campus that is made up goes to Kafka at once, and is what its summary says."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ops.generation import open_generation
from schemas.topics import ACTIVITY
from schemas.types import Kind
from tests.leap import app
from tests.ops.site import Site

SIMULATE = ["simulate", "--students", "5", "--weeks", "2", "--rate", "5000", "--to-kafka", "--json"]


def test_a_rate_without_kafka_is_refused(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["simulate", str(tmp_path), "--rate", "5"])
    assert "--to-kafka" in str(done.exception) + done.output
    assert done.exit_code


@pytest.mark.stack
def test_everything_that_is_simulated_lies_in_kafka(site: Site, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app,
        [
            "simulate",
            str(tmp_path),
            *["--students", "5", "--weeks", "2", "--rate", "5000", "--to-kafka", "--json"],
        ],
        env={**site.environment, "LEAP_GENERATION": "simulated", "LEAP_PARTITIONS": "2"},
    )
    assert done.exit_code == 0, (done.output, done.exception)
    summary = json.loads(done.stdout)
    published = summary["published"]
    assert published["reconciled"]
    assert published["quarantined"] == published["skipped"] == {}
    told = sum(summary["events"].values()) - summary["lost"] + summary["repeated"]
    assert sum(published["events"].values()) == told
    generation = open_generation(site.context.with_generation("simulated", partitions=2))
    for kind, count in published["events"].items():
        assert len(generation.read(ACTIVITY[Kind(kind)])) == count
