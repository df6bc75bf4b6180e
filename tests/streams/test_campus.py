from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.campus import CampusDays, as_date, from_date

ZONES = ["Europe/London", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland", "UTC"]
CAMPUS = {name: CampusDays(ZoneInfo(name)) for name in ZONES}
INSTANTS = st.integers(700_000_000, 4_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC))


@pytest.mark.parametrize("zone", ZONES)
@given(instants=st.lists(INSTANTS, min_size=1, max_size=20))
def test_the_campus_day_is_the_local_date(zone: str, instants: list[datetime]) -> None:
    milliseconds = np.array([int(i.timestamp() * 1000) for i in instants], np.int64)
    days = CAMPUS[zone].of(milliseconds)
    assert [as_date(d) for d in days.tolist()] == [
        i.astimezone(ZoneInfo(zone)).date() for i in instants
    ]


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2013-10-26T22:59:59.999+00:00", "2013-10-26"),
        ("2013-10-26T23:00:00+00:00", "2013-10-27"),  # the day of 25 hours begins
        ("2013-10-27T23:59:59.999+00:00", "2013-10-27"),
        ("2013-10-28T00:00:00+00:00", "2013-10-28"),
        ("2014-03-30T00:00:00+00:00", "2014-03-30"),  # the day of 23 hours begins
        ("2014-03-30T22:59:59.999+00:00", "2014-03-30"),
        ("2014-03-30T23:00:00+00:00", "2014-03-31"),
    ],
)
def test_days_of_daylight_saving_changes_are_whole_days(instant: str, day: str) -> None:
    milliseconds = int(datetime.fromisoformat(instant).timestamp() * 1000)
    found = CAMPUS["Europe/London"].day_of(milliseconds)
    assert as_date(found).isoformat() == day
    assert CAMPUS["Europe/London"].start_ms(found) <= milliseconds
    assert from_date(as_date(found)) == found


def test_instants_no_campus_day_is_known_of_are_told_apart() -> None:
    inside = CAMPUS["UTC"].contains(np.array([-1, 0, 10**12, 2**62], np.int64))
    assert inside.tolist() == [False, False, True, False]
