"""What lies on the topic of circumstances is read as it was written, and its neighbours survive."""

from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from broker.decoder import Decoder
from connectors.circumstances.publish import circumstance_record
from schemas.avro import schema_of
from schemas.keys import student_circumstance_key
from schemas.topics import CIRCUMSTANCE
from schemas.types import CircumstanceSort, Day, Kind, StudentId
from schemas.wire import encode
from scoring.circumstance import Circumstance
from streams.campus import CampusDays
from streams.ports import Now
from streams.received import ReceivedCircumstances
from streams.receiving import Receiving
from streams.telling import Telling
from telemetry.metrics import WorkerMetrics
from tests.broker.batches import Record, batch, slice_of

DAYS = st.integers(0, 40_000).map(Day)
CIRCUMSTANCES = st.lists(
    st.builds(
        Circumstance,
        student=st.integers(0, 3).map(StudentId),
        sort=st.sampled_from(CircumstanceSort),
        kinds=st.sets(st.sampled_from(Kind), max_size=3).map(sorted).map(tuple),
        first=DAYS,
        last=DAYS,
        extend_days=st.integers(0, 30),
        declared_on=DAYS,
        withdrawn_on=st.none() | DAYS,
    ),
    max_size=6,
)


def read(*records: Record) -> ReceivedCircumstances:
    now = Now(milliseconds=lambda: 0, seconds=lambda: 0.0)
    telling = Telling(WorkerMetrics(CollectorRegistry()), now)
    decoder = Decoder(schema_of(CIRCUMSTANCE), 1, lambda _: None, allow_tombstones=True)
    receiving = Receiving({CIRCUMSTANCE: decoder}, 1, CampusDays(ZoneInfo("UTC")), telling)
    (received,) = receiving.read(CIRCUMSTANCE.name, [(0, slice_of(batch(list(records))))])
    assert isinstance(received, ReceivedCircumstances)
    return received


def record_of(one: Circumstance, **changes: object) -> Record:
    value = {**circumstance_record(one, 0), **changes}
    key = student_circumstance_key(one.student, one.name)
    return Record(key, encode(CIRCUMSTANCE, 1, value))


@given(said=CIRCUMSTANCES.filter(bool))
def test_of_each_circumstance_the_last_record_counts(said: list[Circumstance]) -> None:
    received = read(*map(record_of, said))
    assert received.said == {(one.student, one.name): one for one in said}
    assert (received.end, list(received.rejected)) == (len(said), [])


ONE = Circumstance(StudentId(1), CircumstanceSort.PLACEMENT, (), Day(5), Day(8), 0, Day(5))
OTHER = Circumstance(StudentId(2), CircumstanceSort.PLACEMENT, (), Day(5), Day(8), 0, Day(5))


def test_a_record_that_cannot_be_read_is_rejected_and_its_neighbours_count() -> None:
    received = read(record_of(ONE), Record(b"12345678", b"no Avro at all"), record_of(OTHER))
    assert list(received.said.values()) == [ONE, OTHER]
    assert [one.offset for one in received.rejected] == [1]


def test_a_circumstance_that_was_deleted_does_not_count_and_one_said_again_does() -> None:
    name = (ONE.student, ONE.name)
    gone = Record(student_circumstance_key(*name), None)
    assert read(record_of(ONE), gone).said == {name: None}
    assert read(record_of(ONE), gone, record_of(ONE)).said == {name: ONE}


def test_what_a_later_version_may_say_excuses_nobody_from_everything() -> None:
    name = (ONE.student, ONE.name)
    assert read(record_of(ONE, sort="jury_service")).said == {name: None}
    assert read(record_of(ONE, kinds=[{"kind": "seminar"}])).said == {name: None}
    both = read(record_of(ONE, kinds=[{"kind": "seminar"}, {"kind": "tap_in"}])).said[name]
    assert both is not None
    assert both.kinds == (Kind.TAP_IN,)
