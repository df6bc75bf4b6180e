"""A broker that is killed under the collector: what was acknowledged is what is stored."""

from pathlib import Path

import pytest

from deploy.local.stack import Addresses
from tests.chaos.broker import Broker
from tests.connectors.collector.load import Plan
from tests.connectors.collector_load import run_load

pytestmark = [pytest.mark.stack, pytest.mark.chaos]

PLAN = Plan(statements=5000, batch=50, per_second=500, students=200)


def test_what_is_acknowledged_is_stored_when_the_broker_is_killed_in_between(
    stack: Addresses, broker: Broker, tmp_path: Path
) -> None:
    report = run_load(broker, stack.registry, tmp_path, PLAN, is_restarted=True)
    assert report["restarted"] == 1
    assert report["statements"] == PLAN.statements
    assert report["acknowledged_is_stored"], report
