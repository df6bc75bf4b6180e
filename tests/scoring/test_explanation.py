"""What an explanation promises: the indicator day by day, and what would have been enough."""

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.types import Band, Status
from scoring.explanation import explain
from scoring.explanation_text import sentences
from scoring.kind_policy import Measure
from scoring.next_band import next_band, with_more
from scoring.reference import indicator_of
from scoring.rules import Rules
from scoring.student_days import Moment, StudentDays
from tests.scoring.worlds import patiently, worlds

Case = tuple[Rules, StudentDays, Moment]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    world = draw(worlds(most_evaluations=1, most_students=1))
    overrides = world.policy.overrides if draw(st.booleans()) else ()
    rules = world.policy.rules_with(overrides, is_part_time=draw(st.booleans()))
    return rules, world.student(0), world.moment(0)


@given(cases())
@patiently
def test_an_explanation_holds_the_indicator_and_its_days_add_up(case: Case) -> None:
    rules, student, at = case
    explained = explain(rules, student, at)
    assert explained.indicator == indicator_of(rules, student, at)
    for kind in explained.kinds:
        part, amounts = kind.contribution, [day.amount for day in kind.days]
        is_days = kind.rule.measure is Measure.DAYS
        assert part.amount == (sum(n > 0 for n in amounts) if is_days else sum(amounts))
        assert part.days_percent == sum(day.weight_percent for day in kind.days)
        assert part.due == sum(day.due for day in kind.days)


@given(cases())
@patiently
def test_every_day_of_the_look_back_counts_or_has_its_reason_or_lies_before_the_window(
    case: Case,
) -> None:
    rules, student, at = case
    for kind in explain(rules, student, at).kinds:
        told = {int(day.day) for day in kind.days}
        for span in kind.left_out:
            assert span.reason
            assert told.isdisjoint(range(span.first, span.last + 1))
            told.update(range(span.first, span.last + 1))
        first = min(told, default=at.complete)
        assert any(told == set(range(first, end + 1)) for end in (at.complete, at.as_of))
        if kind.contribution.days_percent < 100 * kind.rule.window_days:
            assert len(told) == rules.look_back_days


@given(cases())
@settings(patiently, max_examples=150)
def test_the_smallest_step_is_enough_and_one_less_is_not(case: Case) -> None:
    rules, student, at = case
    indicator = indicator_of(rules, student, at)
    above = next_band(rules, student, at, indicator)
    if above is None:
        assert indicator.status is not Status.SCORED or indicator.band is Band.HIGH
        return
    for step in above.alone:
        more = with_more(rules, student, at, {step.kind: step.number})
        less = with_more(rules, student, at, {step.kind: step.number - 1})
        assert (indicator_of(rules, more, at).score or 0) >= above.lowest
        assert (indicator_of(rules, less, at).score or 0) < above.lowest
    if above.together:
        all_of_them = {step.kind: step.number for step in above.together}
        more = with_more(rules, student, at, all_of_them)
        assert (indicator_of(rules, more, at).score or 0) >= above.lowest
        number = sum(all_of_them.values())
        assert number <= min((step.number for step in above.alone), default=number)
    else:
        assert not above.alone
        everything = with_more(rules, student, at, dict.fromkeys(rules.kinds, 10_000))
        assert (indicator_of(rules, everything, at).score or 0) < above.lowest


@given(cases())
@settings(patiently, max_examples=150)
def test_no_smaller_number_of_activities_would_do_however_they_are_mixed(case: Case) -> None:
    rules, student, at = case
    above = next_band(rules, student, at, indicator_of(rules, student, at))
    if above is None or not above.together:
        return
    fewer = sum(step.number for step in above.together) - 1
    if fewer == 0 or (fewer + 1) ** len(rules.kinds) > 2_000:
        return  # nothing to try, or too much
    for numbers in product(range(fewer + 1), repeat=len(rules.kinds)):
        if sum(numbers) == fewer:
            more = with_more(rules, student, at, dict(zip(rules.kinds, numbers, strict=True)))
            assert (indicator_of(rules, more, at).score or 0) < above.lowest


@given(cases())
@patiently
def test_an_explanation_can_be_told(case: Case) -> None:
    rules, student, at = case
    told = sentences(explain(rules, student, at))
    assert all(sentence.endswith(".") for sentence in told)
    assert len(told) >= 1 + len(rules.kinds)
