"""Workers that are killed, frozen or doubled: nothing is lost, nothing is said twice."""

import signal

import pytest

from tests.chaos.chaos import FIRST, PAIR, SECOND, THIRD, Chaos
from tests.chaos.fleet import START_S
from tests.chaos.proxy import Api
from tests.chaos.steps import STEPS

pytestmark = [pytest.mark.stack, pytest.mark.chaos]

FENCED = 5  # exit status


def test_a_worker_killed_at_each_step_of_its_partitions_lives_loses_and_repeats_nothing(
    chaos: Chaos,
) -> None:
    chaos.second.kill()
    for step in STEPS:
        chaos.start_and_kill_at(step, SECOND)
    chaos.pair()
    chaos.verify()


def test_a_worker_killed_while_partitions_move_loses_and_repeats_nothing(chaos: Chaos) -> None:
    """Steps 6 and 7: it keeps some partitions, loses others, and does not get to know it."""
    chaos.second.kill()
    worker = chaos.fleet.start(SECOND, kafka=chaos.proxy.address)
    chaos.fleet.settle(*PAIR)
    with chaos.proxy.hold(Api.SYNC_GROUP, answers=True) as hold:
        joining = chaos.fleet.start(THIRD)
        assert hold.reached.wait(START_S), f"no rebalance: {joining.said()}"
        worker.kill()
    chaos.fleet.start(SECOND)
    chaos.fleet.settle(*PAIR, THIRD)
    joining.kill()
    chaos.pair()
    chaos.verify()


def test_a_killed_worker_started_again_loses_and_repeats_nothing(chaos: Chaos) -> None:
    with chaos.measured("killed, and started again"):
        chaos.second.kill()
        chaos.fleet.start(SECOND)
        chaos.fleet.settle(*PAIR)
    chaos.verify()


def test_a_worker_that_follows_another_of_its_name_in_time_has_its_partitions(
    chaos: Chaos,
) -> None:
    """In time: before the session timeout. It waits at the door until the other is dead."""
    former = chaos.second
    mine = set(former.partitions())
    with chaos.proxy.hold(Api.JOIN_GROUP) as hold:
        follower = chaos.fleet.start(SECOND, kafka=chaos.proxy.address)
        assert hold.reached.wait(START_S), f"it does not join: {follower.said()}"
        former.kill()
    chaos.fleet.settle(*PAIR)
    assert set(follower.partitions()) == mine
    chaos.verify()


def test_the_partitions_of_a_worker_that_is_gone_move_to_the_others(chaos: Chaos) -> None:
    with chaos.measured("killed for good"):
        chaos.second.kill()
        chaos.fleet.settle(FIRST)
    with chaos.measured("joins"):
        chaos.fleet.start(SECOND)
        chaos.fleet.settle(*PAIR)
    chaos.verify()


def test_a_worker_that_was_frozen_leaves_no_trace_when_it_wakes_up(chaos: Chaos) -> None:
    frozen = chaos.fleet.workers.pop(SECOND)
    with chaos.measured("frozen beyond the session timeout"):
        frozen.signal(signal.SIGSTOP)
        chaos.fleet.settle(FIRST)
    with chaos.measured("wakes up"):
        frozen.signal(signal.SIGCONT)
        chaos.fleet.workers[SECOND] = frozen
        chaos.fleet.settle(*PAIR)
    assert frozen.is_running
    chaos.verify()


def test_of_two_processes_with_one_name_the_older_ends_with_a_sentence(chaos: Chaos) -> None:
    older = chaos.second
    mine = set(older.partitions())
    with chaos.measured("a second one of the same name"):
        chaos.fleet.start(SECOND)
        assert older.wait_for_end() == FENCED
        chaos.fleet.settle(*PAIR)
    assert set(chaos.second.partitions()) == mine
    last = older.said().splitlines()[-1]
    assert last.startswith("leap: another process has joined the group leap-worker-chaos as w1")
    assert "LEAP_WORKER_NAME" in last
    chaos.verify()
