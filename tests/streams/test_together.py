"""Partitions that are asked together say what each would have said by itself."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.types import CircumstanceSort, Clock, Day, Kind, StudentId
from scoring.circumstance import Circumstance
from streams.evaluation import evaluate_together
from streams.outcome import Outcome, Told
from streams.outputs import Outputs
from streams.present import Question, answer
from streams.stamp import Stamp
from streams.students import Period
from tests.streams.owner import IDS, Owner, Published
from tests.streams.world import FEEDS, FIRST, ITEMS, PROFILES, Due, Event, World, policy_of

TODAY = Day(FIRST + 12)
OUTPUTS = Outputs(IDS, "test")
OFFSETS = st.integers(0, 12)
KINDS = st.sampled_from(list(FEEDS))
NUMBERS = st.integers(0, 2)  # of a partition's students

EVENTS = st.lists(
    st.tuples(KINDS, NUMBERS, OFFSETS, st.integers(0, 9), st.sampled_from([None, *ITEMS])),
    max_size=25,
)
DUES = st.lists(st.tuples(NUMBERS, st.sampled_from(ITEMS), OFFSETS), max_size=4)
EXCUSES = st.lists(
    st.tuples(NUMBERS, OFFSETS, st.integers(0, 5), st.sampled_from([(), (Kind.MOODLE_COURSE,)])),
    max_size=2,
)


@st.composite
def campuses(draw: st.DrawFn) -> tuple[list[World], list[int]]:
    """A world for each partition, under the same policy, and how far each was read before."""
    for_some, has_shares = draw(st.booleans()), draw(st.booleans())
    policy = policy_of(1, Day(FIRST - 100), for_some=for_some, has_shares=has_shares)
    found = []
    for place in range(draw(st.integers(2, 4))):
        students = [StudentId(100 * (place + 1) + number) for number in range(3)]
        ends = draw(st.lists(st.sampled_from([None, Day(FIRST + 6)]), min_size=3, max_size=3))
        profiles = draw(st.lists(st.sampled_from(PROFILES), min_size=3, max_size=3))
        known = draw(st.integers(1, 3))  # of the last nothing may be known
        world = World(
            Clock.WALL,
            {
                student: [Period(Day(FIRST - 50), end, profile)]
                for student, end, profile in zip(students[:known], ends, profiles, strict=False)
            },
            policies=[policy],
        )
        world.dues = [
            Due(students[number], item, Kind.FASER_UPLOAD, Day(FIRST + offset))
            for number, item, offset in draw(DUES)
        ]
        world.circumstances = [
            Circumstance(
                student=students[number],
                sort=CircumstanceSort.PLACEMENT,
                kinds=kinds,
                first=Day(FIRST + first),
                last=Day(FIRST + first + days),
                extend_days=3,
                declared_on=FIRST,
            )
            for number, first, days, kinds in draw(EXCUSES)
        ]
        for kind, number, offset, name, item in draw(EVENTS):
            world.day = Day(FIRST + offset)
            world.publish(Event(kind, students[number], world.day, name, item=item))
        for kind in FEEDS:
            world.mark(kind, Day(TODAY - 1))
        world.day = TODAY
        found.append(world)
    return found, draw(st.lists(st.integers(0, 25), min_size=4, max_size=4))


def owner_of(world: World) -> Owner:
    return Owner(world, Published(dict(world.periods)), dict.fromkeys(FEEDS, 0))


def told(owners: Sequence[Owner], *, refresh: bool, together: bool) -> list[dict[str, object]]:
    """What each says, by topic."""
    outcomes = [Outcome() for _ in owners]
    questions: list[Question] = []
    for owner, outcome in zip(owners, outcomes, strict=True):
        if together:
            questions += owner.partition.advance(TODAY, refresh=refresh, outcome=outcome).questions
        else:
            answer(owner.partition.advance(TODAY, refresh=refresh, outcome=outcome).questions)
    answer(questions)
    every = [Told(n, outcome, Stamp(f"w{n}", 7)) for n, outcome in enumerate(outcomes)]
    goes = [every] if together else [[one] for one in every]
    return [
        {
            topic.name: [
                pair
                for p in messages
                if p.topic is topic
                for pair in zip(p.keys, p.values, strict=True)
            ]
            for topic in {part.topic for part in messages}
        }
        for go in goes
        for messages in OUTPUTS.messages(go)
    ]


@given(campuses())
@settings(max_examples=60, deadline=None)
def test_partitions_asked_together_say_what_each_says_by_itself(
    campus: tuple[list[World], list[int]],
) -> None:
    worlds, read = campus
    joint, single = [owner_of(world) for world in worlds], [owner_of(world) for world in worlds]
    for refresh, upto in ((False, read), (False, [99] * len(worlds)), (True, [99] * len(worlds))):
        for owners in (joint, single):
            for owner, end in zip(owners, upto, strict=False):
                for kind in FEEDS:
                    owner.offer(kind, min(end, len(owner.world.events[kind])))
        assert told(joint, refresh=refresh, together=True) == told(
            single, refresh=refresh, together=False
        )


def test_most_partitions_of_a_worker_ask_alike() -> None:
    policy = policy_of(1, Day(FIRST - 100), for_some=True)
    worlds = [
        World(
            Clock.WALL,
            {StudentId(place): [Period(Day(FIRST - 50), None, PROFILES[place])]},
            day=TODAY,
            policies=[policy],
        )
        for place in range(3)
    ]
    for world in worlds:
        for kind in FEEDS:
            world.mark(kind, Day(TODAY - 1))
    asked = [
        question.asked
        for owner in map(owner_of, worlds)
        for question in owner.partition.advance(TODAY, refresh=False, outcome=Outcome()).questions
    ]
    assert len(asked) == len(worlds)
    assert all(one.is_like(asked[0]) for one in asked)
    assert len(evaluate_together(asked)) == len(asked)
