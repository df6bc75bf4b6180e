"""What the stack does when something dies, does not start, or is interrupted."""

import os
import signal
from pathlib import Path

import pytest

from deploy.local import lock
from deploy.local.layout import Layout
from deploy.local.stack import Addresses, Limits, LocalStack
from deploy.local.state import Phase, State
from schemas.errors import StackError
from tests.deploy.talking import all_ended, clickhouse, registry, schema, state_of
from tests.deploy.waiting import until

pytestmark = pytest.mark.stack


def test_a_killed_supervisor_takes_its_parts_along_and_the_next_start_works(
    stack: LocalStack, up: Addresses, layout: Layout
) -> None:
    made = registry(up, "POST", "/subjects/killed/versions", schema("killed"))
    database = clickhouse(up)
    database.command("CREATE OR REPLACE TABLE killed (a Int64) ENGINE = MergeTree ORDER BY a")
    database.insert("killed", [[1]], column_names=["a"])
    before = state_of(layout)
    os.kill(before.supervisor_pid, signal.SIGKILL)
    until(lambda: all_ended(layout, before), "all processes ended")
    assert stack.addresses() is None
    again = stack.up()
    assert registry(again, "POST", "/subjects/killed/versions", schema("killed")) == made
    assert clickhouse(again).command("SELECT count() FROM killed") == 1


def test_when_one_part_dies_the_supervisor_stops_the_others_and_says_why(
    stack: LocalStack, up: Addresses, layout: Layout
) -> None:
    before = state_of(layout)
    os.kill(before.pids["ClickHouse"], signal.SIGKILL)
    until(lambda: all_ended(layout, before), "all processes ended")
    after = state_of(layout)
    assert after.phase is Phase.FAILED
    assert "ClickHouse was ended by SIGKILL." in (after.failure or "")
    assert "ClickHouse was ended by SIGKILL." in layout.log("supervisor").read_text()
    assert not stack.down()


def test_a_part_that_does_not_start_is_named_with_its_log(tmp_path: Path, java_parts: Path) -> None:
    stack = LocalStack(tmp_path, java_parts=java_parts, limits=Limits(kafka_heap_mib=1))
    with pytest.raises(StackError, match="Kafka ended with status 1") as caught:
        stack.up()
    assert str(tmp_path / "logs" / "kafka.log") in str(caught.value)
    assert "Too small maximum heap" in str(caught.value)
    assert stack.addresses() is None


def test_a_start_that_takes_too_long_is_given_up(tmp_path: Path, java_parts: Path) -> None:
    stack = LocalStack(tmp_path, java_parts=java_parts)
    with pytest.raises(StackError, match=r"did not answer within 0\.5 s"):
        stack.up(timeout_s=0.5)
    assert not lock.is_held(Layout(tmp_path).lock)


def test_an_interrupted_start_leaves_nothing_running(tmp_path: Path, java_parts: Path) -> None:
    layout = Layout(tmp_path)
    stack = LocalStack(tmp_path, java_parts=java_parts)
    seen: list[State] = []

    def interrupt(_: str) -> None:
        seen.append(state_of(layout))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stack.up(interrupt)
    assert seen[0].pids
    assert all_ended(layout, seen[0])
    assert state_of(layout).phase is Phase.STOPPED


def test_missing_jars_are_said_in_one_sentence(tmp_path: Path) -> None:
    stack = LocalStack(tmp_path / "stack", java_parts=tmp_path / "none")
    with pytest.raises(StackError, match="run make setup"):
        stack.up()
    assert not stack.down()
