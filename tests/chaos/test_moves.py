"""Workers that come and go as they should, and a broker that does not."""

import pytest

from streams.records import PER_STUDENT
from tests.chaos.chaos import FIRST, PAIR, THIRD, Chaos

pytestmark = [pytest.mark.stack, pytest.mark.chaos]


def test_a_worker_that_is_told_to_stop_leaves_the_group_before_it_ends(chaos: Chaos) -> None:
    assert chaos.fleet.members() == set(PAIR)
    assert chaos.second.terminate() == 0
    # Kafka would know a static member that says nothing for a session timeout more.
    assert chaos.fleet.members() == {FIRST}
    chaos.fleet.settle(FIRST)
    chaos.verify()


def test_a_rolling_restart_loses_and_repeats_nothing(chaos: Chaos) -> None:
    for name, other in (PAIR, reversed(PAIR)):
        with chaos.measured(f"{name} told to stop"):
            assert chaos.fleet.workers[name].terminate() == 0
            chaos.fleet.settle(other)
        with chaos.measured(f"{name} started again"):
            chaos.fleet.start(name)
            chaos.fleet.settle(*PAIR)
    chaos.verify()


def test_a_third_worker_gets_its_share_and_gives_it_back(chaos: Chaos) -> None:
    before = {name: set(chaos.fleet.workers[name].partitions()) for name in PAIR}
    with chaos.measured("a third joins"):
        chaos.fleet.start(THIRD)
        chaos.fleet.settle(*PAIR, THIRD)
    shares = {name: set(chaos.fleet.workers[name].partitions()) for name in (*PAIR, THIRD)}
    assert [len(share) for share in shares.values()] == [2, 2, 2]
    assert all(shares[name] < before[name] for name in PAIR), "a partition moved needlessly"
    with chaos.measured("the third is told to stop"):
        assert chaos.fleet.workers[THIRD].terminate() == 0
        chaos.fleet.settle(*PAIR)
    chaos.verify()


def test_workers_live_through_the_death_of_the_broker(chaos: Chaos) -> None:
    workers = [chaos.fleet.workers[name] for name in PAIR]
    with chaos.measured("the broker is killed and started again"):
        chaos.broker.kill()
        chaos.broker.start()
        chaos.wait_until_heard()
        chaos.fleet.settle(*PAIR)
    assert [worker.is_running for worker in workers] == [True, True]
    chaos.verify()


def test_the_figures_of_a_worker_are_of_its_own_partitions_and_say_how_far_behind_it_is(
    chaos: Chaos,
) -> None:
    chaos.verify()  # everything is applied
    mine = set(chaos.second.partitions())
    lags = chaos.second.metric("leap_lag_records", "topic", "partition")
    assert {int(partition) for _, partition in lags} == mine
    assert len(lags) == len(PER_STUDENT) * len(mine)
    assert set(lags.values()) == {0.0}
