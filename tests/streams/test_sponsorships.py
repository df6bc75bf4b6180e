"""What lies on the topic of sponsorships is read as it was written, and held by days."""

from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from broker.decoder import Decoder
from connectors.sponsorship.publish import sponsorship_record
from schemas.avro import schema_of
from schemas.keys import student_key
from schemas.topics import SPONSORSHIP
from schemas.types import Day, StudentId
from schemas.wire import encode
from streams.campus import CampusDays
from streams.ports import Now
from streams.received import ReceivedSponsorships
from streams.receiving import Receiving
from streams.sponsorships import Sponsored, Sponsorships
from streams.students import Students
from streams.telling import Telling
from telemetry.metrics import WorkerMetrics
from tests.broker.batches import Record, batch, slice_of

KNOWN = [StudentId(7), StudentId(3), StudentId(9)]
STRANGER = StudentId(5)
SPANS = st.lists(
    st.tuples(st.integers(0, 30), st.none() | st.integers(0, 12)).map(
        lambda span: (Day(span[0]), None if span[1] is None else Day(span[0] + span[1]))
    ),
    max_size=3,
).map(tuple)
SAID = st.lists(
    st.tuples(st.sampled_from([*KNOWN, STRANGER]), st.none() | SPANS), min_size=1, max_size=8
)


def read(*records: Record) -> ReceivedSponsorships:
    now = Now(milliseconds=lambda: 0, seconds=lambda: 0.0)
    telling = Telling(WorkerMetrics(CollectorRegistry()), now)
    decoder = Decoder(schema_of(SPONSORSHIP), 1, lambda _: None, allow_tombstones=True)
    receiving = Receiving({SPONSORSHIP: decoder}, 1, CampusDays(ZoneInfo("UTC")), telling)
    (received,) = receiving.read(SPONSORSHIP.name, [(0, slice_of(batch(list(records))))])
    assert isinstance(received, ReceivedSponsorships)
    return received


def record_of(student: StudentId, spans: tuple[Sponsored, ...] | None) -> Record:
    value = None if spans is None else encode(SPONSORSHIP, 1, sponsorship_record(student, spans, 0))
    return Record(student_key(student), value)


@given(said=SAID)
def test_of_each_student_the_last_record_counts_and_a_deletion_says_that_there_is_nothing(
    said: list[tuple[StudentId, tuple[Sponsored, ...] | None]],
) -> None:
    received = read(*(record_of(*one) for one in said))
    assert received.said == {student: spans or () for student, spans in said}
    assert (received.end, list(received.rejected)) == (len(said), [])


def test_a_record_that_cannot_be_read_is_rejected_and_its_neighbours_count() -> None:
    spans: tuple[Sponsored, ...] = ((Day(1), None),)
    one, other = record_of(KNOWN[0], spans), record_of(KNOWN[1], spans)
    received = read(one, Record(b"12345678", b"no Avro at all"), other)
    assert received.said == dict.fromkeys(KNOWN[:2], spans)
    assert [one.offset for one in received.rejected] == [1]


@given(
    said=SAID,
    rows=st.sets(st.integers(0, 2), min_size=1).map(sorted),
    start=st.integers(-3, 40),
    length=st.integers(1, 20),
)
def test_students_are_sponsored_on_the_days_of_their_last_record(
    said: list[tuple[StudentId, tuple[Sponsored, ...] | None]],
    rows: list[int],
    start: int,
    length: int,
) -> None:
    students = Students()
    for student in KNOWN:
        students.rows_of(np.array([student]))
    held = Sponsorships(students)
    last: dict[StudentId, tuple[Sponsored, ...]] = {}
    for student, spans in said:
        changed = held.take({student: spans or ()}).tolist()
        is_news = last.get(student, ()) != (spans or ())
        assert changed == ([KNOWN.index(student)] if is_news and student in KNOWN else [])
        last[student] = spans or ()
    days = np.arange(start, start + length)
    wanted = [
        [
            any(
                first <= day and (end is None or day <= end)
                for first, end in last.get(KNOWN[row], ())
            )
            for row in rows
        ]
        for day in days.tolist()
    ]
    assert held.on(days, np.array(rows)).tolist() == wanted
    assert held.within(days, np.array(rows)).tolist() == np.any(wanted, axis=0).tolist()
