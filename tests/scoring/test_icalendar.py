from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scoring.calendar import Entry, Sort, Weights
from scoring.days import day_of
from scoring.icalendar_text import read_icalendar
from tests.scoring.worlds import patiently

TERM = """\
BEGIN:VEVENT
DTSTART;VALUE=DATE:20241003
DTEND;VALUE=DATE:20241214
SUMMARY:Autumn term
END:VEVENT
"""


def file(*events: str) -> str:
    return "BEGIN:VCALENDAR\nVERSION:2.0\n" + "".join(events) + "END:VCALENDAR\n"


def event(*lines: str) -> str:
    return "\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT", ""])


def entries(*events: str) -> tuple[Entry, ...]:
    found = read_icalendar(file(*events), origin="c.ics")
    assert found.problems == ()
    return found.calendar.entries


def problem(*events: str) -> str:
    (sentence,) = read_icalendar(file(*events), origin="c.ics").problems
    return sentence


def day(text: str) -> int:
    return day_of(date.fromisoformat(text))


def test_an_event_ends_on_the_day_before_its_end() -> None:
    (term,) = entries(TERM)
    assert (term.sort, term.weight_percent, term.title) == (Sort.TERM, 100, "Autumn term")
    assert (term.first, term.last) == (day("2024-10-03"), day("2024-12-13"))


def test_without_an_end_an_event_lasts_a_day_or_its_duration() -> None:
    start = "DTSTART;VALUE=DATE:20240331"  # the clocks change: 23 hours
    one, three = entries(
        event(start, "SUMMARY:Closed"), event(start, "DURATION:P3D", "SUMMARY:Closed")
    )
    assert (one.first, one.last) == (day("2024-03-31"), day("2024-03-31"))
    assert (three.first, three.last) == (day("2024-03-31"), day("2024-04-02"))


@pytest.mark.parametrize(
    ("lines", "sort"),
    [
        (["SUMMARY:Spring Term"], Sort.TERM),
        (["SUMMARY:Semester 2"], Sort.TERM),
        (["SUMMARY:Easter break"], Sort.VACATION),
        (["SUMMARY:Summer Vacation"], Sort.VACATION),
        (["SUMMARY:Early May bank holiday"], Sort.CLOSURE),
        (["SUMMARY:University closed"], Sort.CLOSURE),
        (["SUMMARY:Reading week (autumn term)"], Sort.READING_WEEK),
        (["SUMMARY:Weeks 1 to 10", "CATEGORIES:Leap,TERM"], Sort.TERM),
        (["SUMMARY:Spring term", "CATEGORIES:reading-week"], Sort.READING_WEEK),
        (["SUMMARY:x", "CATEGORIES:x", "CATEGORIES:closure"], Sort.CLOSURE),
    ],
)
def test_categories_decide_and_then_the_summary(lines: list[str], sort: Sort) -> None:
    (found,) = entries(event("DTSTART;VALUE=DATE:20240301", *lines))
    assert found.sort is sort


def test_weights_are_those_of_the_sort_or_the_events_own() -> None:
    start = "DTSTART;VALUE=DATE:20240301"
    text = file(
        event(start, "SUMMARY:Easter vacation"),
        event("DTSTART;VALUE=DATE:20240401", "SUMMARY:Summer vacation", "X-LEAP-WEIGHT:20"),
    )
    found = read_icalendar(text, origin="c.ics", weights=Weights(vacation=5))
    assert [entry.weight_percent for entry in found.calendar.entries] == [5, 20]


def test_a_cancelled_event_is_none() -> None:
    start = "DTSTART;VALUE=DATE:20240301"
    assert entries(event(start, "SUMMARY:Closed", "STATUS:CANCELLED"), TERM) == entries(TERM)


def test_long_lines_are_folded_and_ends_of_lines_are_of_any_sort() -> None:
    folded = TERM.replace("Autumn term", "A very long name\n  of the autumn term")
    (term,) = entries(folded.replace("\n", "\r\n"))
    assert term.title == "A very long name of the autumn term"


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["DTSTART;VALUE=DATE:20240230"], "DTSTART cannot be read: Wrong date format 20240230"),
        (["DTSTART:20240301T090000Z"], "DTSTART is 2024-03-01 09:00:00+00:00: only whole days"),
        (["DTSTART;TZID=Europe/London:20240301T090000"], "DTSTART is 2024-03-01 09:00:00"),
        (["DTSTART;VALUE=DATE:20240301", "DURATION:PT3H"], "DURATION is 3:00:00, not a number of"),
        (["DTSTART;VALUE=DATE:20240301", "DTEND;VALUE=DATE:20240301"], "ends before it starts"),
        (["DTSTART;VALUE=DATE:20240301", "DTEND;VALUE=DATE:20230301"], "ends before it starts"),
        (["DTSTART;VALUE=DATE:99991231", "DURATION:P5D"], "lies outside of the years that a date"),
        (["DTSTART;VALUE=DATE:20240301", "DTSTART:20240302"], "DTSTART is given 2 times"),
        (["DTSTART;VALUE=DATE:20240301", "RRULE:FREQ=YEARLY"], "repeats (RRULE): write an event"),
        (["DTSTART;VALUE=DATE:20240301", "X-LEAP-WEIGHT:101"], "X-LEAP-WEIGHT is '101', not a"),
        (["DTSTART;VALUE=DATE:20240301", "X-LEAP-WEIGHT:half"], "X-LEAP-WEIGHT is 'half', not a"),
        (["DTSTART;VALUE=DATE:20240301", "garbage"], "a line cannot be read"),
        ([], "DTSTART is missing"),
    ],
)
def test_a_bad_event_is_told_with_its_line_and_the_others_are_taken(
    lines: list[str], reason: str
) -> None:
    bad = event("SUMMARY:Easter vacation", *lines)
    text = file(TERM, bad, TERM)
    found = read_icalendar(text, origin="c.ics")
    (sentence,) = found.problems
    assert sentence.startswith(f"c.ics: line 8: {reason}")
    assert [entry.title for entry in found.calendar.entries] == ["Autumn term"] * 2


def test_an_event_that_says_nothing_of_its_sort_is_told() -> None:
    sentence = problem(event("DTSTART;VALUE=DATE:20240301", "SUMMARY:Graduation"))
    assert sentence.startswith("c.ics: line 3: neither the categories nor the summary 'Graduation'")


def test_an_event_that_does_not_end_is_told_and_the_next_one_is_taken() -> None:
    found = read_icalendar(file("BEGIN:VEVENT\nSUMMARY:Closed\n", TERM), origin="c.ics")
    assert found.problems == ("c.ics: line 3: the event does not end: END:VEVENT is missing",)
    assert len(found.calendar.entries) == 1


def test_two_events_that_give_a_day_different_weights_are_told() -> None:
    other = TERM.replace("Autumn", "Winter").replace("END:V", "X-LEAP-WEIGHT:80\nEND:V")
    assert problem(TERM, other) == (
        "c.ics: line 8: term 'Winter term', 2024-10-03 to 2024-12-13, gives days of term "
        "'Autumn term', 2024-10-03 to 2024-12-13, (line 3) the weight 80, not 100; "
        "give each day one weight"
    )


@pytest.mark.parametrize("text", ["", "term: 1", "BEGIN:VCALENDAR\nEND:VCALENDAR"])
def test_what_holds_no_event_is_told(text: str) -> None:
    found = read_icalendar(text, origin="c.ics")
    assert found.problems == ("c.ics: line 1: is not iCalendar, or holds no event",)


@given(st.integers(0, 90), st.integers(0, 30), st.text('BEGINEDTSART:;=-\n\r\t 0123,\\"^éx'))
@patiently
@example(81, 0, ",")  # a parameter with two values, on which the library stumbles
def test_no_damage_to_a_calendar_ends_in_a_traceback(place: int, length: int, new: str) -> None:
    good = file(TERM)
    found = read_icalendar(good[:place] + new + good[place + length :], origin="c.ics")
    assert found.calendar.entries or found.problems


@given(st.text())
@patiently
def test_no_text_in_an_event_ends_in_a_traceback(text: str) -> None:
    found = read_icalendar(file(event(text), TERM), origin="c.ics")
    assert "Autumn term" in [entry.title for entry in found.calendar.entries]
