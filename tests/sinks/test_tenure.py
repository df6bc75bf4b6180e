"""When a batch is loaded, and when an end of the log without records counts as loaded."""

from dataclasses import dataclass, field

from aiokafka.structs import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from broker.slices import Slice
from schemas import topics
from sinks.tenure import Limits, Tenure
from tests.sinks.loading import add, written
from tests.sinks.test_batch import a_student

ONE, OTHER = TopicPartition("student", 0), TopicPartition("student", 1)
LIMITS = Limits(enough_records=3, enough_s=1e9, full_records=5, full_bytes=1 << 30)


@dataclass
class Ends:
    """The ends of logs, and when each was told."""

    ends: dict[TopicPartition, int] = field(default_factory=dict)
    answered_ms: dict[TopicPartition, int] = field(default_factory=dict)

    def last_stable_offset(self, partition: TopicPartition) -> int | None:
        return self.ends.get(partition)

    def last_poll_timestamp(self, partition: TopicPartition) -> int | None:
        return self.answered_ms.get(partition)


def holding(records: int, limits: Limits = LIMITS) -> Tenure:
    tenure = Tenure.beginning({ONE: 0}, limits)
    if records:
        students = [a_student(number) for number in range(records)]
        add(tenure.batch, topics.STUDENT, written(topics.STUDENT, students))
    return tenure


def test_a_batch_is_due_when_it_is_large_or_old_enough_and_never_when_it_is_empty() -> None:
    assert [holding(n).is_due for n in (0, 2, 3)] == [False, False, True]
    at_once = Limits(enough_s=0.0)
    assert [holding(n, at_once).is_due for n in (0, 1)] == [False, True]


def test_a_batch_is_full_by_its_records_or_by_its_bytes() -> None:
    assert [holding(n).is_full for n in (4, 5)] == [False, True]
    assert holding(1, Limits(full_bytes=1)).is_full


def test_slices_wait_and_say_where_the_next_one_starts() -> None:
    tenure = Tenure.beginning({ONE: 7, OTHER: 0}, LIMITS)
    assert tenure.is_idle
    tenure.take(ONE, Slice(7, 9, ()))
    assert tenure.next_slice == {ONE: 9, OTHER: 0}
    assert tenure.done == {ONE: 7, OTHER: 0}
    assert not tenure.is_idle


@given(end=st.integers(0, 20), answered_after_ms=st.none() | st.integers(-5_000, 5_000))
def test_an_end_without_records_counts_as_loaded_only_long_after_anything_moved(
    end: int, answered_after_ms: int | None
) -> None:
    """An answer that is full of one partition's records has none of the others'."""
    tenure = Tenure.beginning({ONE: 7, OTHER: 3}, LIMITS)
    log = Ends({ONE: end})
    if answered_after_ms is not None:
        log.answered_ms[ONE] = tenure.moved_ms + answered_after_ms
    tenure.skip_empty_tails(log)
    is_settled = answered_after_ms is not None and answered_after_ms > 1_000
    assert tenure.done == {ONE: max(7, end) if is_settled else 7, OTHER: 3}
    assert tenure.next_slice == {ONE: 7, OTHER: 3}
