"""Entries of the quarantine: each once, released when their people are known, settled for good."""

from pathlib import Path

import polars as pl
import pytest

from connectors.people import KnownPeople
from connectors.quarantine import Entry, Kept, Outcome, Settler, open_entries
from connectors.records import Encoder
from connectors.waiting import WaitingActivity, WaitingDue, packed, unpacked
from schemas.avro import schema_of
from schemas.physical import column_types, physical
from schemas.reasons import Reason
from schemas.topics import EXPECTATION, QUARANTINE, QUARANTINE_SETTLED
from schemas.types import Day, Kind
from schemas.wire import Record
from tests.connectors.case import Case
from tests.connectors.cases import CASES
from tests.connectors.connected import connected, people
from tests.connectors.memory_publisher import MemoryPublisher
from tests.connectors.world import DESTINATION, PARTITIONS, SITE_KEY, by_id, kept, values

every_source = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def entries(publisher: MemoryPublisher) -> dict[str, Entry]:
    settled = {
        str(one["entry"]): str(one["outcome"]) for one in values(publisher, QUARANTINE_SETTLED)
    }
    return open_entries(map(entry_of, values(publisher, QUARANTINE)), settled)


def entry_of(record: Record) -> Entry:
    """As the command line makes it out of a row of a frame."""
    frame = pl.DataFrame([record], schema=column_types(physical(schema_of(QUARANTINE))))
    return Entry(**frame.row(0, named=True))


def settler(publisher: MemoryPublisher, who: KnownPeople) -> Settler:
    encoder = Encoder(DESTINATION, SITE_KEY)
    return Settler(publisher, DESTINATION, encoder, who, 5, raw_limit=100)


def dues(publisher: MemoryPublisher) -> dict[bytes, object]:
    return {one.key: {**value, "recorded_at": 0} for one, value in kept(publisher, EXPECTATION)}


@every_source
def test_what_waited_is_what_would_have_been_published(case: Case, tmp_path: Path) -> None:
    case.write(tmp_path, [sample.row for sample in case.good])
    told, waited = MemoryPublisher(PARTITIONS), MemoryPublisher(PARTITIONS)
    connected(case.build(tmp_path), told, people(case.people))
    connected(case.build(tmp_path), waited, people([]))
    one = settler(waited, people(case.people))
    outcomes = [one.replay(name, entry) for name, entry in entries(waited).items()]
    assert entries(waited)
    one.settle()
    assert outcomes == [Outcome.REPLAYED] * len(case.good)
    assert by_id(waited) == by_id(told)
    assert dues(waited) == dues(told)
    assert entries(waited) == {}


def waiting(publisher: MemoryPublisher, tmp_path: Path, times: int = 1) -> dict[str, Entry]:
    case = CASES[0]
    case.write(tmp_path, [sample.row for sample in case.samples])
    for _ in range(times):
        connected(case.build(tmp_path), publisher, people([]))
    return entries(publisher)


def test_a_row_that_is_read_and_refused_again_is_the_same_entry(tmp_path: Path) -> None:
    publisher = MemoryPublisher(PARTITIONS)
    found = waiting(publisher, tmp_path, times=3)
    assert {entry.times for entry in found.values()} == {3}


def test_who_is_still_unknown_goes_on_waiting_and_who_was_erased_is_let_go(tmp_path: Path) -> None:
    publisher = MemoryPublisher(PARTITIONS)
    found = waiting(publisher, tmp_path)
    unknown = {name: one for name, one in found.items() if one.reason == Reason.UNKNOWN_IDENTITY}
    one = settler(publisher, people([]))
    assert {one.replay(*pair) for pair in unknown.items()} == {Kept.UNKNOWN}
    one.settle()
    assert entries(publisher).keys() == found.keys()
    one = settler(publisher, people([], erased=CASES[0].people))
    assert {one.replay(*pair) for pair in unknown.items()} == {Outcome.DROPPED}
    one.settle()
    assert entries(publisher).keys() == found.keys() - unknown.keys()
    assert by_id(publisher) == {}


def test_a_row_that_is_bad_can_only_be_read_again_or_dropped(tmp_path: Path) -> None:
    publisher = MemoryPublisher(PARTITIONS)
    found = waiting(publisher, tmp_path)
    bad = {name: one for name, one in found.items() if one.waiting is None}
    one = settler(publisher, people(CASES[0].people))
    assert {one.replay(*pair) for pair in bad.items()} == {Kept.ONLY_AT_THE_SOURCE}
    for name in bad:
        one.drop(name)
    one.settle()
    assert entries(publisher).keys() == found.keys() - bad.keys()
    waiting(publisher, tmp_path)  # read again: dropped stays dropped
    assert entries(publisher).keys() == found.keys() - bad.keys()


def record(raw: bytes) -> Entry:
    return Entry("undecodable", "no", "t[1]@7", "", "activity.tap_in", 1, 7, 3, b"key", raw)


def test_a_record_is_published_again_where_it_was() -> None:
    publisher = MemoryPublisher(PARTITIONS)
    one = settler(publisher, people([]))
    assert one.replay("x", record(b"value")) is Outcome.REPLAYED
    assert one.replay("y", record(b"v" * 100)) is Kept.INCOMPLETE
    one.settle()
    (again,) = publisher.records("leap.test.activity.tap_in")
    assert (again.key, again.value, again.place.partition) == (b"key", b"value", 1)


@pytest.mark.parametrize(
    "one",
    [
        WaitingActivity(Kind.TAP_IN, "taps", b"i" * 16, b"name", 1, 2, {"room": "Hall", "n": None}),
        WaitingDue(Kind.FASER_UPLOAD, "faser", b"i" * 16, "essay", "HI101", Day(3), 4),
    ],
)
def test_what_waits_comes_back_as_it_was(one: WaitingActivity | WaitingDue) -> None:
    assert unpacked(packed(one)) == one


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"form": 2}', b'{"form": 1, "is": "X"}'])
def test_what_does_not_wait_is_told_apart(raw: bytes) -> None:
    assert unpacked(raw) is None
