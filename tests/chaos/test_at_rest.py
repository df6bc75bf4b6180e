"""Workers where nothing happens: one that hangs, one without marks, and two under one parent."""

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.stack import Addresses
from streams.horizon import LIVE_AHEAD_DAYS
from tests.chaos.broker import Broker
from tests.chaos.campus import CLOSED_DAYS, Campus, Scale, make_campus
from tests.chaos.fleet import START_S, Fleet, Worker
from tests.chaos.proxy import Api, Proxy
from tests.chaos.until import until

pytestmark = pytest.mark.stack

SILENT_DAYS = LIVE_AHEAD_DAYS + 10
SCALE = Scale(partitions=2, students=10, history=0, live=0)


@pytest.fixture(scope="module")
def quiet(stack: Addresses, broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Campus:
    """A university whose feeds have not marked a day for longer than the ring holds."""
    return make_campus(
        "quiet",
        SCALE,
        kafka=broker.address,
        registry=stack.registry,
        folder=tmp_path_factory.mktemp("quiet"),
        seed=1,
        unmarked_days=SILENT_DAYS,
    )


@pytest.fixture
def fleet(quiet: Campus, tmp_path: Path) -> Iterator[Fleet]:
    with Fleet(quiet, tmp_path) as fleet:
        yield fleet


def test_a_take_over_that_hangs_ends_the_process_with_a_sentence(
    fleet: Fleet, proxy: Proxy
) -> None:
    with proxy.hold(Api.FETCH, b".indicator.day", answers=True) as hold:
        worker = fleet.start("w0", module="tests.chaos.impatient", kafka=proxy.address)
        assert hold.reached.wait(START_S)
        assert worker.wait_for_end() == 1
    last = worker.said().splitlines()[-1]
    assert last.startswith("leap: the take-over of partitions 0, 1 of the group leap-worker-quiet")


def test_days_that_are_given_up_are_counted(fleet: Fleet) -> None:
    begun = SILENT_DAYS + CLOSED_DAYS + 1  # days before today, behind which it has to close days
    given_up = (begun - LIVE_AHEAD_DAYS) * SCALE.partitions

    def counted(worker: Worker) -> float:
        return worker.metric("leap_days_given_up_total").get((), 0.0)

    worker = fleet.start("w0")
    fleet.settle("w0")
    until(lambda: counted(worker) > 0, "days are given up", START_S)
    assert counted(worker) == given_up


def test_a_parent_runs_workers_of_their_own_names_and_ends_when_one_of_them_is_killed(
    fleet: Fleet,
) -> None:
    parent = fleet.start("m", "--processes", "2")
    ports = (parent.port, parent.port + 1)
    until(lambda: [len(parent.partitions(p)) for p in ports] == [1, 1], "they share", START_S)
    until(lambda: fleet.members() == {"m-0", "m-1"}, "they are members, and nobody else", START_S)
    (started,) = [line for line in parent.said().splitlines() if "workers started" in line]
    first, _ = json.loads(started)["pids"]
    os.kill(first, signal.SIGKILL)
    assert parent.wait_for_end() == 128 + signal.SIGKILL
    assert "worker ended, stopping the others" in parent.said()
