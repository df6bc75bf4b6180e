"""What a publication promises, whatever the source and whenever the broker fails."""

from collections import Counter
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.source import FileRead, Item
from schemas.errors import Unreachable
from schemas.keys import partition_of, student_item_key, student_key
from schemas.reasons import Reason
from schemas.topics import ACTIVITY, EXPECTATION, FEED_MARK, QUARANTINE, STUDENT
from schemas.types import Day, Kind, StudentId
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.planned_source import FIRST, KIND_OF, PLANS, Plan, PlannedSource
from tests.connectors.world import (
    NOW_MS,
    PARTITIONS,
    by_id,
    events,
    kept,
    published,
    run,
    typed,
    values,
)

TOLERANCE_DAYS = 1


def marks(publisher: MemoryPublisher) -> dict[tuple[str, Day], dict[tuple[str, int], int]]:
    """The offsets of each mark, by topic and partition; the last record of a key counts."""
    return {
        (typed(mark["feed"], str), Day(typed(mark["day"], int))): {
            (place["topic"], place["partition"]): place["offset"]
            for place in typed(mark["positions"], list)
        }
        for mark in values(publisher, FEED_MARK)
    }


def day_of(event: Mapping[str, object]) -> int:
    return typed(event["occurred_at"], int) // 86_400_000


@settings(deadline=None)
@given(PLANS)
def test_a_mark_parts_the_events_of_its_day_from_those_of_the_next(plan: Plan) -> None:
    publisher = published(PlannedSource(plan))
    assert set(marks(publisher)) == {
        (feed, FIRST + number) for feed in KIND_OF for number in range(len(plan))
    }
    for (feed, marked), offsets in marks(publisher).items():
        topic = ACTIVITY[KIND_OF[feed]]
        assert set(offsets) == {(topic.name, partition) for partition in range(PARTITIONS)}
        for one, event in kept(publisher, topic):
            lies_below = one.offset < offsets[topic.name, one.place.partition]
            assert lies_below == (day_of(event) <= marked)


@settings(deadline=None)
@given(PLANS)
def test_a_mark_comes_after_its_events_in_the_order_of_acknowledgement(plan: Plan) -> None:
    publisher = published(PlannedSource(plan))
    for one, mark in kept(publisher, FEED_MARK):
        marked = typed(mark["day"], int)
        for kind in KIND_OF.values():
            for event, value in kept(publisher, ACTIVITY[kind]):
                assert (event.number < one.number) == (day_of(value) <= marked)


@settings(deadline=None)
@given(PLANS, st.data())
def test_after_any_failure_publishing_again_loses_and_doubles_nothing(
    plan: Plan, data: st.DataObject
) -> None:
    source = PlannedSource(plan)
    expected = by_id(published(source))
    failing = data.draw(st.sets(st.integers(0, 2 * len(plan) + 2), max_size=4))
    publisher = MemoryPublisher(PARTITIONS, failing)
    for _ in range(len(failing) + 1):
        publisher.come_back()
        try:
            run(source, publisher, marked=set(marks(publisher)))
        except Unreachable:
            continue
        break
    assert by_id(publisher) == expected
    for (feed, marked), offsets in marks(publisher).items():
        topic = ACTIVITY[KIND_OF[feed]]
        below = {
            typed(event["event_id"], bytes)
            for one, event in kept(publisher, topic)
            if one.offset < offsets[topic.name, one.place.partition]
        }
        assert below >= {
            event_id
            for event_id, event in expected.items()
            if event["feed"] == feed and day_of(event) <= marked
        }
        # A replay knows the time by the marks, and takes what runs ahead of them for a mistake.
        assert all(
            day_of(event) <= marked + TOLERANCE_DAYS
            for one, event in kept(publisher, topic)
            if one.offset < offsets[topic.name, one.place.partition]
        )


@settings(deadline=None)
@given(PLANS, st.data())
def test_the_first_mark_of_a_day_stays_the_only_one(plan: Plan, data: st.DataObject) -> None:
    every = [(feed, Day(FIRST + n)) for feed in KIND_OF for n in range(len(plan))]
    marked = data.draw(st.sets(st.sampled_from(every)))
    publisher = MemoryPublisher(PARTITIONS)
    report = run(PlannedSource(plan), publisher, marked=marked)
    assert set(marks(publisher)) == set(every) - marked
    assert report.days_marked == len(every) - len(marked)


@settings(deadline=None)
@given(PLANS)
def test_publishing_twice_gives_every_event_the_same_id(plan: Plan) -> None:
    publisher = published(PlannedSource(plan))
    once = by_id(publisher)
    assert len(once) == len(events(publisher))
    run(PlannedSource(plan), publisher, marked=set(marks(publisher)))
    assert len(events(publisher)) == 2 * len(once)
    assert by_id(publisher) == once


@given(PLANS)
@settings(deadline=None)
def test_each_record_has_its_students_key_and_partition(plan: Plan) -> None:
    publisher = published(PlannedSource(plan))
    for topic in (STUDENT, *(ACTIVITY[kind] for kind in KIND_OF.values())):
        for one, value in kept(publisher, topic):
            student = StudentId(typed(value["student"], int))
            assert one.key == student_key(student)
            assert one.place.partition == partition_of(student, PARTITIONS)


@given(PLANS)
@settings(deadline=None)
def test_the_report_accounts_for_everything(plan: Plan) -> None:
    report = run(PlannedSource(plan), MemoryPublisher(PARTITIONS))
    told: Counter[Kind] = Counter()
    for day in plan:
        told.update({KIND_OF[feed]: len(students) for feed, students in day.items()})
    assert report.published == told
    assert (report.students, report.expectations) == (3, 1)
    assert report.quarantined == {Reason.MALFORMED_ROW: 1}
    assert report.events_read == told.total()
    assert report.rows_read == told.total() + 1
    assert report.is_reconciled
    record = report.as_record()
    assert record["events_published"] == record["events_read"] == told.total()
    assert record["rows_quarantined_malformed_row"] == record["rows_quarantined"] == 1


@pytest.mark.parametrize("lost", [FileRead("b", 1, 0, 0, 1), FileRead("b", 1, 0, 1, 0)])
def test_an_event_or_a_row_that_went_missing_is_not_reconciled(lost: FileRead) -> None:
    class Lossy(PlannedSource):
        def read(self) -> Iterator[Item]:
            yield from PlannedSource.read(self)
            yield lost

    assert not run(Lossy([{}]), MemoryPublisher(PARTITIONS)).is_reconciled


def test_students_and_expectations_come_before_all_activity() -> None:
    publisher = published(PlannedSource([{"taps": [0, 1]}]))
    last = max(one.number for topic in (STUDENT, EXPECTATION) for one, _ in kept(publisher, topic))
    assert last < min(one.number for one, _ in kept(publisher, ACTIVITY[Kind.TAP_IN]))


def test_what_is_expected_is_told_in_full() -> None:
    publisher = published(PlannedSource([{}]))
    ((one, value),) = kept(publisher, EXPECTATION)
    assert one.key == student_item_key(StudentId(2), "essay")
    assert value == {
        "student": 2,
        "item": "essay",
        "kind": "faser_upload",
        "module": "HI101",
        "due": FIRST + 3,
        "recorded_at": 6,
    }
    student = values(publisher, STUDENT)[0]
    period = {"from": FIRST, "to": None, "level": "undergraduate", "mode": "full_time"}
    period |= {"programme": "History", "status": "enrolled"}
    assert student == {"student": 0, "recorded_at": 5, "periods": [period], "tutor": None}


def test_a_rejected_row_is_in_quarantine_with_file_and_line() -> None:
    (record,) = values(published(PlannedSource([{}])), QUARANTINE)
    assert record == {
        "reason": "malformed_row",
        "message": "it is no row; mend it",
        "origin": "taps.csv:7",
        "feed": "taps",
        "topic": "",
        "partition": -1,
        "offset": 7,
        "first_seen": NOW_MS,
        "key": None,
        "raw": b"?",
    }


def test_progress_is_told_day_by_day() -> None:
    told: list[tuple[int, int]] = []
    plan: Plan = [{"taps": [1, 2]}, {}, {"taps": [1], "loans": [2, 3]}]
    run(
        PlannedSource(plan),
        MemoryPublisher(PARTITIONS),
        progress=lambda days, done: told.append((days, done)),
    )
    assert told == [(1, 2), (2, 2), (3, 5)]
