"""Dates and times mean one moment, or are refused with their reason."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.times import DateOrder, moments
from connectors.zones import Zone
from schemas.reasons import Reason

LONDON: Final = Zone("Europe/London")
ZONES: Final = ("Europe/London", "America/St_Johns", "Asia/Kathmandu", "UTC")
MOMENTS: Final = st.datetimes(datetime(1990, 1, 2), datetime(2099, 12, 30)).map(  # noqa: DTZ001
    lambda one: one.replace(microsecond=0)
)
FORMS: Final = (
    *("2019-10-14T09:00:00", "2019-07-14 09:00:00Z", "1571040000", "13/11/19, 14:05", "9/11/19"),
    *(
        "2019-03-31T01:30:00",
        "2019-10-27T01:30:00",
        "2017-13-12",
        "soon",
        "",
        "9 Nov 2019, 2:05 PM",
    ),
    *("2019-10-14T24:00:00", "0001-01-01", "2019-10-14T09:00:00+01:00", "9 Nov 2019, 2:05 PM"),
)


def read(text: str, order: DateOrder | None = None, zone: Zone = LONDON) -> int | Reason:
    found = moments(pl.Series([text], dtype=pl.String), zone, order)
    for reason, where in found.problems.items():
        if where[0]:
            return reason
    return int(found.ms[0])


def ms(one: datetime) -> int:
    return round(one.timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "order", "told"),
    [
        ("2019-11-09T14:05:33", None, "2019-11-09T14:05:33Z"),
        ("2019-07-09 14:05:33", None, "2019-07-09T13:05:33Z"),
        ("2019-07-09T14:05:33Z", None, "2019-07-09T14:05:33Z"),
        ("2019-07-09T14:05:33+02:00", None, "2019-07-09T12:05:33Z"),
        ("2019-07-09T14:05:33.250-0130", None, "2019-07-09T15:35:33.250Z"),
        ("2019-11-09 14:05", None, "2019-11-09T14:05:00Z"),
        ("2019-11-09", None, "2019-11-09T00:00:00Z"),
        ("9/11/19, 14:05", "day_first", "2019-11-09T14:05:00Z"),
        ("9/11/19, 14:05", "month_first", "2019-09-11T13:05:00Z"),
        ("11/15/2018 1:44:52 AM", "month_first", "2018-11-15T01:44:52Z"),
        ("15/11/2018 12:00:00 AM", None, "2018-11-15T00:00:00Z"),
        ("5-5-2019 12:00 PM", None, "2019-05-05T11:00:00Z"),
        ("9 November 2019, 2:05 PM", None, "2019-11-09T14:05:00Z"),
        ("09 Sept 2019 14:05:01", None, "2019-09-09T13:05:01Z"),
        ("1573308333", None, "2019-11-09T14:05:33Z"),
        ("29/02/2020", None, "2020-02-29T00:00:00Z"),
        ("2019-10-27T01:30:00", None, "2019-10-27T00:30:00Z"),  # occurs twice: the first
    ],
)
def test_a_form_that_exports_use_is_read(text: str, order: DateOrder | None, told: str) -> None:
    assert read(text, order) == ms(datetime.fromisoformat(told))


@pytest.mark.parametrize(
    ("text", "order", "reason"),
    [
        ("9/11/19, 14:05", None, Reason.AMBIGUOUS_DATE),
        ("2017-13-12T14:00:00", None, Reason.IMPOSSIBLE_DATE),
        ("2019-02-29", None, Reason.IMPOSSIBLE_DATE),
        ("31/9/19", "day_first", Reason.IMPOSSIBLE_DATE),
        ("9/13/19", "day_first", Reason.IMPOSSIBLE_DATE),
        ("0/0/19", None, Reason.IMPOSSIBLE_DATE),
        ("2019-11-09T25:00:00", None, Reason.IMPOSSIBLE_TIME),
        ("2019-11-09T23:60:00", None, Reason.IMPOSSIBLE_TIME),
        ("9 Nov 2019, 14:05 PM", None, Reason.IMPOSSIBLE_TIME),
        ("1066-10-14T09:00:00", None, Reason.IMPOSSIBLE_TIME),
        ("2219-10-14", None, Reason.IMPOSSIBLE_TIME),
        ("2019-03-31T01:30:00", None, Reason.NONEXISTENT_TIME),
        ("9 Nov, 14:05", None, Reason.UNREADABLE_TIME),
        ("9 Smarch 2019", None, Reason.UNREADABLE_TIME),
        ("", None, Reason.UNREADABLE_TIME),
        ("\u0662019-11-09", None, Reason.UNREADABLE_TIME),  # a digit, but not of exports
        ("-5", None, Reason.UNREADABLE_TIME),
    ],
)
def test_what_means_no_moment_or_several_is_refused(
    text: str, order: DateOrder | None, reason: Reason
) -> None:
    assert read(text, order) is reason


@given(st.lists(MOMENTS, min_size=1, max_size=20), st.sampled_from(ZONES), st.data())
def test_local_times_are_those_of_the_standard_library(
    local: list[datetime], zone: str, data: st.DataObject
) -> None:
    form = data.draw(
        st.sampled_from(["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S.000", "%d %B %Y %H:%M:%S"])
    )
    texts = [one.strftime(form) for one in local]
    found = moments(pl.Series(texts), Zone(zone), None)
    missing = found.problems.get(Reason.NONEXISTENT_TIME, [False] * len(local))
    for one, got, never_was in zip(local, found.ms.tolist(), missing, strict=True):
        zoned = one.replace(tzinfo=ZoneInfo(zone), fold=0)
        back = zoned.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert never_was == (back != one)
        if not never_was:
            assert got == ms(zoned)


@given(
    st.lists(
        st.text(max_size=25) | st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\dZ?", fullmatch=True)
    )
)
def test_every_text_is_a_moment_or_refused_once(texts: list[str]) -> None:
    found = moments(pl.Series(texts, dtype=pl.String), LONDON, "day_first")
    for row, text in enumerate(texts):
        refused = [reason for reason, where in found.problems.items() if where[row]]
        assert len(refused) <= 1
        assert read(text, "day_first") == (refused[0] if refused else int(found.ms[row]))


@given(MOMENTS, st.sampled_from(ZONES))
def test_a_campus_day_is_the_local_date(one: datetime, zone: str) -> None:
    moment = one.replace(tzinfo=UTC)
    (day,) = Zone(zone).days(pl.Series([ms(moment)]).to_numpy()).tolist()
    told = moment.astimezone(ZoneInfo(zone)).date()
    assert timedelta(days=day) == told - datetime(1970, 1, 1, tzinfo=UTC).date()


@given(st.lists(st.sampled_from(FORMS), max_size=20))
def test_many_are_read_as_each_of_them_alone(texts: list[str]) -> None:
    found = moments(pl.Series(texts, dtype=pl.String), LONDON, None)
    for at, text in enumerate(texts):
        alone = read(text)
        if isinstance(alone, Reason):
            assert [reason for reason, where in found.problems.items() if where[at]] == [alone]
        else:
            assert found.ms[at] == alone
            assert not any(where[at] for where in found.problems.values())
