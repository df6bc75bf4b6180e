"""What a batch comes to; tombstones against a table that is a plain dictionary."""

from aiokafka.structs import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from schemas import topics
from schemas.keys import student_day_key, student_item_key, student_key
from schemas.topics import ACTIVITY
from schemas.types import Day, Kind, StudentId
from schemas.wire import Record
from sinks.batch import Batch
from sinks.tombstones import OFFSET
from tests.sinks.loading import Written, add, loads_of, written
from tests.sinks.rows import day, instant

STUDENT = StudentId(5)
WHEN = instant(1_400_000_000_000)


def an_expectation(student: int, item: str, recorded_ms: int = 0) -> Record:
    return {
        "student": student,
        "item": item,
        "kind": "faser_upload",
        "module": None,
        "due": day(16_000),
        "recorded_at": instant(1_400_000_000_000 + recorded_ms),
    }


def a_student(recorded_ms: int) -> Record:
    return {
        "student": STUDENT,
        "recorded_at": instant(1_400_000_000_000 + recorded_ms),
        "periods": [],
        "tutor": None,
    }


def test_the_ends_of_a_batch_are_those_of_the_last_slice_of_each_partition() -> None:
    batch = Batch()
    assert not batch
    add(batch, topics.STUDENT, written(topics.STUDENT, [a_student(0)]), base=7)
    add(batch, topics.STUDENT, written(topics.STUDENT, [a_student(1), a_student(2)]), base=8)
    assert batch.ends == {TopicPartition("student", 0): 10}
    assert batch.records == 3
    assert batch.size_bytes > 0


def test_kinds_of_activity_become_rows_of_one_table() -> None:
    batch = Batch()
    for kind in (Kind.MOODLE_LOGIN, Kind.PC_LOGIN):
        event: Record = {
            "event_id": bytes(16),
            "student": STUDENT,
            "occurred_at": WHEN,
            "recorded_at": WHEN,
            "feed": "f",
            "revision": 0,
            "action": "assert",
            "authentication": None,
            "lab": None,
            "logon_type": None,
        }
        add(batch, ACTIVITY[kind], written(ACTIVITY[kind], [event]))
    (load,) = batch.loads()
    assert load.table.name == "event"
    assert sorted(load.rows["kind"].to_list()) == ["moodle_login", "pc_login"]


def test_what_cannot_be_decoded_or_is_impossible_is_counted_and_its_neighbours_are_loaded() -> None:
    good = written(topics.STUDENT, [a_student(0), a_student(1)])
    impossible = (student_key(StudentId(6)), good[0][1])
    undecodable = (student_key(STUDENT), b"not Avro")
    batch = Batch()
    add(batch, topics.STUDENT, [good[0], undecodable, impossible, good[1]])
    (load,) = batch.loads()
    assert load.rows.height == 2
    assert batch.rejected[topics.STUDENT] == 2
    assert batch.records == 4


def test_a_tombstone_whose_key_names_no_row_is_counted_and_deletes_nothing() -> None:
    batch = Batch()
    add(batch, topics.EXPECTATION, [(b"short", None), (student_key(STUDENT) + b"\xff", None)])
    (load,) = batch.loads()
    assert [frame.height for frame in load.deleted] == [0]
    assert batch.rejected[topics.EXPECTATION] == 2


def test_deletions_name_the_rows_of_each_kind_of_key() -> None:
    for topic, key, names in (
        (topics.INDICATOR, student_key(STUDENT), {"student": 5}),
        (topics.DAILY, student_day_key(STUDENT, Day(-3)), {"student": 5, "day": day(-3)}),
        (topics.EXPECTATION, student_item_key(STUDENT, "é"), {"student": 5, "item": "é"}),
    ):
        (load,) = loads_of(topic, [(key, None)])
        assert [frame.drop(OFFSET).to_dicts() for frame in load.deleted] == [[names]]


@given(
    steps=st.lists(
        st.lists(st.tuples(st.integers(1, 2), st.sampled_from("ab"), st.booleans()), min_size=1),
        min_size=1,
        max_size=3,
    )
)
def test_a_batch_leaves_what_its_records_one_by_one_would_leave(
    steps: list[list[tuple[int, str, bool]]],
) -> None:
    """Deletions first, then the rows: the order of the log is kept all the same."""
    table: dict[tuple[int, str], int] = {}
    slices: list[list[Written]] = []
    number = 0
    for step in steps:
        records: list[Written] = []
        for student, item, is_tombstone in step:
            number += 1
            if is_tombstone:
                table.pop((student, item), None)
                records.append((student_item_key(StudentId(student), item), None))
            else:
                table[student, item] = number
                records += written(topics.EXPECTATION, [an_expectation(student, item, number)])
        slices.append(records)
    loads = loads_of(topics.EXPECTATION, *slices)
    left: dict[tuple[int, str], int] = {}
    for load in loads:
        for row in load.rows.iter_rows(named=True):
            key = (row["student"], row["item"])
            recorded = (row["recorded_at"] - WHEN).total_seconds() * 1000
            left[key] = max(left.get(key, 0), round(recorded))
    assert left == table
