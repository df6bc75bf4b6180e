"""Alerts of students who are excused, told by the records that a partition publishes."""

import pytest

from schemas.types import AlertState, Cause, CircumstanceSort, Day, Kind
from scoring.circumstance import Circumstance
from tests.streams.checking import check
from tests.streams.oracle import read_in_one_pass
from tests.streams.test_alerts import RAISED, STUDENT, Story, silent_since_the_third_day
from tests.streams.world import FEEDS, FIRST, Due, policy_of


def declare(
    story: Story, first: int, last: int, kinds: tuple[Kind, ...] = (), *, read: bool = True
) -> Circumstance:
    """On the day in progress."""
    one = Circumstance(
        STUDENT,
        CircumstanceSort.AUTHORISED_ABSENCE,
        kinds,
        Day(FIRST + first),
        Day(FIRST + last),
        0,
        story.world.day,
    )
    story.world.circumstances.append(one)
    if read:
        story.owner.read_circumstances()
    return one


def withdraw(story: Story, one: Circumstance) -> None:
    story.world.circumstances.append(one.withdrawn(story.world.day))
    story.owner.read_circumstances()


WITHDRAWN = (5, 1, AlertState.WITHDRAWN, Cause.CIRCUMSTANCE)


def test_a_late_declaration_withdraws_an_alert_and_its_withdrawal_brings_the_same_one_back() -> (
    None
):
    story = silent_since_the_third_day()
    assert story.told("silent") == [RAISED]
    one = declare(story, 3, 5)
    assert story.told("silent") == [RAISED, WITHDRAWN]
    withdraw(story, one)
    assert story.told("silent") == [
        RAISED,
        WITHDRAWN,
        (5, 2, AlertState.OPEN, Cause.CIRCUMSTANCE),
    ]


def test_who_takes_over_knows_what_was_declared_while_nobody_was_there() -> None:
    story = silent_since_the_third_day()
    declare(story, 3, 5, read=False)
    story.take_over()
    story.work()
    assert story.told("silent")[1:] == [(5, 1, AlertState.WITHDRAWN, Cause.RECOMPUTED)]


def test_an_excuse_from_one_kind_stops_the_count_of_silent_days() -> None:
    story = silent_since_the_third_day()
    declare(story, 4, 4, (Kind.MOODLE_COURSE,))
    assert story.told("silent") == [RAISED, WITHDRAWN]
    story.close(6)
    assert story.told("silent")[2:] == [(6, 0, AlertState.OPEN, Cause.DAY_CLOSED)]


def low_for_days(*excused: Kind, days: int = 6) -> list[tuple[int, int, AlertState, Cause]]:
    """What is told of a student who does nothing, and is excused from the third and fourth day."""
    story = Story()
    if excused:
        declare(story, 2, 3, tuple(sorted(excused)))
    for day in range(days):
        story.close(day)
    return story.told("low_twice")


def test_no_alert_is_raised_on_a_day_that_a_student_is_wholly_excused_from() -> None:
    assert low_for_days() == [(2, 0, AlertState.OPEN, Cause.DAY_CLOSED)]
    assert low_for_days(*FEEDS) == [(4, 0, AlertState.OPEN, Cause.DAY_CLOSED)]
    assert low_for_days(Kind.FASER_UPLOAD) == low_for_days()


def test_no_alert_ends_on_a_day_that_a_student_is_wholly_excused_from() -> None:
    story = silent_since_the_third_day()
    declare(story, 6, 7)
    story.click(6)
    story.close(6)
    story.close(7)
    assert story.told("silent") == [RAISED]
    story.close(8)
    assert story.told("silent") == [RAISED, (5, 1, AlertState.CLOSED, Cause.DAY_CLOSED)]


def lagging() -> Story:
    """On the tenth day only the first one is closed."""
    story = Story()
    story.close(0)
    for day in range(1, 10):
        story.world.day = Day(FIRST + day)
        if day < 5:
            story.click(day)
    return story


def test_of_days_that_are_closed_late_each_knows_what_was_said_in_time() -> None:
    """Declared on the tenth day, for closings from the sixth on: all of them closed at once."""
    story = lagging()
    one = declare(story, 1, 3)
    story.close(9)
    check(story.published, read_in_one_pass(story.world, Day(FIRST + 9)))
    withdraw(story, one)
    check(story.published, read_in_one_pass(story.world, Day(FIRST + 9)))


def test_what_was_due_on_an_excused_day_is_not_overdue() -> None:
    story = Story()
    story.world.policies[:] = [policy_of(1, Day(FIRST - 100), has_shares=True)]
    story.world.dues.append(Due(STUDENT, "essay", Kind.FASER_UPLOAD, Day(FIRST + 3)))
    story.take_over()
    for day in range(6):
        if day < 3:
            story.click(day)
        story.close(day)
    assert story.told("overdue") == [RAISED]
    declare(story, 3, 3, (Kind.FASER_UPLOAD,))
    assert story.told("overdue") == [RAISED, WITHDRAWN]
    check(story.published, read_in_one_pass(story.world, Day(FIRST + 5)))


@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_closings_before_a_period_that_is_known_early_are_computed_with_those_behind_it(
    is_withdrawn: bool,
) -> None:
    """Known to closings from the sixth day on, of days from the ninth on: all closed at once."""
    story = lagging()
    one = declare(story, 8, 9)
    if is_withdrawn:
        story.world.day = Day(FIRST + 11)
        withdraw(story, one)
    story.close(11)
    check(story.published, read_in_one_pass(story.world, Day(FIRST + 11)))
