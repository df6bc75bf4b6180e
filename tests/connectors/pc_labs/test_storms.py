"""A session that is started again and again is one login, whatever the order of the rows."""

from itertools import permutations
from pathlib import Path

import pytest

from schemas.topics import ACTIVITY
from schemas.types import Kind
from tests.connectors.connected import connected, people
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.pc_labs.case import CASE, event
from tests.connectors.world import PARTITIONS, values

STORM = ["2022-08-18T06:56:01Z", "2022-08-18T06:56:26.239Z", "2022-08-18T06:56:59.999Z"]


def ids(folder: Path, rows: list[bytes]) -> set[object]:
    CASE.write(folder, rows)
    publisher = MemoryPublisher(PARTITIONS)
    connected(CASE.build(folder), publisher, people(CASE.people))
    return {record["event_id"] for record in values(publisher, ACTIVITY[Kind.PC_LOGIN])}


@pytest.mark.parametrize("times", list(permutations(STORM)))
def test_logins_within_a_minute_are_one(tmp_path: Path, times: tuple[str, ...]) -> None:
    found = ids(tmp_path, [event("ab123", time) for time in times])
    assert found == ids(tmp_path, [event("ab123", STORM[1])])


def test_logins_at_another_pc_or_of_the_next_minute_are_others(tmp_path: Path) -> None:
    rows = [event("ab123", STORM[0]), event("ab123", STORM[0], Hostname="LAB1-PC08")]
    assert len(ids(tmp_path, [*rows, event("ab123", "2022-08-18T06:57:00Z")])) == 3
