"""Polling loses no row that is committed late, and reads none twice."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text

from connectors.moodle.database import DatabaseSource
from connectors.positions import MemoryPositions
from schemas.errors import SourceError, Unreachable
from tests.connectors.connected import connected, people
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.moodle.case import USERS
from tests.connectors.moodle.database import insert, source
from tests.connectors.moodle.log_rows import row_of
from tests.connectors.world import PARTITIONS, by_id, events

EVERYBODY = people(USERS)


@settings(max_examples=25)
@given(st.permutations(range(1, 31)), st.lists(st.integers(1, 29), max_size=4))
def test_rows_that_are_committed_in_any_order_are_each_read_once(
    tmp_path_factory: pytest.TempPathFactory, ids: list[int], stops: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("moodle")
    publisher, positions = MemoryPublisher(PARTITIONS), MemoryPositions()
    read = 0
    for stop in [*sorted(stops), len(ids)]:
        insert(folder / "moodle.db", [row_of(number) for number in ids[:stop]])
        read += connected(source(folder), publisher, EVERYBODY, positions).read
    assert read == len(events(publisher)) == len(by_id(publisher)) == len(ids)


def test_what_is_awaited_is_bounded_by_the_overlap(tmp_path: Path) -> None:
    insert(tmp_path / "moodle.db", [row_of(number) for number in range(1, 60, 3)])
    positions = MemoryPositions()
    connected(source(tmp_path, overlap=10), MemoryPublisher(PARTITIONS), EVERYBODY, positions)
    ((_, position),) = positions.reached.inputs.items()
    assert position["highest"] == 58
    assert position["missing"] == [48, 50, 51, 53, 54, 56, 57]


def test_another_table_in_its_place_is_read_from_its_beginning(tmp_path: Path) -> None:
    publisher, positions = MemoryPublisher(PARTITIONS), MemoryPositions()
    insert(tmp_path / "moodle.db", [row_of(100)])
    connected(source(tmp_path), publisher, EVERYBODY, positions)
    (tmp_path / "moodle.db").unlink()
    insert(tmp_path / "moodle.db", [row_of(1), row_of(2)])
    assert connected(source(tmp_path), publisher, EVERYBODY, positions).read == 2


def test_a_database_without_the_table_is_refused_by_name(tmp_path: Path) -> None:
    one = source(tmp_path)
    with pytest.raises(SourceError, match="there is no such table"):
        connected(one, MemoryPublisher(PARTITIONS), EVERYBODY)
    with one.engine.begin() as connection:
        connection.execute(text("CREATE TABLE mdl_logstore_standard_log (id INTEGER)"))
    with pytest.raises(SourceError, match="has no column eventname"):
        connected(one, MemoryPublisher(PARTITIONS), EVERYBODY)


def test_a_database_that_does_not_answer_is_said(tmp_path: Path) -> None:
    one = source(tmp_path)
    gone = create_engine(f"sqlite:///{tmp_path}/none/moodle.db")
    away = DatabaseSource("moodle", gone, one.table, one.mapping)
    with pytest.raises(Unreachable, match="did not answer"):
        connected(away, MemoryPublisher(PARTITIONS), EVERYBODY)
    gone.dispose()
