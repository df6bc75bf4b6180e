import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from schemas.types import Day
from streams.marks import Marks, Position

CLICKS, UPLOADS = "activity.moodle_course", "activity.faser_upload"


def marks(**offsets: list[int]) -> Marks:
    """One mark a day from day 10 on, for each feed named."""
    topics = {"clicks": CLICKS, "uploads": UPLOADS}
    found = Marks()
    for feed, of_feed in offsets.items():
        for day, offset in enumerate(of_feed, start=10):
            found.add(feed, Day(day), [Position(topics[feed], 3, offset)], marked_on=Day(day + 1))
    return found


def test_a_feed_has_passed_a_day_when_its_mark_is_applied_in_every_topic() -> None:
    found = marks(clicks=[5, 9, 9])
    assert found.covered(3, "clicks", {CLICKS: 4}) is None
    assert found.covered(3, "clicks", {CLICKS: 5}) == 10
    assert found.covered(3, "clicks", {CLICKS: 9}) == 12
    found.add("clicks", Day(10), [Position(UPLOADS, 3, 7)], marked_on=Day(11))
    assert found.covered(3, "clicks", {CLICKS: 9, UPLOADS: 6}) is None
    assert found.covered(3, "clicks", {CLICKS: 9, UPLOADS: 7}) == 10


def test_a_feed_that_never_marked_has_passed_nothing() -> None:
    assert marks(clicks=[5]).covered(3, "taps", {CLICKS: 5}) is None
    assert marks(clicks=[5]).covered(4, "clicks", {CLICKS: 5}) is None
    assert marks(clicks=[5]).last_day("taps") is None


def test_the_first_mark_of_a_day_stands() -> None:
    found = marks(clicks=[5, 9])
    found.add("clicks", Day(10), [Position(CLICKS, 3, 100)], marked_on=Day(30))
    assert found.covered(3, "clicks", {CLICKS: 9}) == 11
    assert found.marked_on("clicks", Day(10)) == 11


def test_a_mark_stands_for_the_days_before_it_too() -> None:
    found = marks(clicks=[5])
    found.add("clicks", Day(14), [Position(CLICKS, 3, 9)], marked_on=Day(20))
    assert found.last_day("clicks") == 14
    assert [found.marked_on("clicks", Day(day)) for day in (9, 10, 11, 14, 15)] == [
        *(11, 11, 20, 20),
        None,
    ]


def test_the_log_day_of_an_offset_is_the_first_day_whose_mark_lies_behind_it() -> None:
    found = marks(clicks=[2, 2, 5])
    days = found.log_days(CLICKS, 3, np.arange(7))
    assert days.tolist() == [10, 10, 12, 12, 12, 13, 13]
    assert found.end(CLICKS, 3) == 5
    assert not found.log_days(UPLOADS, 3, np.arange(7)).any()
    assert found.end(UPLOADS, 3) == 0


@given(
    one=st.lists(st.integers(0, 5), min_size=1, max_size=8),
    other=st.lists(st.integers(0, 5), max_size=8),
)
def test_log_days_never_fall(one: list[int], other: list[int]) -> None:
    found = Marks()
    for feed, steps in (("a", one), ("b", other)):
        for day, offset in enumerate(np.cumsum(steps).tolist()):
            found.add(feed, Day(day), [Position(CLICKS, 0, offset)], marked_on=Day(day + 1))
    days = found.log_days(CLICKS, 0, np.arange(50))
    assert (np.diff(days) >= 0).all()
