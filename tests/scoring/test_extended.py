"""By how much due dates are put off, and whose: the definition, by one circumstance or several."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.types import CircumstanceSort, Day, Kind, StudentId
from scoring.circumstance import Circumstance, extended
from scoring.explanation import Extension, explain
from scoring.explanation_text import sentences
from scoring.items import EXTENDABLE, EXTENSION_LIMIT_DAYS, Item
from scoring.policy import parse_policy
from scoring.student_days import Moment, StudentDays

UPLOAD = Kind.FASER_UPLOAD
WEEK = Circumstance(
    StudentId(1), CircumstanceSort.PLACEMENT, (UPLOAD,), Day(10), Day(14), 7, Day(9)
)


def due(*known: Circumstance, kind: Kind = UPLOAD, day: int = 12) -> int:
    (item,) = extended(kind, [Item(Day(day))], known)
    return item.due


@pytest.mark.parametrize(("day", "wanted"), [(9, 9), (10, 17), (14, 21), (15, 15)])
def test_what_is_due_within_the_period_is_put_off_and_nothing_else(day: int, wanted: int) -> None:
    assert due(WEEK, day=day) == wanted


def test_only_kinds_that_are_named_and_have_a_deadline_are_put_off() -> None:
    assert due(replace(WEEK, kinds=())) == 19
    assert due(replace(WEEK, kinds=(Kind.MOODLE_COURSE,))) == 12
    for kind in set(Kind) - EXTENDABLE:
        assert due(replace(WEEK, kinds=()), kind=kind) == 12
    assert Kind.TAP_IN not in EXTENDABLE  # a session takes place when it does


def test_of_several_the_longest_holds_and_extensions_do_not_add_up() -> None:
    assert due(WEEK, replace(WEEK, extend_days=3), replace(WEEK, extend_days=0)) == 19
    behind = replace(WEEK, first=Day(19), last=Day(25))
    assert due(WEEK, behind) == 19


@pytest.mark.parametrize(
    ("days", "wanted"), [(-3, 0), (EXTENSION_LIMIT_DAYS + 1, EXTENSION_LIMIT_DAYS)]
)
def test_nothing_is_put_forward_or_off_by_more_than_the_log_reaches_back(
    days: int, wanted: int
) -> None:
    assert due(replace(WEEK, extend_days=days)) == 12 + wanted


@given(
    days=st.lists(st.tuples(st.integers(0, 30), st.none() | st.integers(0, 30))),
    extend=st.integers(0, 9),
)
def test_an_item_keeps_when_it_was_met_and_says_when_it_was_due_first(
    days: list[tuple[int, int | None]], extend: int
) -> None:
    items = [Item(Day(at), None if met is None else Day(met)) for at, met in days]
    found = extended(UPLOAD, items, [replace(WEEK, extend_days=extend)])
    for before, after in zip(items, found, strict=True):
        assert after.met == before.met
        was_put_off = after.due != before.due
        assert after.extended_from == (before.due if was_put_off else None)


_POLICY = parse_policy("""
version: 1
valid_from: 1970-01-01
title: test
look_back_days: 12
minimum_counted_days: 1
minimum_weight_share: 0.5
thresholds: {low: 20, partial: 45, good: 65, high: 85}
kinds:
  faser_upload:
    {weight: 1, window_days: 8, measure: share, saturation_share: 1, feeds: [uploads]}
""")


def extensions(items: Sequence[Item], day: int) -> tuple[tuple[Extension, ...], list[str]]:
    student = StudentDays({}, lambda _: 100, lambda _kind, _day: True, items={UPLOAD: items})
    found = explain(_POLICY.usual, student, Moment.closing(Day(day)))
    return found.kinds[0].extensions, sentences(found)


def test_an_explanation_names_the_days_that_items_were_put_off_from_and_to() -> None:
    """The window of day 20 begins on day 13."""
    items = [
        Item(Day(21), extended_from=Day(20)),  # it would be due by now
        Item(Day(13), extended_from=Day(10)),
        Item(Day(12), extended_from=Day(10)),  # both before the window
        Item(Day(22), extended_from=Day(21)),  # both behind it
        Item(Day(15)),
    ]
    found, told = extensions(items, 20)
    assert found == (Extension(Day(10), Day(13)), Extension(Day(20), Day(21)))
    assert "faser upload due 1970-01-11, extended to 1970-01-14." in told
    assert sum("extended to" in sentence for sentence in told) == 2
