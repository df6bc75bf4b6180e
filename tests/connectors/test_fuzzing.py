"""Whatever a source holds, it ends in events, expectations, skips or quarantine: no exception."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.incremental import IncrementalSource
from connectors.table import FileSource
from schemas.reasons import Reason
from tests.connectors.case import Case
from tests.connectors.connected import connected, people, quarantined
from tests.connectors.fuzzing import (
    HOSTILE,
    Given,
    damaged,
    file_cases,
    files_of,
    rows_of,
    vocabulary,
)
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.moodle import database, log_rows
from tests.connectors.world import PARTITIONS, events, typed

every_file = pytest.mark.parametrize("case", file_cases(), ids=lambda case: case.name)
REASONS = {reason.value for reason in Reason}


def ends_well(case: Case, source: IncrementalSource) -> int:
    """Everything that was read is accounted for, and published as it is; how many rows it was."""
    publisher = MemoryPublisher(PARTITIONS)
    account = connected(source, publisher, people(case.people))
    assert account.is_reconciled
    assert len(events(publisher)) == account.published.total()
    refused = quarantined(publisher)
    assert len(refused) == account.quarantined.total()
    for one in refused:
        assert typed(one["reason"], str) in REASONS
        assert len(typed(one["message"], str)) > len("; ")
    return account.read


@every_file
@settings(max_examples=5, deadline=None)
@given(st.data())
def test_bytes_of_any_kind_are_no_exception(case: Case, data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        case.write(folder, [sample.row for sample in case.samples])
        source = files_of(case, folder)
        assert source is not None
        (path,) = source.files
        path.write_bytes(data.draw(damaged(path.read_bytes())))
        ends_well(case, source)


@every_file
@settings(max_examples=5, deadline=None)
@given(st.data())
def test_values_of_any_kind_are_no_exception(case: Case, data: st.DataObject) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        words = vocabulary(case, folder)
        source = files_of(case, folder)
        assert source is not None
        rows = data.draw(rows_of(words))
        given_rows = FileSource(source.name, source.files, Given(rows), source.mapping)
        assert ends_well(case, given_rows) == len(rows)


WHOLE = st.integers(-(2**63), 2**63 - 1)
CELL = (
    st.none()
    | st.sampled_from(
        (-(2**63), -1, 0, 1, 2**31, 2**63 - 1, -1.5, 1e300, float("inf"), float("nan"))
    )
    | st.sampled_from((*HOSTILE, "{", '{"a":', "[1,2", "a\0b"))
    | WHOLE
    | st.text(max_size=8)
    | st.binary(max_size=8)
)


@settings(max_examples=150, deadline=None)
@given(
    ids=st.lists(st.integers(1, 60) | st.integers(1, 2**63 - 1), max_size=12, unique=True),
    data=st.data(),
)
def test_values_of_any_kind_in_a_database_are_no_exception(
    ids: list[int], data: st.DataObject
) -> None:
    """SQLite keeps whatever is put into a column: text and blobs among numbers, nothing at all."""
    changed = st.dictionaries(st.sampled_from(log_rows.COLUMNS[1:]), CELL, max_size=6)
    rows = [
        log_rows.row_of(number) | {"timecreated": log_rows.FIRST} | data.draw(changed)
        for number in ids
    ]
    with TemporaryDirectory() as name:
        folder = Path(name)
        database.insert(folder / "moodle.db", rows, database.CREATED.replace(" NOT NULL", ""))
        assert ends_well(database.DATABASE, database.source(folder, overlap=10)) == len(rows)
