"""However a log is cut, read, crashed upon and read again: what is published is what it says."""

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.types import Clock, Day
from tests.streams.machine import ReplayMachine, WallMachine
from tests.streams.oracle import read_in_one_pass
from tests.streams.owner import Owner, Published
from tests.streams.world import FEEDS, FIRST, STUDENTS, Event, World

SETTINGS = settings(stateful_step_count=50)

TestReplay = ReplayMachine.TestCase
TestReplay.settings = SETTINGS
TestWall = WallMachine.TestCase
TestWall.settings = SETTINGS


EVENTS = st.lists(
    st.builds(
        Event,
        kind=st.sampled_from(list(FEEDS)),
        student=st.sampled_from(STUDENTS),
        day=st.sampled_from([-22, -16, -3, 0, 1, 2, 3, 5]).map(lambda days: Day(FIRST + days)),
        id=st.integers(0, 2),
        revision=st.sampled_from([0, 0, 1]),
        retracts=st.booleans(),
    ),
    max_size=40,
)


@given(events=EVENTS, clock=st.sampled_from(list(Clock)))
def test_every_event_is_tallied_once_and_as_what_it_is(events: list[Event], clock: Clock) -> None:
    world = World(clock, {}, day=Day(FIRST + 1))
    for event in events:
        world.publish(event)
    for kind in FEEDS:
        world.mark(kind, FIRST)
    published = Published({})
    owner = Owner(world, published, dict.fromkeys(FEEDS, 0))
    for kind in FEEDS:
        owner.offer(kind, len(world.events[kind]))
    owner.advance()
    truth, tally = read_in_one_pass(world, FIRST), published.tally
    assert tally.applied.total() == truth.news
    assert tally.duplicate.total() == truth.not_news
    assert tally.too_late.total() == truth.too_late
    assert tally.quarantined.total() == truth.future
