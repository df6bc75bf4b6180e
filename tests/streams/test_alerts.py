"""What a partition tells of alerts, told by the records it publishes."""

from collections.abc import Sequence

from schemas.topics import ALERT, Topic
from schemas.types import AlertState, Cause, Clock, Day, Kind, StudentId
from streams.students import Period
from tests.streams.owner import Owner, Published
from tests.streams.world import FEEDS, FIRST, STUDENTS, Event, World

STUDENT = STUDENTS[0]
CAUSES, STATES = tuple(Cause), tuple(AlertState)


class Story:
    """One student, by the wall; days are counted from the first."""

    def __init__(self) -> None:
        periods: dict[StudentId, Sequence[Period]] = {STUDENT: [Period(FIRST, None)]}
        self.world = World(Clock.WALL, periods)
        self.published = Published(periods)
        self.take_over()

    def take_over(self) -> None:
        """By a process that knows what was published, and reads the log again."""
        self.owner = Owner(self.world, self.published, dict.fromkeys(FEEDS, 0))

    def click(self, day: int, *, retracts: bool = False, revision: int = 0) -> None:
        event = Event(
            Kind.MOODLE_COURSE, STUDENT, Day(FIRST + day), day, revision, retracts=retracts
        )
        self.world.publish(event)

    def close(self, day: int) -> None:
        for kind in FEEDS:
            self.world.mark(kind, Day(FIRST + day))
        self.world.day = Day(FIRST + day + 1)
        self.work()

    def work(self) -> None:
        self.owner.read_reference()
        for kind in FEEDS:
            self.owner.offer(kind, len(self.world.events[kind]))
        self.owner.advance()

    def told(self, rule: str, topic: Topic = ALERT) -> list[tuple[int, int, AlertState, Cause]]:
        """Day of raising, revision, state and cause of each record about a rule."""
        return [
            (
                int(str(row["raised"])) - FIRST,
                int(str(row["revision"])),
                STATES[int(str(row["state"]))],
                CAUSES[int(str(row["cause"]))],
            )
            for row in self.published.rows(topic)
            if row["rule"] == rule
        ]


def silent_since_the_third_day() -> Story:
    story = Story()
    for day in range(6):
        if day < 3:
            story.click(day)
        story.close(day)
    return story


RAISED = (5, 0, AlertState.OPEN, Cause.DAY_CLOSED)


def test_an_alert_is_raised_once_and_told_once() -> None:
    story = silent_since_the_third_day()
    assert story.told("silent") == [RAISED]
    story.close(6)
    story.take_over()
    story.work()
    assert story.told("silent") == [RAISED]


def test_a_late_tap_withdraws_it_and_its_retraction_brings_the_same_one_back() -> None:
    story = silent_since_the_third_day()
    story.click(4)
    story.work()
    withdrawn = (5, 1, AlertState.WITHDRAWN, Cause.CORRECTION)
    assert story.told("silent") == [RAISED, withdrawn]
    story.click(4, retracts=True)
    story.work()
    again = (5, 2, AlertState.OPEN, Cause.CORRECTION)
    assert story.told("silent") == [RAISED, withdrawn, again]


def test_activity_ends_it_and_a_retraction_of_that_opens_it_again() -> None:
    story = silent_since_the_third_day()
    story.click(6)
    story.close(6)
    ended = (5, 1, AlertState.CLOSED, Cause.DAY_CLOSED)
    assert story.told("silent") == [RAISED, ended]
    story.click(6, retracts=True)
    story.work()
    assert story.told("silent") == [RAISED, ended, (5, 2, AlertState.OPEN, Cause.CORRECTION)]


def test_who_takes_over_withdraws_what_the_former_owner_did_not_come_to_withdraw() -> None:
    story = silent_since_the_third_day()
    story.click(4)
    story.take_over()
    story.work()
    assert story.told("silent")[1:] == [(5, 1, AlertState.WITHDRAWN, Cause.RECOMPUTED)]
