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
            found.add(feed, Day(day), [Position(topics[feed], 3, offset)])
    return found


def test_a_day_closes_when_every_feed_has_marked_it_and_its_marks_are_applied() -> None:
    found = marks(clicks=[5, 9, 9], uploads=[0, 1])
    feeds = ["clicks", "uploads"]
    assert found.closable(3, feeds, {CLICKS: 4, UPLOADS: 9}) is None
    assert found.closable(3, feeds, {CLICKS: 5, UPLOADS: 0}) == 10
    assert found.closable(3, feeds, {CLICKS: 9, UPLOADS: 0}) == 10
    assert found.closable(3, feeds, {CLICKS: 9, UPLOADS: 1}) == 11
    assert found.closable(3, ["clicks"], {CLICKS: 9}) == 12


def test_a_feed_that_never_marked_closes_nothing() -> None:
    assert marks(clicks=[5]).closable(3, ["clicks", "taps"], {CLICKS: 5}) is None
    assert marks(clicks=[5]).closable(4, ["clicks"], {CLICKS: 5}) is None


def test_the_first_mark_of_a_day_stands() -> None:
    found = marks(clicks=[5, 9])
    found.add("clicks", Day(10), [Position(CLICKS, 3, 100)])
    assert found.closable(3, ["clicks"], {CLICKS: 9}) == 11


def test_the_log_day_of_an_offset_is_the_first_day_whose_mark_lies_behind_it() -> None:
    found = marks(clicks=[2, 2, 5])
    days = found.log_days(CLICKS, 3, np.arange(7))
    assert days is not None
    assert days.tolist() == [10, 10, 12, 12, 12, 13, 13]
    assert found.end(CLICKS, 3) == 5
    assert found.log_days(UPLOADS, 3, np.arange(7)) is None


@given(
    one=st.lists(st.integers(0, 5), min_size=1, max_size=8),
    other=st.lists(st.integers(0, 5), max_size=8),
)
def test_log_days_never_fall(one: list[int], other: list[int]) -> None:
    found = Marks()
    for feed, steps in (("a", one), ("b", other)):
        for day, offset in enumerate(np.cumsum(steps).tolist()):
            found.add(feed, Day(day), [Position(CLICKS, 0, offset)])
    days = found.log_days(CLICKS, 0, np.arange(50))
    assert days is not None
    assert (np.diff(days) >= 0).all()
