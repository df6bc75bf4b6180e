"""What a partition tells of contact points, told by the records it publishes."""

from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.topics import ALERT, ALERT_COMPLIANCE, INDICATOR_DAY
from schemas.types import (
    AlertState,
    Cause,
    CircumstanceSort,
    Clock,
    Day,
    GapOrigin,
    Kind,
    Status,
    StudentId,
)
from scoring.alert_conditions import SUGGESTS, Evidence
from scoring.alerts import Alert
from scoring.circumstance import Circumstance
from streams.alert_records import alert_messages
from streams.gaps import Gap
from streams.outcome import Alerts
from streams.sponsorships import Sponsored
from streams.stamp import Stamp
from streams.students import Period
from tests.streams.checking import STATUSES, check
from tests.streams.oracle import read_in_one_pass
from tests.streams.owner import IDS, Owner, Published
from tests.streams.test_alerts import STUDENT, Story
from tests.streams.world import (
    FEEDS,
    FIRST,
    PROFILES,
    STUDENTS,
    Due,
    Event,
    World,
    calendar_of,
    policy_of,
)


def sponsored(*spans: tuple[int, int | None]) -> tuple[Sponsored, ...]:
    """Days are counted from the first."""
    return tuple((Day(FIRST + f), None if e is None else Day(FIRST + e)) for f, e in spans)


class Sponsorship(Story):
    """One student who was never seen, by rules that look for two days with contact out of four."""

    def __init__(self, *spans: tuple[int, int | None]) -> None:
        super().__init__()
        self.world.policies[:] = [policy_of(1, Day(FIRST - 100), has_contacts=True)]
        if spans:
            self.world.sponsorships.append((STUDENT, sponsored(*spans)))
        self.take_over()

    def close_all(self, last: int) -> None:
        for day in range(last + 1):
            self.close(day)

    def say(self, *spans: tuple[int, int | None], is_deleted: bool = False) -> None:
        self.world.sponsorships.append((STUDENT, None if is_deleted else sponsored(*spans)))
        self.owner.read_sponsorships()

    def contacts(self, rule: str = "few_contacts") -> list[tuple[int, int, AlertState, Cause]]:
        return self.told(rule, ALERT_COMPLIANCE)

    def check(self) -> None:
        check(self.published, read_in_one_pass(self.world, Day(self.world.day - 1)))


RAISED = (3, 0, AlertState.OPEN, Cause.DAY_CLOSED)


def test_an_alert_is_raised_once_says_its_basis_and_is_on_a_topic_of_its_own() -> None:
    story = Sponsorship((0, None))
    story.close_all(5)
    assert story.contacts() == [RAISED]
    (row,) = story.published.rows(ALERT_COMPLIANCE)
    assert (row["basis"], row["note"]) == ("a duty", SUGGESTS)
    assert "contact on 0 days of the last 4" in str(row["evidence"])
    assert "suggestion" not in row
    assert {row["rule"] for row in story.published.rows(ALERT)} == {"low_twice", "silent"}
    story.take_over()
    story.work()
    assert story.contacts() == [RAISED]


def test_too_little_contact_raises_one_as_none_does() -> None:
    """On each closing one of the last four days had contact, and two are looked for."""
    story = Sponsorship((0, None))
    for day in range(9):
        if day % 4 == 0:
            story.click(day)
        story.close(day)
    assert story.contacts() == [RAISED]


def test_contact_ends_it_and_a_correction_withdraws_it() -> None:
    story = Sponsorship((0, None))
    story.close_all(3)
    for day in (4, 5):
        story.click(day)
        story.close(day)
    ended = (3, 1, AlertState.CLOSED, Cause.DAY_CLOSED)
    assert story.contacts() == [RAISED, ended]
    story.click(2)
    story.click(3)
    story.work()
    withdrawn = (3, 2, AlertState.WITHDRAWN, Cause.CORRECTION)
    assert story.contacts() == [RAISED, ended, withdrawn]


def test_who_becomes_sponsored_is_looked_at_from_then_on_and_who_is_not_any_more_no_longer() -> (
    None
):
    story = Sponsorship()
    story.close_all(6)
    assert story.contacts() == []
    story.say((2, None))
    raised = (5, 0, AlertState.OPEN, Cause.PROFILE)
    assert story.contacts() == [raised]
    story.say((2, 5))
    assert story.contacts() == [raised, (5, 1, AlertState.CLOSED, Cause.PROFILE)]
    story.check()


@pytest.mark.parametrize("is_deleted", [False, True])
def test_who_is_not_sponsored_after_all_has_no_alert(is_deleted: bool) -> None:
    story = Sponsorship((0, None))
    story.close_all(4)
    story.say(is_deleted=is_deleted)
    assert story.contacts() == [RAISED, (3, 1, AlertState.WITHDRAWN, Cause.PROFILE)]
    story.check()


def test_who_takes_over_knows_what_was_said_while_nobody_was_there() -> None:
    story = Sponsorship((0, None))
    story.close_all(4)
    story.world.sponsorships.append((STUDENT, None))
    story.take_over()
    story.work()
    assert story.contacts() == [RAISED, (3, 1, AlertState.WITHDRAWN, Cause.RECOMPUTED)]


def test_what_is_said_of_sponsorships_moves_nothing_else() -> None:
    story = Sponsorship()
    story.close_all(6)
    before = story.published.sizes()
    story.say((0, None))
    after = story.published.sizes()
    assert {topic.name for topic in after if after[topic] != before[topic]} == {"alert.compliance"}


def excuse(story: Sponsorship, first: int, last: int, *kinds: Kind) -> None:
    days = (Day(FIRST + first), Day(FIRST + last))
    sort = CircumstanceSort.AUTHORISED_ABSENCE
    story.world.circumstances.append(Circumstance(STUDENT, sort, kinds, *days, 0, story.world.day))
    story.owner.read_circumstances()


def lack(story: Sponsorship, day: int) -> None:
    gap = Gap("clicks", Day(FIRST + day), GapOrigin.DECLARED, story.world.day)
    story.world.gaps.append(gap)
    story.owner.read_reference()


def free(story: Sponsorship, day: int) -> None:
    calendar = calendar_of(Day(FIRST + day), 0, 0, has_weekends=False)
    story.world.calendars.append((FIRST, calendar))
    story.owner.read_reference()


@pytest.mark.parametrize(
    ("happens", "day"),
    [
        (lambda story: excuse(story, 1, 1), 4),
        (lambda story: excuse(story, 1, 2, Kind.MOODLE_COURSE), 5),
        (lambda story: excuse(story, 1, 2, Kind.FASER_UPLOAD), 3),
        (lambda story: lack(story, 2), 4),
        (lambda story: free(story, 3), 4),
    ],
)
def test_a_day_that_does_not_count_is_held_against_nobody(
    happens: Callable[[Sponsorship], None], day: int
) -> None:
    story = Sponsorship((0, None))
    happens(story)
    story.close_all(5)
    assert story.contacts() == [(day, 0, AlertState.OPEN, Cause.DAY_CLOSED)]
    story.check()


def test_an_absence_that_is_authorised_late_withdraws_an_alert() -> None:
    story = Sponsorship((0, None))
    story.close_all(3)
    excuse(story, 1, 3)
    assert story.contacts() == [RAISED, (3, 1, AlertState.WITHDRAWN, Cause.CIRCUMSTANCE)]


def test_a_kind_that_is_switched_off_is_not_looked_at() -> None:
    story = Sponsorship((0, None))
    policy = policy_of(1, Day(FIRST - 5), for_some=True, has_contacts=True)
    story.world.policies[:] = [policy]  # uploads are off on the first four days
    story.take_over()
    story.close_all(8)
    assert story.contacts() == [(7, 0, AlertState.OPEN, Cause.DAY_CLOSED)]
    story.check()


def test_contact_that_came_too_late_for_a_closing_is_not_known_to_it() -> None:
    """Appended on the tenth day, for closings from the sixth on: all of them closed at once."""
    story = Sponsorship((0, None))
    story.close(0)
    story.world.day = Day(FIRST + 9)
    story.click(2)
    story.click(3)
    story.close(9)
    again = (6, 0, AlertState.OPEN, Cause.DAY_CLOSED)
    assert story.contacts() == [(3, 0, AlertState.CLOSED, Cause.DAY_CLOSED), again]
    assert story.published.rows(ALERT_COMPLIANCE)[0]["ended"] == FIRST + 5
    story.check()


def test_an_item_that_was_missed_is_told_until_one_is_met() -> None:
    story = Sponsorship((0, None))
    due = Due(STUDENT, "essay", Kind.FASER_UPLOAD, Day(FIRST + 1))
    story.world.dues.append(due)
    story.take_over()
    story.close_all(2)
    raised = (1, 0, AlertState.OPEN, Cause.DAY_CLOSED)
    assert story.contacts("missed") == [raised]
    story.world.publish(Event(Kind.FASER_UPLOAD, STUDENT, Day(FIRST + 3), 9, item="essay"))
    story.close(3)
    assert story.contacts("missed") == [raised, (1, 1, AlertState.CLOSED, Cause.DAY_CLOSED)]
    story.check()


def test_students_whom_the_policy_does_not_score_have_contact_points_all_the_same() -> None:
    story = Sponsorship((0, None))
    story.world.policies[:] = [policy_of(1, Day(FIRST - 50), for_some=True, has_contacts=True)]
    story.world.periods[STUDENT] = [Period(FIRST, None, PROFILES[3])]
    story.take_over()
    story.close_all(5)
    statuses = {row["status"] for row in story.published.rows(INDICATOR_DAY)}
    assert {STATUSES[int(str(status))] for status in statuses} == {Status.NOT_SCORED}
    assert story.contacts() == [RAISED]


def test_alerts_of_many_who_are_long_gone_are_remembered_and_end() -> None:
    """More of them than there was room for before anybody else was known."""
    story = Sponsorship()
    story.close(0)
    rule, evidence = "few_contacts", Evidence("long ago", ())
    alert = Alert(rule, Day(FIRST - 900), 1, "a duty", evidence)
    gone = range(1_000, 1_100)
    many = [alert] * len(gone), [False] * len(gone), [0] * len(gone)
    alerts = Alerts(ALERT_COMPLIANCE, gone, *many, Cause.DAY_CLOSED)
    story.published.append(alert_messages(alerts, IDS[ALERT_COMPLIANCE], Stamp("writer", 0)))
    story.take_over()
    story.work()
    ended = (-900, 1, AlertState.CLOSED, Cause.RECOMPUTED)
    assert story.contacts() == [(-900, 0, AlertState.OPEN, Cause.DAY_CLOSED)] * 100 + [ended] * 100


SPANS = st.lists(
    st.tuples(st.integers(-3, 8), st.none() | st.integers(0, 9)).map(
        lambda span: sponsored((span[0], None if span[1] is None else span[0] + span[1]))[0]
    ),
    max_size=2,
).map(tuple)
CLICKS = st.lists(
    st.tuples(st.sampled_from(STUDENTS), st.integers(0, 9), st.integers(0, 3)), max_size=30
)
EVERYBODY: dict[StudentId, Sequence[Period]] = {s: [Period(FIRST, None)] for s in STUDENTS}


def lived(
    clicks: Sequence[tuple[StudentId, int, int]],
    spans: Mapping[StudentId, tuple[Sponsored, ...]],
    *,
    has_contacts: bool,
) -> Published:
    """Ten days of three students; clicks are published up to three days late."""
    world = World(Clock.WALL, dict(EVERYBODY), sponsorships=list(spans.items()))
    world.policies[:] = [policy_of(1, Day(FIRST - 100), has_contacts=has_contacts)]
    published = Published(world.periods)
    owner = Owner(world, published, dict.fromkeys(FEEDS, 0))
    for day in range(10):
        for number, (student, when, late) in enumerate(clicks):
            if when + late == day:
                world.publish(Event(Kind.MOODLE_COURSE, student, Day(FIRST + when), number))
        for kind in FEEDS:
            world.mark(kind, Day(FIRST + day))
        world.day = Day(FIRST + day + 1)
        owner.read_reference()
        for kind in FEEDS:
            owner.offer(kind, len(world.events[kind]))
        owner.advance()
    return published


@given(clicks=CLICKS, spans=st.fixed_dictionaries({}, optional=dict.fromkeys(STUDENTS, SPANS)))
def test_alerts_are_raised_of_sponsored_students_alone_and_welfare_does_not_know_of_them(
    clicks: list[tuple[StudentId, int, int]], spans: dict[StudentId, tuple[Sponsored, ...]]
) -> None:
    published = lived(clicks, spans, has_contacts=True)
    for row in published.rows(ALERT_COMPLIANCE):
        student, raised = StudentId(int(str(row["student"]))), int(str(row["raised"]))
        assert any(
            first <= raised and (last is None or raised <= last) for first, last in spans[student]
        )
    without = lived(clicks, {}, has_contacts=False)
    assert without.records[ALERT_COMPLIANCE] == []
    del published.records[ALERT_COMPLIANCE], without.records[ALERT_COMPLIANCE]
    assert published.records == without.records
