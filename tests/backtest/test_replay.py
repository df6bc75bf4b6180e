"""A replayed course is what the definition says, student by student and day by day."""

import numpy as np
from hypothesis import given, settings

from backtest.course import Course
from backtest.policy_text import changed
from backtest.raised import raised
from backtest.replay import replay
from ops.commands.backtest import read_policy
from schemas.types import Band, Day, Kind, Status
from scoring.alert_rules import BandAtOrBelow
from scoring.calendar import Calendar, Entry, Sort, Weights
from scoring.due_items import NEVER
from scoring.indicator import Indicator
from scoring.items import Item
from scoring.reference import indicator_of
from scoring.resolution import resolve
from scoring.rules import Rules
from scoring.scores import BANDS
from scoring.student_days import Moment, StudentDays
from tests.backtest.worlds import START, course, seeds

POLICY = read_policy(None)


def _by_definition(of: Course, student: int, day: Day) -> Indicator:
    def counted(kind: Kind, when: Day) -> bool:
        row = when - of.start
        held = kind in of.counts or kind in of.coursework
        return held and 0 <= row < of.days and bool(of.enrolled[row, student])

    def weight(when: Day) -> int:
        return int(of.weight_percent[min(max(when - of.start, 0), of.days - 1), 0])

    items = of.coursework[Kind.FASER_UPLOAD]
    own = [
        Item(Day(int(due)), None if met == NEVER else Day(int(met)))
        for who, due, met in zip(items.student, items.due, items.met, strict=True)
        if who == student
    ]
    counts = {
        kind: {Day(of.start + row): int(cells[row, student]) for row in range(of.days)}
        for kind, cells in of.counts.items()
    }
    days = StudentDays(counts, weight, counted, items={Kind.FASER_UPLOAD: own})
    rules = resolve(POLICY, of.profiles[student])
    assert isinstance(rules, Rules)
    return indicator_of(rules, days, Moment.closing(day))


@given(seeds)
@settings(max_examples=15)
def test_every_closing_is_the_one_of_the_reference(seed: int) -> None:
    of = course(seed)
    closings = replay(POLICY, of)
    for row in range(of.days):
        for student in range(of.size):
            band, score = BANDS[closings.band[row, student]], int(closings.score[row, student])
            wanted = _by_definition(of, student, Day(of.start + row))
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
    together = replay(POLICY, of)
    chosen = np.arange(300) % 7 == 3
    apart = replay(POLICY, of.of(chosen))
    assert (together.score[:, chosen] == apart.score).all()
    assert (together.band[:, chosen] == apart.band).all()
