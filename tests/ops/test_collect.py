"""From a request to records: `leap collect` on a real broker. The tests build on one another."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner

from connectors.collector import credentials
from ops.generation import Generation, open_generation
from schemas import topics
from schemas.errors import SettingsError
from schemas.reasons import Reason
from schemas.types import Kind
from tests.chaos.until import until
from tests.connectors.collector.face import STATEMENTS, VERSION, envelope, event, statement
from tests.connectors.collector.process import START_S, CollectorRunning, load_students
from tests.leap import app
from tests.ops.site import Site

pytestmark = pytest.mark.stack

NAME = "collect"


@pytest.fixture(scope="module")
def generation(site: Site) -> Generation:
    return open_generation(site.context.with_generation(NAME, partitions=3))


@pytest.fixture(scope="module")
def collector(
    site: Site, generation: Generation, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CollectorRunning]:
    folder = tmp_path_factory.mktemp("collect")
    environment = {**site.environment, "LEAP_GENERATION": generation.name, "LEAP_PARTITIONS": "3"}
    load_students(environment, folder, 9)
    with CollectorRunning(environment, folder) as running:
        until(running.answers, "the collector answers", START_S)
        yield running


def test_what_is_acknowledged_lies_on_its_topic(
    collector: CollectorRunning, generation: Generation
) -> None:
    headers = {"Authorization": f"Bearer {collector.secret}", **VERSION}
    sent = [statement(n, str(n)) for n in range(1, 10)] + [statement(10, "stranger")]
    with httpx2.Client(base_url=collector.url, headers=headers) as client:
        assert client.post(STATEMENTS, json=sent).json() == [one["id"] for one in sent]
        assert client.post(STATEMENTS, json=sent).status_code == 200
        conflicting = statement(1, "2")
        assert client.post(STATEMENTS, json=conflicting).status_code == 409
        assert client.post("/caliper", json=envelope(event(1), event(2))).status_code == 200
    views = generation.read(topics.ACTIVITY[Kind.MOODLE_COURSE])
    assert len(views) == views["event_id"].n_unique() == 9 + 2
    assert set(views["feed"]) == {"moodle"}
    quarantined = generation.read(topics.QUARANTINE)
    assert quarantined["reason"].to_list() == [Reason.UNKNOWN_IDENTITY.value]


def test_asked_to_stop_it_ends_well(collector: CollectorRunning) -> None:
    collector.terminate()
    until(collector.has_ended, "it has ended", START_S)
    assert collector.status == 0, collector.said()


def test_a_replay_generation_is_refused_with_a_sentence(site: Site, tmp_path: Path) -> None:
    senders = tmp_path / "senders.yaml"
    hashed = credentials.hashed(credentials.draw())
    senders.write_text(f"senders: {{moodle: {{credentials: [{hashed}]}}}}")
    environment = {
        **site.environment,
        "LEAP_GENERATION": "collectreplay",
        "LEAP_PARTITIONS": "1",
        "LEAP_CLOCK": "replay",
    }
    done = CliRunner().invoke(app, ["collect", "--senders", str(senders)], env=environment)
    assert isinstance(done.exception, SettingsError)
    assert "collect into another generation" in str(done.exception)
