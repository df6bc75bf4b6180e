"""Whole populations, on rows that went through the loader."""

import pytest

from schemas import topics
from schemas.topics import Topic
from schemas.types import KINDS, CircumstanceSort, Day, Kind, StudentId
from schemas.wire import Record
from scoring.circumstance import Circumstance
from sinks.population import Population, Span
from streams.circumstances import circumstances_in_frame
from tests.sinks.conftest import Store
from tests.sinks.loading import load, loads_of, written
from tests.sinks.rows import day, instant
from tests.sinks.samples import (
    a_circumstance,
    a_daily,
    a_student,
    an_event,
    an_expectation,
    an_indicator,
)

ALL = Span(StudentId(0), StudentId(2**53 - 1), Day(16_000), Day(16_400))
ZONE = "Europe/London"
UPLOAD = topics.ACTIVITY[Kind.FASER_UPLOAD]
MIDNIGHT = 16_205 * 86_400_000  # UTC: in London the day has begun an hour before


@pytest.fixture
def population(store: Store) -> Population:
    return Population(store.client, store.address)


def put(store: Store, topic: Topic, *records: Record) -> None:
    load(store.loader(), loads_of(topic, written(topic, records)))


def an_upload(student: int, occurred_ms: int, **changes: object) -> Record:
    event = an_event(Kind.FASER_UPLOAD.value, student, 0)
    return {**event, "occurred_at": instant(occurred_ms), **changes}


def test_an_empty_store_tells_of_nobody(population: Population) -> None:
    assert population.moment() is None
    assert population.students(-1).is_empty()
    assert population.counts(ALL).is_empty()
    assert population.items(ALL, ZONE, 100).is_empty()
    assert population.circumstances(ALL.first, ALL.last).is_empty()
    assert population.states(ALL).is_empty()
    assert population.modules(ALL, ZONE).is_empty()


def test_students_come_block_by_block_with_their_periods(
    store: Store, population: Population
) -> None:
    put(store, topics.STUDENT, *map(a_student, (1, 2, 3)))
    assert population.students(-1, limit=2)["student"].to_list() == [1, 2]
    (row,) = population.students(2, limit=2).iter_rows(named=True)
    assert row == {
        "student": 3,
        "first": [15_000, 16_100],
        "last": [16_000, -1],
        "level": ["undergraduate"] * 2,
        "mode": ["full_time"] * 2,
        "programme": ["AAA/2013J"] * 2,
        "status": ["interrupted", "enrolled"],
    }


def test_counts_and_the_present_are_the_last_that_was_told(
    store: Store, population: Population
) -> None:
    put(store, topics.INDICATOR, an_indicator(1, 1), an_indicator(1, 2))
    later = {**a_daily(1, 16_200, 1), "tap_in": 7}
    put(store, topics.DAILY, a_daily(1, 16_200, 0), later, a_daily(1, 15_999, 0))
    assert population.moment() == (16_202, 16_203)
    assert population.states(ALL).rows() == [(1, "scored", "good", 66.67)]
    (row,) = population.counts(ALL).iter_rows(named=True)
    assert (row["student"], row["campus_day"]) == (1, 16_200)
    assert [row[kind.value] for kind in KINDS] == [7] + [1] * 9


def test_an_item_is_met_on_the_campus_day_of_the_first_upload_that_counts(
    store: Store, population: Population
) -> None:
    put(store, topics.EXPECTATION, *(an_expectation(s, "essay") for s in (1, 2, 3, 4)))
    put(
        store,
        UPLOAD,
        an_upload(1, MIDNIGHT - 60_000),
        an_upload(1, MIDNIGHT + 99_000_000, event_id=b"b" * 16),
        an_upload(2, MIDNIGHT, action="retract"),
        an_upload(3, MIDNIGHT, assignment="report"),
    )
    kind, due = "faser_upload", 16_300
    assert population.items(ALL, ZONE, 100).rows() == [
        (1, kind, due, 16_205),
        (2, kind, due, None),
        (3, kind, due, None),
        (4, kind, due, None),
    ]


def test_what_was_done_too_early_does_not_meet_an_item_and_what_came_later_does(
    store: Store, population: Population
) -> None:
    put(store, topics.EXPECTATION, *(an_expectation(student, "essay") for student in (1, 2)))
    too_early, in_time = (instant(day * 86_400_000) for day in (16_271, 16_272))
    put(
        store,
        UPLOAD,
        an_upload(1, 0, occurred_at=too_early),
        an_upload(1, 0, occurred_at=in_time, event_id=b"b" * 16),
        an_upload(2, 0, occurred_at=too_early),
    )
    kind, due = "faser_upload", 16_300
    assert population.items(ALL, ZONE, 28).rows() == [
        (1, kind, due, 16_272),
        (2, kind, due, None),
    ]


def test_circumstances_are_read_as_workers_read_them(store: Store, population: Population) -> None:
    withdrawn = {**a_circumstance(2), "kinds": [], "withdrawn_on": day(16_299)}
    put(store, topics.CIRCUMSTANCE, a_circumstance(1), withdrawn, a_circumstance(3))
    said = circumstances_in_frame(population.circumstances(StudentId(1), StudentId(2)))
    name = "placement@2014-08-15/2014-08-20;all;+0;2014-08-14"
    sort = CircumstanceSort.PLACEMENT
    first, last, declared = Day(16_297), Day(16_302), Day(16_296)
    assert said == {
        (1, name): Circumstance(StudentId(1), sort, (Kind.TAP_IN,), first, last, 0, declared, None),
        (2, name): Circumstance(StudentId(2), sort, (), first, last, 0, declared, Day(16_299)),
    }


def test_modules_are_those_of_what_was_due_and_of_what_was_done(
    store: Store, population: Population
) -> None:
    put(store, topics.EXPECTATION, an_expectation(1, "a"), an_expectation(1, "b"))
    put(store, UPLOAD, an_upload(2, MIDNIGHT, module="BBB"), an_upload(3, MIDNIGHT, module=None))
    assert population.modules(ALL, ZONE).rows() == [(1, "AAA/2013J"), (2, "BBB")]
