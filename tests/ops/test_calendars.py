"""What is published of a calendar says of every day what the calendar says."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from broker.decoder import Decoder
from ops.calendars import calendar_record, publish_calendar, read_file
from ops.generation import open_generation
from schemas.avro import schema_of
from schemas.errors import PolicyError
from schemas.keys import number_key
from schemas.topics import CALENDAR, DAY_CLOSED
from schemas.types import Clock, Day
from schemas.wire import encode
from scoring.calendar import Calendar, Entry, Sort, Weights
from scoring.days import date_of
from streams.campus import as_instant
from streams.reference import calendars_in
from tests.broker.batches import Record, batch, slice_of
from tests.leap import app
from tests.ops.site import Site

FIRST = 19_000
ENTRIES = st.lists(
    st.builds(
        lambda sort, first, days, weight: Entry(sort, Day(first), Day(first + days), weight, "x"),
        st.sampled_from(Sort),
        st.integers(FIRST, FIRST + 40),
        st.integers(0, 30),
        st.integers(0, 100),
    ),
    max_size=6,
)
WEEKDAYS = st.lists(st.integers(0, 100), min_size=7, max_size=7).map(tuple)


@given(entries=ENTRIES, weekdays=WEEKDAYS, vacation=st.integers(0, 100))
def test_a_published_calendar_weighs_every_day_as_the_file_does(
    entries: list[Entry], weekdays: tuple[int, ...], vacation: int
) -> None:
    calendar = Calendar.of(entries, Weights(vacation=vacation), weekdays)
    record = calendar_record(calendar, 3, Day(FIRST + 7), "c.ics", as_instant(0))
    decoded = Decoder(schema_of(CALENDAR), 1, lambda _: None).decode(
        slice_of(batch([Record(number_key(3), encode(CALENDAR, 1, record))]))
    )
    (read,) = calendars_in(decoded.rows.values)
    days = np.arange(FIRST - 20, FIRST + 100)
    assert (read.version, read.valid_from) == (3, FIRST + 7)
    assert read.weights(days).tolist() == [calendar.weight_percent(day) for day in days.tolist()]


def test_a_calendar_of_a_century_is_refused_before_a_broker_would() -> None:
    entries = (Entry(Sort.TERM, Day(0), Day(36_500), 100, ""),)
    with pytest.raises(PolicyError, match=r"c\.ics: .* more than 20 years"):
        calendar_record(Calendar(entries), 1, Day(0), "c.ics", as_instant(0))


YAML = """\
entries:
  - {sort: term, first: 2024-10-03, last: 2024-12-13, title: Autumn}
  - {sort: closure, first: 2024-02-30, last: 2024-03-01}
"""


def test_check_tells_what_is_refused_with_its_line_and_ends_with_1(tmp_path: Path) -> None:
    file = tmp_path / "calendar.yaml"
    file.write_text(YAML)
    result = CliRunner().invoke(app, ["calendar", "check", str(file), "--json"])
    assert result.exit_code == 1
    assert "line 3" in result.output
    assert '"term": 1' in result.output
    file.write_text("".join(YAML.splitlines(keepends=True)[:2]))
    assert CliRunner().invoke(app, ["calendar", "check", str(file)]).exit_code == 0


def test_a_calendar_file_is_told_from_another_by_its_suffix(tmp_path: Path) -> None:
    file = tmp_path / "calendar.ics"
    file.write_text(
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Autumn term\r\n"
        "DTSTART;VALUE=DATE:20241003\r\nDTEND;VALUE=DATE:20241214\r\nEND:VEVENT\r\n"
        "END:VCALENDAR\r\n"
    )
    (entry,) = read_file(file).calendar.entries
    assert (date_of(entry.first).isoformat(), date_of(entry.last).isoformat()) == (
        "2024-10-03",
        "2024-12-13",
    )


@pytest.mark.stack
def test_a_changed_calendar_is_another_version_and_holds_for_closings_that_are_open(
    site: Site,
) -> None:
    generation = open_generation(
        site.context.with_generation("calendar", clock=Clock.REPLAY, partitions=2)
    )
    one = Calendar.of([Entry(Sort.TERM, Day(FIRST), Day(FIRST + 70), 100, "")], Weights())
    other = Calendar.of([Entry(Sort.TERM, Day(FIRST), Day(FIRST + 77), 100, "")], Weights())
    assert publish_calendar(generation, one, origin="c") == (1, Day(0))
    assert publish_calendar(generation, one, origin="c") == (1, Day(0))
    record = {
        "partition": 0,
        "day": date_of(FIRST + 30),
        "students": 1,
        "closed_at": as_instant(0),
        "writer": "w",
    }
    generation.publish(DAY_CLOSED, number_key(0), record)
    open_day = Day(FIRST + 31 - generation.amendment_days)
    with pytest.raises(PolicyError, match="are final"):
        publish_calendar(generation, other, origin="c", valid_from=Day(open_day - 1))
    assert publish_calendar(generation, other, origin="c") == (2, open_day)
    assert publish_calendar(generation, one, origin="c", valid_from=Day(FIRST + 60)) == (
        3,
        Day(FIRST + 60),
    )
