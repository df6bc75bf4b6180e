"""Student records are read back as they were written."""

from hypothesis import given
from hypothesis import strategies as st

from broker.decoder import Decoder
from schemas.avro import schema_of
from schemas.topics import STUDENT
from schemas.types import Day, StudentId
from schemas.wire import encode
from scoring.profile import Profile
from streams.recall import periods_in
from streams.students import Period
from tests.broker.batches import Record, batch, slice_of

WORDS = st.sampled_from(["", "undergraduate", "History"])
PROFILES = st.builds(Profile, WORDS, st.sampled_from(["full_time", "part_time"]), WORDS, WORDS)
DAYS = st.integers(-400, 20_000).map(Day)
PERIODS = st.lists(st.builds(Period, DAYS, st.none() | DAYS, PROFILES), max_size=3)
SCHEMA_ID = 7


def record_of(student: int, periods: list[Period]) -> Record:
    told: dict[str, object] = {
        "student": student,
        "periods": [
            {
                "from": period.start,
                "to": period.end,
                "level": period.profile.level,
                "mode": period.profile.mode,
                "programme": period.profile.programme,
                "status": period.profile.status,
            }
            for period in periods
        ],
        "recorded_at": 0,
    }
    return Record(student.to_bytes(8), encode(STUDENT, SCHEMA_ID, told))


@given(records=st.dictionaries(st.integers(0, 2**53 - 1), PERIODS, min_size=1, max_size=5))
def test_periods_are_those_of_the_records(records: dict[int, list[Period]]) -> None:
    piece = slice_of(batch([record_of(*one) for one in records.items()]))
    decoded = Decoder(schema_of(STUDENT), SCHEMA_ID, lambda _: None).decode(piece)
    assert periods_in(decoded.rows.values) == {
        StudentId(student): tuple(periods) for student, periods in records.items()
    }
