from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.types import Day, Kind
from scoring import reference
from scoring.calendar import (
    EVERY_WEEKDAY,
    USUAL_WEIGHTS,
    Calendar,
    Entry,
    Sort,
    weekday,
)
from scoring.days import date_of, day_of
from scoring.indicator import Indicator
from tests.scoring.example import EXAMPLE
from tests.scoring.random_policies import FIRST_DAY
from tests.scoring.worlds import patiently

days = st.integers(FIRST_DAY, FIRST_DAY + 80).map(Day)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    first, last = sorted([draw(days), draw(days)])
    return Entry(draw(st.sampled_from(Sort)), first, last, draw(st.integers(0, 100)), "an entry")


calendars = st.builds(
    Calendar.of,
    st.lists(entries(), max_size=6),
    st.just(USUAL_WEIGHTS),
    st.just(EVERY_WEEKDAY) | st.tuples(*[st.integers(0, 100)] * 7),
)


@given(calendars)
@patiently
def test_many_days_weigh_what_each_of_them_weighs(calendar: Calendar) -> None:
    span = np.arange(FIRST_DAY - 10, FIRST_DAY + 100)[:, np.newaxis]
    assert calendar.weights(span).tolist() == [[calendar.weight_percent(day)] for day in span[:, 0]]


@given(calendars, days)
@patiently
def test_a_day_that_is_not_a_full_day_has_a_reason(calendar: Calendar, day: Day) -> None:
    assert (calendar.reason(day) == "") == (calendar.weight_percent(day) == 100)


def entry(sort: Sort, first: str, last: str, title: str = "") -> Entry:
    weight = USUAL_WEIGHTS.of(sort)
    span = day_of(date.fromisoformat(first)), day_of(date.fromisoformat(last))
    return Entry(sort, *span, weight, title)


YEAR = Calendar.of(
    [
        entry(Sort.TERM, "2024-10-03", "2024-12-13", "Autumn"),
        entry(Sort.READING_WEEK, "2024-11-04", "2024-11-10", "Week 6"),
        entry(Sort.CLOSURE, "2024-11-06", "2024-11-06", "Power cut"),
        entry(Sort.TERM, "2025-01-13", "2025-03-21", "Spring"),
    ],
    USUAL_WEIGHTS,
    (100, 100, 100, 100, 100, 100, 0),
)


@pytest.mark.parametrize(
    ("day", "weight", "reason"),
    [
        ("2024-10-03", 100, ""),
        ("2024-10-06", 0, "Sunday"),
        ("2024-11-05", 50, "reading week: Week 6"),
        ("2024-11-06", 0, "closure: Power cut"),
        ("2024-11-10", 0, "reading week: Week 6, Sunday"),
        ("2024-12-14", 0, "outside of term"),
        ("2030-06-03", 0, "outside of term"),
    ],
)
def test_closures_go_before_reading_weeks_and_these_before_terms(
    day: str, weight: int, reason: str
) -> None:
    campus_day = day_of(date.fromisoformat(day))
    assert (YEAR.weight_percent(campus_day), YEAR.reason(campus_day)) == (weight, reason)


def test_a_calendar_that_names_no_term_takes_nothing_from_the_days_it_does_not_name() -> None:
    calendar = Calendar.of([entry(Sort.CLOSURE, "2024-12-25", "2024-12-25")], USUAL_WEIGHTS)
    assert calendar.weight_percent(day_of(date(2024, 12, 25))) == 0
    assert calendar.weight_percent(day_of(date(2024, 12, 26))) == 100
    assert Calendar().weight_percent(0) == 100


@given(st.dates(date(1970, 1, 1), date(2100, 1, 1)))
@patiently
def test_days_and_dates_are_the_same_thing(when: date) -> None:
    assert date_of(day_of(when)) == when
    assert weekday(day_of(when)) == when.weekday()


CHANGES_OF_CLOCKS = [date(2024, 3, 31), date(2024, 10, 27), date(2025, 3, 30), date(2013, 10, 27)]


@pytest.mark.parametrize("change", CHANGES_OF_CLOCKS)
def test_days_of_23_and_25_hours_are_whole_days(change: date) -> None:
    """The same history a month away from the change of the clocks gives the same indicator."""

    def indicator(today: Day) -> Indicator:
        moodle = {Day(today - back): 1 for back in (0, 1, 2, 3, 7, 11, 20, 21)}
        return reference.evaluate(
            EXAMPLE,
            counts={Kind.MOODLE_COURSE: moodle},
            complete=today,
            as_of=Day(today + 1),
            seen=today,
            weight_percent=Calendar().weight_percent,
            counted=lambda _kind, day: day > today - 60,
        )

    for days_later in (-1, 0, 1, 5, 20, 21):
        today = Day(day_of(change) + days_later)
        assert indicator(today) == indicator(Day(today + 35))
