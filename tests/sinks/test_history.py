"""History holds every revision that was published behind its key's last tombstone, each once.

Whatever way the log is cut into batches, and wherever the sink dies and reads them again.
"""

from collections.abc import Sequence
from itertools import pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from schemas import topics
from schemas.keys import student_day_key
from schemas.types import Day, StudentId
from schemas.wire import Record
from sinks.batch import Load
from tests.sinks.loading import Written, loads_of, written
from tests.sinks.rows import day
from tests.sinks.samples import a_closing

Row = tuple[int, int, int]
"""Student, day, revision."""

STEPS = st.lists(
    st.tuples(st.integers(1, 2), st.integers(16_000, 16_001), st.integers(0, 4)), max_size=14
)
"""Student, day, and whether it is a closing or, at 0, a tombstone."""


class Tables:
    """What ClickHouse makes of loads: deletions first, and of equal rows one."""

    def __init__(self) -> None:
        self.last: dict[tuple[int, int], int] = {}
        self.history: set[Row] = set()

    def load(self, load: Load) -> None:
        is_history = load.table.name.endswith("_history")
        for deleted in load.deleted:
            gone = {(row["student"], row["day"]) for row in deleted.iter_rows(named=True)}
            if is_history:
                self.history = {r for r in self.history if (r[0], day(r[1])) not in gone}
            else:
                self.last = {k: v for k, v in self.last.items() if (k[0], day(k[1])) not in gone}
        for student, number, revision in _rows(load.rows):
            if is_history:
                self.history.add((student, number, revision))
            else:
                key = (student, number)
                self.last[key] = max(revision, self.last.get(key, -1))


def _rows(rows: pl.DataFrame) -> Sequence[Row]:
    if not rows.height:
        return []
    found: list[Row] = rows.select("student", pl.col("day").to_physical(), "revision").rows()
    return found


@given(steps=STEPS, cuts=st.lists(st.integers(0, 14), max_size=4), dies=st.integers(0, 8))
def test_history_is_what_the_log_says_however_often_the_sink_dies(
    steps: list[tuple[int, int, int]], cuts: list[int], dies: int
) -> None:
    """`dies`: the load behind which everything since the batch's start is loaded again."""
    revisions: dict[tuple[int, int], int] = {}
    wanted: set[Row] = set()
    records: list[Written] = []
    for student, number, what in steps:
        key = (student, number)
        if what:
            revision = revisions[key] = revisions.get(key, -1) + 1
            wanted.add((student, number, revision))
            closing: Record = a_closing(student, number, revision)
            records += written(topics.INDICATOR_DAY, [closing])
        else:
            revisions.pop(key, None)
            wanted = {row for row in wanted if row[:2] != key}
            records.append((student_day_key(StudentId(student), Day(number)), None))
    edges = [0, *sorted(min(cut, len(records)) for cut in cuts), len(records)]
    tables = Tables()
    done = 0
    for first, last in pairwise(edges):
        loads = loads_of(topics.INDICATOR_DAY, records[first:last]) if last > first else ()
        for load in loads:
            tables.load(load)
            done += 1
            if done == dies:
                for again in loads:
                    tables.load(again)
                break
    assert tables.history == wanted
    assert tables.last == revisions
