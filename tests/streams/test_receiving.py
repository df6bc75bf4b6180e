"""Slices of a topic that are read together are what each of them is when it is read alone."""

import time
from collections.abc import Sequence
from random import Random
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from broker.decoder import Decoder
from broker.slices import Slice
from schemas.avro import schema_of
from schemas.keys import partition_of
from schemas.topics import ACTIVITY
from schemas.types import Kind, StudentId
from streams.campus import CampusDays
from streams.ports import Now
from streams.received import Received, ReceivedEvents
from streams.receiving import Receiving
from streams.telling import Telling
from telemetry.metrics import WorkerMetrics
from tests.broker.batches import CODECS, Record, batch
from tests.streams.test_intake import record

TOPIC = ACTIVITY[Kind.TAP_IN]
PARTITIONS = 3
CAMPUS = CampusDays(ZoneInfo("Europe/London"))
STUDENTS = {
    partition: [s for s in range(200) if partition_of(StudentId(s), PARTITIONS) == partition][:5]
    for partition in range(PARTITIONS)
}


def receiving() -> Receiving:
    now = Now(milliseconds=lambda: int(time.time() * 1000), seconds=time.monotonic)
    telling = Telling(WorkerMetrics(CollectorRegistry()), now)
    decoders = {TOPIC: Decoder(schema_of(TOPIC), 1, lambda _: None)}
    return Receiving(decoders, PARTITIONS, CAMPUS, telling)


@st.composite
def slices(draw: st.DrawFn, *, are_good: bool) -> tuple[int, Slice]:
    """Of any partition; it may begin within a batch."""
    partition = draw(st.integers(0, PARTITIONS - 1))
    base = start = draw(st.integers(0, 50))
    batches = []
    for _ in range(draw(st.integers(0, 2))):
        records = [good(draw, partition) for _ in range(draw(st.integers(1, 4)))]
        if not are_good:
            records[draw(st.integers(0, len(records) - 1))] = draw(
                st.sampled_from([good(draw, (partition + 1) % PARTITIONS), BAD])
            )
        made = batch(records, base=base, codec=draw(st.sampled_from(list(CODECS))))
        batches.append(made)
        base = made.next_offset + draw(st.integers(0, 2))
    if batches:
        start += draw(st.sampled_from([0, 0, 0, batches[0].records - 1]))
    return partition, Slice(start, base + 1, batches)


BAD = Record(b"12345678", b"no Avro at all")


def good(draw: st.DrawFn, partition: int) -> Record:
    student = draw(st.sampled_from(STUDENTS[partition]))
    room = draw(st.sampled_from([None, "R1", "the large lecture theatre"]))
    session = draw(st.sampled_from([None, "L1", "the first lecture of the course"]))
    event_id = draw(st.binary(min_size=16, max_size=16))
    return record(event_id, student, room=room, session=session)


def said(received: Received) -> object:
    assert isinstance(received, ReceivedEvents)
    events = received.piece.events
    columns = [events.offsets, events.appended_ms, events.days, events.students, events.ids]
    columns.append(events.items)
    return (
        received.topic,
        received.piece.slice,
        [np.asarray(column).tolist() for column in [*columns, events.occurred_ms, events.ranks]],
        list(received.rejected),
    )


def check(pieces: Sequence[tuple[int, Slice]]) -> None:
    together = receiving().read(TOPIC.name, pieces)
    alone = [one for piece in pieces for one in receiving().read(TOPIC.name, [piece])]
    assert list(map(said, together)) == list(map(said, alone))


@given(st.lists(slices(are_good=True), min_size=2, max_size=5))
def test_slices_read_together_are_what_each_is_alone(
    pieces: Sequence[tuple[int, Slice]],
) -> None:
    check(pieces)


@given(
    st.lists(slices(are_good=True), min_size=1, max_size=3),
    st.lists(slices(are_good=False), min_size=1, max_size=2),
    st.randoms(),
)
def test_one_that_is_not_good_leaves_its_neighbours_as_they_are(
    pieces: list[tuple[int, Slice]], others: list[tuple[int, Slice]], random: Random
) -> None:
    mixed = [*pieces, *others]
    random.shuffle(mixed)
    check(mixed)
