from datetime import date

from hypothesis import example, given
from hypothesis import strategies as st

from scoring.calendar import Calendar
from scoring.calendar_yaml import read_calendar_yaml
from scoring.days import day_of
from tests.scoring.worlds import patiently

CALENDAR = """\
weights: {reading_week: 70}
weekdays: {sunday: 0}
entries:
  - {sort: term, first: 2024-10-03, last: 2024-12-13, title: Autumn}
  - {sort: reading_week, first: 2024-11-04, last: 2024-11-10}
  - {sort: vacation, first: 2024-12-14, last: 2025-01-12, weight: 20}
"""


def problems(text: str) -> list[str]:
    return list(read_calendar_yaml(text, origin="c.yaml").problems)


def weights(calendar: Calendar, *days: str) -> list[int]:
    return [calendar.weight_percent(day_of(date.fromisoformat(day))) for day in days]


def test_a_calendar_is_read_with_its_weights() -> None:
    found = read_calendar_yaml(CALENDAR, origin="c.yaml")
    assert found.problems == ()
    days = ("2024-10-03", "2024-10-06", "2024-11-05", "2024-12-16", "2025-06-02")
    assert weights(found.calendar, *days) == [100, 0, 70, 20, 0]


def test_bad_entries_are_told_with_their_lines_and_the_others_are_taken() -> None:
    text = (
        CALENDAR
        + """\
  - {sort: closure, first: 2024-02-30, last: 2024-03-01}
  - {sort: closure, first: 2024-03-02, last: 2024-03-01}
  - {sort: closed, first: 2024-03-02, last: 2024-03-02}
  - sort: closure
    frist: 2024-03-02
    last: 5
  - {sort: term, first: 2024-12-13, last: 2024-12-13, weight: 60}
  - {sort: closure, first: 2024-03-05, last: 2024-03-05, weight: 120}
  - a closure
"""
    )
    assert problems(text) == [
        "c.yaml: line 7: first: must be a day that exists, not '2024-02-30'",
        "c.yaml: line 8: ends before it starts: 2024-03-02 to 2024-03-01",
        "c.yaml: line 9: sort: unknown sort; did you mean closure?",
        "c.yaml: line 10: first: is missing",
        "c.yaml: line 10: frist: unknown field; did you mean first?",
        "c.yaml: line 10: last: must be a date such as 2024-10-03, not '5'",
        "c.yaml: line 13: term, 2024-12-13 to 2024-12-13, gives days of term 'Autumn', 2024-10-03 "
        "to 2024-12-13, (line 4) the weight 60, not 100; give each day one weight",
        "c.yaml: line 14: weight: must be less than or equal to 100, not '120'",
        "c.yaml: line 15: the entry: must be a mapping of fields, not 'a closure'",
    ]
    good = read_calendar_yaml(CALENDAR, origin="c.yaml").calendar
    assert read_calendar_yaml(text, origin="c.yaml").calendar == good


def test_what_is_wrong_with_the_whole_is_told() -> None:
    assert problems("entries: [") == [
        "c.yaml: line 1, column 11: not YAML: while parsing a flow node: expected the node content,"
        " but found '<stream end>'"
    ]
    assert problems("entry: []") == [
        "c.yaml: entries: is missing",
        "c.yaml: entry: unknown field; did you mean entries?",
    ]
    assert problems("weekdays: {saturday: -1}\nentries: []") == [
        "c.yaml: weekdays.saturday: must be greater than or equal to 0, not '-1'"
    ]


@given(
    st.integers(0, len(CALENDAR)), st.integers(0, 30), st.text("ab[]{}:, -!&*?#\n\t01.'\"|<>%@~")
)
@patiently
@example(0, 0, "a: &b [*b]\n")
@example(0, len(CALENDAR), "entries: &b [*b]\n")
def test_no_damage_to_a_calendar_ends_in_a_traceback(place: int, length: int, new: str) -> None:
    found = read_calendar_yaml(CALENDAR[:place] + new + CALENDAR[place + length :], origin="c")
    assert all(sentence.startswith("c: ") for sentence in found.problems)
