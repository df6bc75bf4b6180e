"""A replayed course is what the definition says, student by student and day by day."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from backtest.circumstances import excused
from backtest.course import Course
from backtest.policy_text import changed
from backtest.raised import raised
from backtest.replay import replay
from ops.commands.backtest import read_policy
from schemas.types import Band, Day, Status
from scoring.alert_rules import BandAtOrBelow
from scoring.calendar import Calendar, Entry, Sort, Weights
from scoring.circumstance import Circumstance
from scoring.indicator import Indicator
from scoring.reference import indicator_of
from scoring.resolution import resolve
from scoring.rules import Rules
from scoring.scores import BANDS
from scoring.student_days import Moment
from tests.backtest.worlds import START, circumstances, course, days_of, seeds

POLICY = read_policy(None)


def _by_definition(
    of: Course, said: dict[str, list[Circumstance]], student: int, day: Day
) -> Indicator:
    days = days_of(of, student, said, [*of.counts, *of.coursework])
    rules = resolve(POLICY, of.profiles[student])
    assert isinstance(rules, Rules)
    return indicator_of(rules, days, Moment.closing(day))


@given(seeds, st.none() | seeds)
@settings(max_examples=15)
def test_every_closing_is_the_one_of_the_reference(seed: int, excuses: int | None) -> None:
    of = course(seed)
    said = {} if excuses is None else circumstances(excuses, of)
    closings = replay(POLICY, excused(of, said))
    for row in range(of.days):
        for student in range(of.size):
            band, score = BANDS[closings.band[row, student]], int(closings.score[row, student])
            wanted = _by_definition(of, said, student, Day(of.start + row))
            if of.enrolled[row, student] and wanted.status is Status.SCORED:
                assert (band, score / 100) == (wanted.band, wanted.score)
            else:
                assert (band, score) == (Band.NONE, -1)


def test_the_days_of_a_course_weigh_what_a_calendar_says() -> None:
    entries = [
        Entry(Sort.TERM, START, Day(START + 19), 100, "term"),
        Entry(Sort.VACATION, Day(START + 20), Day(START + 39), 0, "vacation"),
    ]
    of = course(1, students=4, days=40).weighed_by(Calendar.of(entries, Weights(vacation=0)))
    assert of.weight_percent[:, 0].tolist() == [100] * 20 + [0] * 20
    rule = BandAtOrBelow(
        name="any", suggestion="talk", rule="band_at_or_below", band=Band.PARTIAL, closings=1
    )
    found = raised(changed(POLICY, {"alerts": (rule,)}), of, replay(POLICY, of))["any"]
    assert found[:20].any()
    assert not found[20:].any()


def test_blocks_of_students_change_nothing() -> None:
    of = course(1, students=300)
    of = excused(of, circumstances(2, of))
    together = replay(POLICY, of)
    chosen = np.arange(300) % 7 == 3
    apart = replay(POLICY, of.of(chosen))
    assert (together.score[:, chosen] == apart.score).all()
    assert (together.band[:, chosen] == apart.band).all()
