"""Whatever happens, at whatever moment: `make chaos ROUNDS=100`. A seed repeats it."""

import os
import random
import signal
import time
from collections.abc import Callable

import pytest

from tests.chaos.chaos import PAIR, THIRD, Chaos
from tests.chaos.conftest import SEED
from tests.chaos.fleet import START_S
from tests.chaos.steps import MORE_STEPS, STEPS

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "2"))
LONGEST_WAIT_S = 3.0
LONGEST_FREEZE_S = 12.0

pytestmark = [pytest.mark.stack, pytest.mark.chaos, pytest.mark.timeout(600)]


def let_pass(draw: random.Random, longest_s: float) -> None:
    """A while: when something happens is part of what is drawn."""
    time.sleep(draw.random() * longest_s)


def killed_and_started_again(chaos: Chaos, name: str, draw: random.Random) -> None:
    chaos.fleet.workers[name].kill()
    let_pass(draw, LONGEST_WAIT_S)
    chaos.fleet.start(name)


def killed_at_a_step(chaos: Chaos, name: str, draw: random.Random) -> None:
    chaos.fleet.workers[name].kill()
    chaos.start_and_kill_at(draw.choice(STEPS + MORE_STEPS), name)
    chaos.fleet.start(name)


def killed_for_good(chaos: Chaos, name: str, draw: random.Random) -> None:
    (other,) = set(PAIR) - {name}
    chaos.fleet.workers[name].kill()
    chaos.fleet.settle(other)


def killed_while_it_starts(chaos: Chaos, name: str, draw: random.Random) -> None:
    chaos.fleet.workers[name].kill()
    worker = chaos.fleet.start(name)
    let_pass(draw, 2 * LONGEST_WAIT_S)
    worker.kill()


def frozen(chaos: Chaos, name: str, draw: random.Random) -> None:
    worker = chaos.fleet.workers[name]
    worker.signal(signal.SIGSTOP)
    let_pass(draw, LONGEST_FREEZE_S)
    worker.signal(signal.SIGCONT)


def told_to_stop(chaos: Chaos, name: str, draw: random.Random) -> None:
    assert chaos.fleet.workers[name].terminate() == 0


def doubled(chaos: Chaos, name: str, draw: random.Random) -> None:
    older = chaos.fleet.workers[name]
    chaos.fleet.start(name)
    older.wait_for_end()


def joined_by_a_third_that_is_killed(chaos: Chaos, name: str, draw: random.Random) -> None:
    third = chaos.fleet.start(THIRD)
    let_pass(draw, 2 * LONGEST_WAIT_S)
    third.kill()


def both_killed(chaos: Chaos, name: str, draw: random.Random) -> None:
    for worker in chaos.fleet.workers.values():
        worker.kill()


def without_a_broker(chaos: Chaos, name: str, draw: random.Random) -> None:
    chaos.broker.kill()
    let_pass(draw, LONGEST_WAIT_S)
    chaos.broker.start()


ACTIONS: tuple[Callable[[Chaos, str, random.Random], None], ...] = (
    killed_and_started_again,
    killed_at_a_step,
    killed_for_good,
    killed_while_it_starts,
    frozen,
    told_to_stop,
    doubled,
    joined_by_a_third_that_is_killed,
    both_killed,
    without_a_broker,
)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_nothing_is_lost_or_repeated_whatever_happens(chaos: Chaos, number: int) -> None:
    draw = random.Random(f"{SEED}/{number}")  # noqa: S311 - repeatable is what it has to be
    action, name = draw.choice(ACTIONS), draw.choice(PAIR)
    let_pass(draw, LONGEST_WAIT_S)
    said = f"round {number}: {name} {action.__name__.replace('_', ' ')}"
    with chaos.measured(said):
        action(chaos, name, draw)
        chaos.pair(deadline_s=2 * START_S)
    chaos.verify()
