"""Coursework due, handed in early, late, or told of late: day by day, and by whoever takes over."""

from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.types import Clock, Day, Kind, StudentId
from scoring.profile import Profile
from streams.students import Period
from tests.streams.checking import check
from tests.streams.oracle import Truth, read_in_one_pass
from tests.streams.owner import Owner, Published
from tests.streams.world import FEEDS, FIRST, HORIZON, STUDENTS, Due, Event, World, policy_of

DAYS = 29
STUDENT = STUDENTS[0]
ALWAYS = [Period(Day(FIRST - 40), None, Profile("undergraduate", "full_time", "Law", "enrolled"))]
ON_TIME = 0


class Upload(NamedTuple):
    """Handed in so many days behind `FIRST`; the log has it so many days later."""

    day: int
    told_after: int = ON_TIME
    item: str = "essay"
    id: int = 0
    rank: int = 0


UPLOADS = st.lists(
    st.builds(
        Upload,
        st.integers(0, DAYS - 1),
        st.sampled_from([ON_TIME, ON_TIME, 2, 5, 9]),
        st.sampled_from(["essay", "essay", "report"]),
        st.integers(0, 1),
        st.sampled_from([0, 0, 1, 2]),
    ),
    max_size=4,
)


def live_through(clock: Clock, dues: dict[str, int], uploads: list[Upload]) -> Truth:
    """Every day is closed when it is over; what is published has to be what the log says."""
    periods: dict[StudentId, list[Period]] = {STUDENT: ALWAYS}
    items = [Due(STUDENT, item, Kind.FASER_UPLOAD, Day(FIRST + due)) for item, due in dues.items()]
    policy = policy_of(1, Day(FIRST - 100), has_shares=True)
    world = World(clock, dict(periods), policies=[policy], dues=items)
    published = Published(dict(periods))
    owner = Owner(world, published, dict.fromkeys(FEEDS, 0))
    for day in range(DAYS):
        for one in uploads:
            if one.day + one.told_after == day:
                revision, retracts = divmod(one.rank, 2)
                at = Day(FIRST + one.day)
                said = (revision, bool(retracts), one.item)
                world.publish(Event(Kind.FASER_UPLOAD, STUDENT, at, one.id, *said))
        for kind in FEEDS:
            world.mark(kind, Day(FIRST + day))
        world.day = Day(FIRST + day + 1)
        _settle(owner, world)
    truth = read_in_one_pass(world, Day(FIRST + DAYS - 1))
    check(published, truth)
    before = published.sizes()
    _settle(Owner(world, published, owner.applied()), world)
    assert published.sizes() == before, "a new owner has published what was known"
    return truth


def _settle(owner: Owner, world: World) -> None:
    owner.read_reference()
    for kind in FEEDS:
        owner.offer(kind, len(world.events[kind]))
    owner.advance()


@settings(max_examples=15)
@given(
    clock=st.sampled_from(list(Clock)),
    dues=st.dictionaries(st.sampled_from(["essay", "report"]), st.integers(0, DAYS), min_size=1),
    uploads=UPLOADS,
)
@example(Clock.WALL, {"essay": 20}, [Upload(20 - HORIZON.early)])
@example(Clock.WALL, {"essay": 14}, [Upload(3, 9, id=0), Upload(3, 9, id=0, rank=1)])
@example(Clock.WALL, {"essay": 9, "report": 9}, [Upload(8), Upload(8, 9, "report", rank=2)])
def test_closings_and_alerts_are_what_the_log_says(
    clock: Clock, dues: dict[str, int], uploads: list[Upload]
) -> None:
    live_through(clock, dues, uploads)


def met_and_due(truth: Truth, day: int) -> tuple[int, int]:
    contributions = truth.closings[STUDENT, Day(FIRST + day)].contributions
    (found,) = (one for one in contributions if one.kind is Kind.FASER_UPLOAD)
    return found.amount, found.due


@pytest.mark.parametrize(
    ("uploads", "before", "after"),
    [
        ([], (0, 1), (0, 1)),
        ([Upload(20 - HORIZON.early)], (1, 1), (1, 1)),  # early
        ([Upload(19 - HORIZON.early)], (0, 1), (0, 1)),  # too early to be meant
        ([Upload(22)], (0, 1), (1, 1)),  # late: from the day it came
        ([Upload(20, item="report")], (0, 1), (0, 1)),
        ([Upload(20, id=1), Upload(20, id=2), Upload(21, id=3)], (1, 1), (1, 1)),  # once
        ([Upload(20), Upload(20, 2, rank=1)], (0, 1), (0, 1)),  # taken back
        ([Upload(20), Upload(20, 2, "report", rank=2)], (0, 1), (0, 1)),  # it was another item
    ],
)
def test_an_item_is_met_by_what_names_it_once(
    uploads: list[Upload], before: tuple[int, int], after: tuple[int, int]
) -> None:
    """Due on day 20; asked for at the closings of that day and of the 22nd."""
    truth = live_through(Clock.WALL, {"essay": 20}, uploads)
    assert (met_and_due(truth, 20), met_and_due(truth, 22)) == (before, after)
    assert met_and_due(truth, 19) == (0, 0)  # nothing was due: left out, and not zero


def test_what_is_overdue_raises_an_alert_and_being_handed_in_ends_it() -> None:
    truth = live_through(Clock.WALL, {"essay": 10}, [Upload(16)])
    (alert,) = (one for one in truth.alerts.values() if one.rule == "overdue")
    assert (alert.raised, alert.ended) == (FIRST + 12, FIRST + 16)
    assert dict(alert.evidence.figures)["overdue_days"] == 2
