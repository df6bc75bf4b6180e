"""A tap meets the session that starts about then, in its room."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from connectors.taps.timetable import MEETS_WITHIN_MS, Session, Timetable

MINUTE = 60_000
SESSIONS = st.lists(
    st.builds(
        Session,
        st.sampled_from("abcdef"),
        st.sampled_from(["Hall", "Lab"]),
        st.integers(0, 120).map(lambda minute: minute * MINUTE),
    ),
    max_size=8,
)


def met(sessions: list[Session], room: str, at: int) -> str:
    return str(Timetable(sessions).met(pl.Series([room]), np.array([at]))[0])


def test_it_meets_from_fifteen_minutes_before_to_fifteen_after_the_start() -> None:
    (start,) = sessions = [Session("HI101", "Hall", 100 * MINUTE)]
    for minutes, told in ((-16, ""), (-15, "HI101"), (0, "HI101"), (15, "HI101"), (16, "")):
        assert met(sessions, "Hall", start.start + minutes * MINUTE) == told
    assert met(sessions, "Lab", start.start) == ""


def test_between_two_that_are_equally_near_it_is_the_one_that_begins() -> None:
    sessions = [Session("before", "Hall", 0), Session("after", "Hall", 20 * MINUTE)]
    assert met(sessions, "Hall", 10 * MINUTE) == "after"
    assert met(sessions, "Hall", 9 * MINUTE) == "before"


@given(SESSIONS, st.sampled_from(["Hall", "Lab", "Yard"]), st.integers(-30, 150))
def test_it_is_the_nearest_whatever_else_is_timetabled(
    sessions: list[Session], room: str, minute: int
) -> None:
    at = minute * MINUTE
    near = [s for s in sessions if s.room == room and abs(s.start - at) <= MEETS_WITHIN_MS]
    best = min(near, key=lambda s: (abs(s.start - at), -s.start, s.session), default=None)
    assert met(sessions, room, at) == ("" if best is None else best.session)
