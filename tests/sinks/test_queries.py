"""The read side, on rows that went through the loader."""

from collections.abc import Sequence
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import topics
from schemas.errors import Unreachable
from schemas.topics import Topic
from schemas.types import Band, Cause, Day, Kind, Status, StudentId
from schemas.wire import Record
from sinks.answers import Change, Closing, Contribution, Coursework, CurrentIndicator
from sinks.queries import STUDENTS_A_BLOCK
from tests.sinks.conftest import Store
from tests.sinks.loading import load, loads_of, written
from tests.sinks.rows import day, instant

STUDENT = StudentId(2**53 - 1)
OTHER = StudentId(0)
COMPUTED = instant(1_400_000_000_123)
CONTRIBUTION = Contribution(Kind.TAP_IN, True, "", 3, 4.2, 0.75, 1.5, 10.0, 4)
LEFT_OUT = Contribution(Kind.PC_LOGIN, False, "too few counted days", 0, 0.0, 0.0, 0.0, 2.5)


def contribution(one: Contribution) -> dict[str, object]:
    return {
        "kind": one.kind.value,
        "counted": one.counted,
        "reason": one.reason,
        "amount": one.amount,
        "days": one.days,
        "rate": one.rate,
        "points": one.points,
        "weight": one.weight,
        "due": one.due,
    }


def result(**changes: object) -> Record:
    return {
        "student": STUDENT,
        "status": "scored",
        "band": "good",
        "score": 71.25,
        "reason": "",
        "contributions": [contribution(CONTRIBUTION), contribution(LEFT_OUT)],
        "policy": 2,
        "computed_at": COMPUTED,
        "writer": "w",
        **changes,
    }


def an_indicator(**changes: object) -> Record:
    current = {"as_of": day(16_201), "complete": day(16_200), "sequence": 4, "version": 9}
    return result(**{**current, **changes})


def a_closing(**changes: object) -> Record:
    return result(**{"day": day(16_200), "revision": 1, "cause": "day_closed", **changes})


def a_change(
    sequence: int, former: tuple[str, str], now: tuple[str, str], **changes: object
) -> Record:
    return {
        "student": STUDENT,
        "sequence": sequence,
        "as_of": day(16_200 + sequence),
        "previous_status": former[0],
        "previous_band": former[1],
        "status": now[0],
        "band": now[1],
        "score": None,
        "cause": "recomputed",
        "policy": 2,
        "changed_at": COMPUTED,
        "writer": "w",
        **changes,
    }


def put(store: Store, topic: Topic, *records: Record) -> None:
    loader = store.loader()
    load(loader, loads_of(topic, written(topic, records)))
    loader.close()


def test_the_current_indicator_is_read_with_what_it_is_made_of(store: Store) -> None:
    assert store.queries.current_indicator(STUDENT) is None
    put(store, topics.INDICATOR, an_indicator(version=8, band="low"), an_indicator())
    assert store.queries.current_indicator(STUDENT) == CurrentIndicator(
        student=STUDENT,
        as_of=Day(16_201),
        complete=Day(16_200),
        status=Status.SCORED,
        band=Band.GOOD,
        score=71.25,
        reason="",
        contributions=(CONTRIBUTION, LEFT_OUT),
        policy=2,
        sequence=4,
        version=9,
        computed_at=COMPUTED,
    )


def test_a_student_who_is_not_scored_has_no_score_and_no_contributions(store: Store) -> None:
    excluded: Record = {"status": "not_scored", "band": "none", "score": None, "contributions": []}
    put(store, topics.INDICATOR, an_indicator(**excluded, reason="research"))
    found = store.queries.current_indicator(STUDENT)
    assert found is not None
    assert (found.status, found.band, found.score) == (Status.NOT_SCORED, Band.NONE, None)
    assert (found.reason, found.contributions) == ("research", ())


def test_closings_are_those_of_the_days_asked_for_each_in_its_last_revision(store: Store) -> None:
    put(
        store,
        topics.INDICATOR_DAY,
        *(a_closing(day=day(number), revision=0) for number in (16_202, 16_200, 16_199, 16_201)),
        a_closing(day=day(16_201), revision=2, score=None, cause="correction"),
        a_closing(day=day(16_201), revision=1),
        a_closing(student=OTHER),
    )
    queries = store.queries
    found = queries.closings(STUDENT, Day(16_200), Day(16_201))
    assert [(closing.day, closing.revision) for closing in found] == [(16_200, 0), (16_201, 2)]
    assert queries.closing(STUDENT, Day(16_201)) == found[1]
    assert found[1] == Closing(
        student=STUDENT,
        day=Day(16_201),
        status=Status.SCORED,
        band=Band.GOOD,
        score=None,
        reason="",
        contributions=(CONTRIBUTION, LEFT_OUT),
        policy=2,
        revision=2,
        cause=Cause.CORRECTION,
        computed_at=COMPUTED,
    )
    assert queries.closing(STUDENT, Day(16_300)) is None
    assert queries.closings(STUDENT, Day(16_201), Day(16_200)) == []


def test_all_closings_come_in_blocks_by_student_and_day_and_each_once(store: Store) -> None:
    students, days = range(0, 3 * STUDENTS_A_BLOCK, 2), range(16_200, 16_203)
    put(
        store,
        topics.INDICATOR_DAY,
        *(
            a_closing(student=student, day=day(number), revision=revision)
            for revision in (0, 1)
            for number in days
            for student in reversed(students)
        ),
    )
    blocks = list(store.queries.all_closings())
    assert [block.height for block in blocks] == [3 * STUDENTS_A_BLOCK, 3 * STUDENTS_A_BLOCK // 2]
    everything = pl.concat(blocks)
    assert everything.select("student", "day", "revision").rows() == [
        (student, day(number), 1) for student in students for number in days
    ]
    first = everything.row(0, named=True)
    assert isinstance(first["day"], date)
    assert first["contributions"] == [contribution(CONTRIBUTION), contribution(LEFT_OUT)]
    assert first["computed_at"] == COMPUTED


def test_there_are_no_blocks_of_no_closings(store: Store) -> None:
    assert list(store.queries.all_closings()) == []


def test_changes_of_a_student_are_read_in_their_order(store: Store) -> None:
    nothing, low, left = ("none", "none"), ("scored", "low"), ("not_enrolled", "none")
    put(
        store,
        topics.INDICATOR_CHANGE,
        a_change(2, low, left),
        a_change(1, nothing, low, score=22.5),
        a_change(1, nothing, low, student=OTHER),
    )
    found = store.queries.changes(STUDENT)
    assert found == [
        Change(
            student=STUDENT,
            sequence=sequence,
            as_of=Day(16_200 + sequence),
            previous_status=Status(former[0]),
            previous_band=Band(former[1]),
            status=Status(now[0]),
            band=Band(now[1]),
            score=score,
            cause=Cause.RECOMPUTED,
            policy=2,
            changed_at=COMPUTED,
        )
        for sequence, former, now, score in ((1, nothing, low, 22.5), (2, low, left, None))
    ]
    assert store.queries.changes_chain_breaks() == 0


STATES = st.sampled_from([("scored", "low"), ("scored", "high"), ("insufficient_data", "none")])


@settings(max_examples=15)
@given(
    chains=st.lists(st.lists(STATES, min_size=1, max_size=4), min_size=1, max_size=4),
    data=st.data(),
)
def test_every_break_of_a_chain_is_counted(
    shared_store: Store, chains: Sequence[Sequence[tuple[str, str]]], data: st.DataObject
) -> None:
    """The oracle walks along each chain; the chains are broken by dropping and by altering."""
    records: list[Record] = []
    breaks = 0
    for student, states in enumerate(chains):
        former: tuple[int, tuple[str, str]] = (0, ("none", "none"))
        before = ("none", "none")
        for sequence, state in enumerate(states, start=1):
            told = data.draw(STATES) if data.draw(st.integers(0, 5)) == 0 else before
            before = state
            if data.draw(st.integers(0, 5)) == 0:
                continue  # this change was lost
            breaks += (sequence, told) != (former[0] + 1, former[1])
            former = (sequence, state)
            records.append(a_change(sequence, told, state, student=student))
    shared_store.client.command("TRUNCATE TABLE indicator_change")
    if records:
        put(shared_store, topics.INDICATOR_CHANGE, *records, *records)
    assert shared_store.queries.changes_chain_breaks() == breaks


def test_students_are_counted_by_band_highest_first_and_then_by_status(store: Store) -> None:
    states = [("scored", "low"), ("scored", "high"), ("scored", "low"), ("not_scored", "none")]
    put(
        store,
        topics.INDICATOR,
        *(
            an_indicator(student=student, status=status, band=band)
            for student, (status, band) in enumerate(states)
        ),
        an_indicator(student=0, version=10, band="very_low"),
    )
    counts = store.queries.band_counts()
    assert list(counts.items()) == [("high", 1), ("low", 1), ("very_low", 1), ("not_scored", 1)]


def test_examples_of_students_are_as_different_as_there_are(store: Store) -> None:
    bands = ["low", "low", "low", "good", "good", "high"]
    put(
        store,
        topics.INDICATOR,
        *(an_indicator(student=student, band=band) for student, band in enumerate(bands)),
    )
    assert sorted(store.queries.students(3)) == [0, 3, 5]
    assert sorted(store.queries.students(100)) == [0, 1, 2, 3, 4, 5]


def test_coursework_is_what_is_expected_by_the_day_on_which_it_is_due(store: Store) -> None:
    def item(name: str, due: int, **changes: object) -> Record:
        return {
            "student": STUDENT,
            "item": name,
            "kind": "faser_upload",
            "module": "AAA/2013J",
            "due": day(due),
            "recorded_at": instant(1_400_000_000_000),
            **changes,
        }

    put(
        store,
        topics.EXPECTATION,
        item("c", 16_300),
        item("b", 16_200, module=None),
        item("a", 16_100),
        item("a", 16_250, recorded_at=instant(1_400_000_000_001)),
        item("d", 16_000, student=OTHER),
    )
    assert store.queries.coursework(STUDENT) == [
        Coursework(STUDENT, "b", Kind.FASER_UPLOAD, None, Day(16_200)),
        Coursework(STUDENT, "a", Kind.FASER_UPLOAD, "AAA/2013J", Day(16_250)),
        Coursework(STUDENT, "c", Kind.FASER_UPLOAD, "AAA/2013J", Day(16_300)),
    ]


def test_a_clickhouse_that_fails_is_one_sentence(own_store: Store) -> None:
    own_store.client.command("DROP TABLE indicator")
    with pytest.raises(Unreachable, match="answer a question, error 60"):
        own_store.queries.current_indicator(STUDENT)
