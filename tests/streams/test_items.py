"""Coursework due, handed in early, late, or told of late: day by day, and by whoever takes over."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.types import CircumstanceSort, Clock, Day, Kind, StudentId
from scoring.circumstance import Circumstance
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


class Extension(NamedTuple):
    """Of what is due within days; all of them days behind `FIRST`."""

    first: int
    last: int
    extend_days: int
    declared_on: int = 0
    withdrawn_on: int | None = None

    def circumstance(self) -> Circumstance:
        return Circumstance(
            STUDENT,
            CircumstanceSort.EXTENUATING_CIRCUMSTANCES,
            (Kind.FASER_UPLOAD,),
            Day(FIRST + self.first),
            Day(FIRST + self.last),
            self.extend_days,
            Day(FIRST + self.declared_on),
        )


EXTENSIONS = st.lists(
    st.builds(
        lambda first, days, extend, after: Extension(first, first + days, extend, first + after),
        st.integers(0, DAYS - 10),
        st.integers(0, 9),
        st.integers(0, HORIZON.extension),
        st.integers(0, 9),
    ),
    max_size=2,
)


def live_through(
    clock: Clock,
    dues: dict[str, int],
    uploads: list[Upload],
    extensions: Sequence[Extension] = (),
) -> Truth:
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
                rest = (revision, bool(retracts), one.item)
                world.publish(Event(Kind.FASER_UPLOAD, STUDENT, at, one.id, *rest))
        for extension in extensions:
            said = extension.circumstance()
            if extension.declared_on == day:
                world.circumstances.append(said)
            if extension.withdrawn_on == day:
                world.circumstances.append(said.withdrawn(world.day))
        owner.read_circumstances()
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
    extensions=EXTENSIONS,
)
@example(Clock.WALL, {"essay": 20}, [Upload(20 - HORIZON.early)], [])
@example(Clock.WALL, {"essay": 14}, [Upload(3, 9, id=0), Upload(3, 9, id=0, rank=1)], [])
@example(Clock.WALL, {"essay": 9, "report": 9}, [Upload(8), Upload(8, 9, "report", rank=2)], [])
def test_closings_and_alerts_are_what_the_log_says(
    clock: Clock, dues: dict[str, int], uploads: list[Upload], extensions: list[Extension]
) -> None:
    live_through(clock, dues, uploads, extensions)


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


def due_on(truth: Truth) -> list[int]:
    """The days whose closings have an item due, or met."""
    return [day for day in range(DAYS) if met_and_due(truth, day) != (0, 0)]


def test_what_is_put_off_counts_on_its_new_day_alone() -> None:
    """The window is eight days long, and an excused day weighs nothing."""
    assert due_on(live_through(Clock.WALL, {"essay": 10}, [])) == list(range(10, 18))
    moved = live_through(Clock.WALL, {"essay": 10}, [], [Extension(10, 10, 5)])
    assert due_on(moved) == list(range(15, 23))
    met = live_through(Clock.WALL, {"essay": 10}, [Upload(13)], [Extension(10, 10, 5)])
    assert met_and_due(met, 15) == (1, 1)


def test_how_early_an_item_may_be_met_is_told_from_the_day_that_was_set_first() -> None:
    early = [Upload(10 - HORIZON.early)]
    truth = live_through(Clock.WALL, {"essay": 10}, early, [Extension(10, 10, 5)])
    assert met_and_due(truth, 15) == (1, 1)


@pytest.mark.parametrize("clock", Clock)
def test_what_was_due_before_all_days_that_are_held_may_be_put_off_into_them(clock: Clock) -> None:
    """Its day is let go of, what met it even earlier, and neither is forgotten.

    Due on day 0 and handed in as early as can be, put off to day 8; the days behind that weigh
    nothing, so that the window of day 17 still reaches back to it.
    """
    extensions = [Extension(0, 0, HORIZON.extension), Extension(9, 16, 0, declared_on=9)]
    early = [Upload(-HORIZON.early, told_after=HORIZON.early)]
    truth = live_through(clock, {"essay": 0}, early, extensions)
    assert met_and_due(truth, 17) == (1, 1)
    assert met_and_due(live_through(clock, {"essay": 0}, [], extensions), 17) == (0, 1)


def test_an_extension_that_comes_too_late_for_a_closing_leaves_it_and_later_ones_follow() -> None:
    """Declared on day 15, it is known to closings from day 11 on; withdrawn on 18, from 14 on not.

    Closings before day 10 have nothing due, whatever they know.
    """
    late = Extension(10, 10, 6, declared_on=15)
    assert due_on(live_through(Clock.WALL, {"essay": 10}, [], [late])) == [10, *range(16, 24)]
    withdrawn = Extension(10, 10, 6, declared_on=15, withdrawn_on=18)
    after = due_on(live_through(Clock.WALL, {"essay": 10}, [], [withdrawn]))
    assert after == [10, *range(14, 18)]


def test_what_was_put_off_is_overdue_from_its_new_day_on() -> None:
    truth = live_through(Clock.WALL, {"essay": 10}, [], [Extension(10, 10, 5)])
    (alert,) = (one for one in truth.alerts.values() if one.rule == "overdue")
    assert (alert.raised, dict(alert.evidence.figures)["overdue_days"]) == (FIRST + 17, 2)
