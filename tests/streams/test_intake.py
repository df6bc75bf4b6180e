"""From decoded rows to events: what is refused, and what names an activity."""

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from broker.decoder import Decoder
from schemas.avro import schema_of
from schemas.keys import partition_of, student_key
from schemas.reasons import Reason
from schemas.topics import ACTIVITY
from schemas.types import STUDENT_ID_LIMIT, Kind, StudentId
from schemas.wire import encode
from streams.campus import CampusDays
from streams.intake import Events, Refused, take_in
from tests.broker.batches import Record, batch, slice_of

CAMPUS = CampusDays(ZoneInfo("Europe/London"))
TOPIC = ACTIVITY[Kind.TAP_IN]
IDS = st.binary(min_size=16, max_size=16)
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def record(event_id: bytes, student: int, **changed: object) -> Record:
    value: dict[str, object] = {
        "event_id": event_id,
        "student": student,
        "occurred_at": NOON,
        "recorded_at": NOON,
        "feed": "taps",
        "revision": 0,
        "action": "assert",
        "reader": None,
        "room": None,
        "session": None,
        **changed,
    }
    return Record(student_key(StudentId(student)), encode(TOPIC, 1, value))


def taken(records: Sequence[Record], kind: Kind = Kind.TAP_IN) -> tuple[Events, Sequence[Refused]]:
    decoded = Decoder(schema_of(TOPIC), 1, lambda _: None).decode(slice_of(batch(records)))
    return take_in(decoded.rows, kind=kind, partition=0, partitions=1, campus=CAMPUS)


@given(ids=st.lists(IDS, min_size=1, max_size=5), students=st.sets(st.integers(0, 2**53 - 1)))
def test_an_id_is_one_students_and_one_kinds(ids: list[bytes], students: set[int]) -> None:
    named = [(number, student) for number in ids for student in students] or [(ids[0], 1)]
    records = [record(*one) for one in named]
    taps, _ = taken(records)
    logins, _ = taken(records, Kind.PC_LOGIN)
    again, _ = taken(list(reversed(records)))
    words = dict(zip(named, taps.ids.tolist(), strict=True))
    assert len(set(words.values())) == len(set(named))
    assert not set(words.values()) & set(logins.ids.tolist())
    assert dict(zip(reversed(named), again.ids.tolist(), strict=True)) == words


@given(revision=st.integers(0, 2**31 - 1), retracts=st.booleans())
def test_a_retraction_outranks_its_own_revision_and_no_other(revision: int, retracts: bool) -> None:
    action = "retract" if retracts else "assert"
    events, refused = taken([record(bytes(16), 1, revision=revision, action=action)])
    assert events.ranks.tolist() == [2 * revision + retracts]
    assert not refused


def test_what_cannot_be_is_refused_with_its_reason_and_its_neighbours_are_taken() -> None:
    good = record(b"a" * 16, 7)
    bad = [
        (record(b"b" * 16, 7, revision=-1), Reason.IMPOSSIBLE_REVISION),
        (record(b"c" * 16, STUDENT_ID_LIMIT), Reason.IMPOSSIBLE_STUDENT),
        (
            record(b"d" * 16, 7, occurred_at=datetime(1980, 1, 1, tzinfo=UTC)),
            Reason.IMPOSSIBLE_TIME,
        ),
        (Record(b"12345678", good.value), Reason.KEY_MISMATCH),
        (Record(b"short", good.value), Reason.KEY_MISMATCH),
    ]
    events, refused = taken([good, *(one for one, _ in bad), good])
    assert events.offsets.tolist() == [0, len(bad) + 1]
    assert {one.offset: one.reason for one in refused} == {
        at: reason for at, (_, reason) in enumerate(bad, start=1)
    }


def test_a_record_in_another_students_partition_is_refused() -> None:
    records = [record(bytes([n] * 16), n) for n in range(1, 20)]
    decoded = Decoder(schema_of(TOPIC), 1, lambda _: None).decode(slice_of(batch(records)))
    events, refused = take_in(
        decoded.rows, kind=Kind.TAP_IN, partition=2, partitions=5, campus=CAMPUS
    )
    here = [n for n in range(1, 20) if partition_of(StudentId(n), 5) == 2]
    assert events.students.tolist() == here
    assert {one.reason for one in refused} == {Reason.WRONG_PARTITION}
