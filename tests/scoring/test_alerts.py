"""Alerts, held against a reader that knows only words and patterns, and against the kernel."""

import re
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from schemas.types import Band, Day, Kind, Status
from scoring.alert_conditions import SUGGESTS
from scoring.alert_kernel import BANDS, NEVER, Observed, Standing, follow, holds
from scoring.alert_rules import AlertRule, BandAtOrBelow, BandDrop, NoActivity, OverdueAndSilent
from scoring.alerts import Alert, alerts_of
from scoring.items import Item
from scoring.observation import Observation, overdue_days, silent_days
from scoring.policy import Policy, parse_policy
from scoring.student_days import StudentDays

LOOK_BACK = 6
FIRST = Day(16_000)
SCORED = list(Band)[1:]
SHIPPED = parse_policy((files("scoring") / "policies" / "default.yaml").read_text())

RULES: st.SearchStrategy[AlertRule] = st.one_of(
    st.builds(
        BandAtOrBelow,
        name=st.just("rule"),
        suggestion=st.just("ask"),
        cool_down_days=st.integers(0, 4),
        rule=st.just("band_at_or_below"),
        band=st.sampled_from([Band.VERY_LOW, Band.LOW, Band.PARTIAL]),
        closings=st.integers(1, 3),
    ),
    st.builds(
        BandDrop,
        name=st.just("rule"),
        suggestion=st.just("ask"),
        cool_down_days=st.integers(0, 4),
        rule=st.just("band_drop"),
        bands=st.integers(1, 3),
        within_days=st.integers(1, 8),
    ),
    st.builds(
        OverdueAndSilent,
        name=st.just("rule"),
        suggestion=st.just("ask"),
        cool_down_days=st.integers(0, 4),
        rule=st.just("overdue_and_silent"),
        overdue_days=st.integers(1, 3),
        silent_days=st.integers(1, 3),
    ),
    st.builds(
        NoActivity,
        name=st.just("rule"),
        suggestion=st.just("ask"),
        cool_down_days=st.integers(1, 4),
        rule=st.just("no_activity"),
        counted_days=st.integers(1, 3),
    ),
)


@st.composite
def observed_days(draw: st.DrawFn) -> list[Observation | None]:
    """A closing a day; None on a day on which the student was not enrolled."""
    days: list[Observation | None] = []
    for number in range(draw(st.integers(1, 25))):
        status = draw(
            st.sampled_from([Status.SCORED] * 8 + [Status.INSUFFICIENT_DATA, Status.NOT_SCORED])
        )
        band = draw(st.sampled_from(SCORED)) if status is Status.SCORED else Band.NONE
        one = Observation(
            Day(FIRST + number),
            status,
            band,
            is_quiet=draw(st.integers(0, 4)) == 0,
            silent_days=draw(st.integers(0, 4)),
            overdue_days={Kind.FASER_UPLOAD: draw(st.integers(0, 4))},
        )
        days.append(None if draw(st.integers(0, 9)) == 0 else one)
    return days


def alerts(rules: Sequence[AlertRule], days: Sequence[Observation | None]) -> tuple[Alert, ...]:
    policy = policy_with(rules)
    last = Day(FIRST + len(days) - 1)
    return alerts_of([day for day in days if day], lambda _: policy, FIRST, last)


def policy_with(rules: Sequence[AlertRule]) -> Policy:
    return SHIPPED.model_copy(update={"alerts": tuple(rules), "look_back_days": LOOK_BACK})


def spans(found: Sequence[Alert]) -> list[tuple[int, int | None]]:
    return [(one.raised - FIRST, None if one.ended is None else one.ended - FIRST) for one in found]


# ---- a reader of its own: a letter a day, and a pattern


def letters(rule: AlertRule, days: Sequence[Observation | None]) -> str:
    """h: it holds, n: it does not, q: the day says nothing, o: the student is not one of ours."""
    return "".join(_letter(rule, days, at) for at in range(len(days)))


def _letter(rule: AlertRule, days: Sequence[Observation | None], at: int) -> str:
    now = days[at]
    if now is None or now.status is Status.NOT_SCORED:
        return "o"
    if now.is_quiet or now.status is not Status.SCORED:
        return "q"
    window = [
        one
        for one in days[max(0, at - LOOK_BACK + 1) : at + 1]
        if one and one.status is Status.SCORED and not one.is_quiet
    ]
    height = [SCORED.index(one.band) for one in window]
    if isinstance(rule, BandAtOrBelow):
        low = "".join("l" if h <= SCORED.index(rule.band) else "-" for h in height)
        is_held = low.endswith("l" * rule.closings)
    elif isinstance(rule, BandDrop):
        recent = [
            h
            for h, one in zip(height, window, strict=True)
            if now.day - one.day <= rule.within_days
        ]
        is_held = max(recent) - height[-1] >= rule.bands
    elif isinstance(rule, NoActivity):
        is_held = now.silent_days >= rule.counted_days
    else:
        is_late = now.overdue_days[Kind.FASER_UPLOAD] >= rule.overdue_days
        is_held = is_late and now.silent_days >= rule.silent_days
    return "h" if is_held else "n"


def read(word: str, cool_down: int) -> list[tuple[int, int | None]]:
    """An alert is h, then h and q; the letter behind ends it, and the cool-down follows."""
    found: list[tuple[int, int | None]] = []
    at = 0
    while match := re.compile("h[hq]*").search(word, at):
        is_over = match.end() < len(word)
        found.append((match.start(), match.end() if is_over else None))
        if not is_over:
            break
        at = match.end() + cool_down + 1
    return found


@given(rule=RULES, days=observed_days())
def test_alerts_are_what_a_pattern_finds_in_the_days(
    rule: AlertRule, days: list[Observation | None]
) -> None:
    found = alerts([rule], days)
    assert spans(found) == read(letters(rule, days), rule.cool_down_days)


@given(rule=RULES, days=observed_days())
def test_none_is_raised_or_ended_by_a_vacation_an_excused_day_or_too_little_data(
    rule: AlertRule, days: list[Observation | None]
) -> None:
    quiet = {one.day for one in days if one and not one.speaks and not one.ends_all}
    found = alerts([rule], days)
    assert not quiet & {one.raised for one in found}
    assert not quiet & {one.ended for one in found}


@given(rule=RULES, days=observed_days(), band=st.sampled_from(SCORED), silent=st.integers(0, 9))
def test_what_a_quiet_day_says_changes_nothing(
    rule: AlertRule, days: list[Observation | None], band: Band, silent: int
) -> None:
    others = [
        replace(one, band=band, silent_days=silent) if one and one.is_quiet else one for one in days
    ]
    assert alerts([rule], others) == alerts([rule], days)


@given(rules=st.lists(RULES, min_size=2, max_size=3), days=observed_days())
def test_rules_do_not_know_of_each_other(
    rules: list[AlertRule], days: list[Observation | None]
) -> None:
    named = [rule.model_copy(update={"name": f"rule_{at}"}) for at, rule in enumerate(rules)]
    together = alerts(named, days)
    for rule in named:
        assert [one for one in together if one.rule == rule.name] == list(alerts([rule], days))
    assert len({one.name for one in together}) == len(together)


@given(rule=RULES, days=observed_days(), more=observed_days())
def test_what_comes_later_never_changes_what_was_raised(
    rule: AlertRule, days: list[Observation | None], more: list[Observation | None]
) -> None:
    later = [one and replace(one, day=Day(one.day + len(days))) for one in more]
    before, after = alerts([rule], days), alerts([rule], [*days, *later])
    assert [one.name for one in after[: len(before)]] == [one.name for one in before]
    for was, now in zip(before, after, strict=False):
        assert was.evidence == now.evidence
        assert was.ended in (None, now.ended)


@given(rule=RULES, students=st.lists(observed_days(), min_size=1, max_size=3), data=st.data())
def test_the_kernel_finds_the_same_alerts_wherever_the_days_are_cut(
    rule: AlertRule, students: list[list[Observation | None]], data: st.DataObject
) -> None:
    length = max(map(len, students))
    students = [[*days, *[None] * (length - len(days))] for days in students]
    cuts = sorted(data.draw(st.sets(st.integers(1, length), max_size=3)) | {0, length})
    standing = Standing(
        np.full(len(students), NEVER, np.int64), np.full(len(students), NEVER, np.int64)
    )
    raised: set[tuple[int, int]] = set()
    ended: set[tuple[int, int]] = set()
    for start, end in pairwise(cuts):
        course = follow(
            standing,
            holds(rule, observed := panel(students, start, end)),
            observed.speaks,
            np.array([[_is_over(days[at]) for days in students] for at in range(start, end)]),
            np.arange(start, end),
            rule.cool_down_days,
        )
        raised |= {(int(s), start + int(d)) for d, s in zip(*course.raised, strict=True)}
        ended |= {(int(s), start + int(d)) for d, s in zip(*course.ended, strict=True)}
    wanted = [(s, span) for s, days in enumerate(students) for span in spans(alerts([rule], days))]
    assert raised == {(s, span[0]) for s, span in wanted}
    assert ended == {(s, span[1]) for s, span in wanted if span[1] is not None}


def _is_over(day: Observation | None) -> bool:
    return day is None or day.ends_all


def panel(students: list[list[Observation | None]], start: int, end: int) -> Observed:
    def band(day: Observation | None) -> int:
        return BANDS.index(day.band) if day and day.speaks else 0

    days = range(start, end)
    reach = range(start - LOOK_BACK + 1, end)
    return Observed(
        bands=np.array(
            [[band(of[at]) if at >= 0 else 0 for of in students] for at in reach], np.int8
        ),
        silent=np.array(
            [[d.silent_days if (d := of[at]) else 0 for of in students] for at in days]
        ),
        overdue={
            Kind.FASER_UPLOAD: np.array(
                [
                    [d.overdue_days[Kind.FASER_UPLOAD] if (d := of[at]) else 0 for of in students]
                    for at in days
                ]
            )
        },
        number=end - start,
    )


# ---- silence


@given(
    active=st.sets(st.integers(0, 12)),
    lacking=st.sets(st.integers(0, 12)),
    free=st.sets(st.integers(0, 12)),
)
def test_silence_is_the_counted_days_behind_the_last_activity(
    active: set[int], lacking: set[int], free: set[int]
) -> None:
    student = StudentDays(
        counts={Kind.LIBRARY_LOAN: {Day(day): 1 for day in active}},  # not scored, and no silence
        weight_percent=lambda day: 0 if day in free else 100,
        counted=lambda _, day: day not in lacking,
    )
    behind = max((day for day in active if day > 12 - LOOK_BACK), default=12 - LOOK_BACK)
    wanted = len(set(range(behind + 1, 13)) - lacking - free)
    assert silent_days(student, [Kind.TAP_IN], Day(12), LOOK_BACK) == wanted


def test_an_item_is_overdue_until_it_is_met_and_not_when_the_student_was_excused() -> None:
    kind = Kind.FASER_UPLOAD
    items = {kind: [Item(Day(3)), Item(Day(5), met=Day(8)), Item(Day(9))]}
    student = StudentDays({}, lambda _: 100, lambda *_: True, lambda _, day: day == 3, items)
    assert [overdue_days(student, kind, Day(day), 20) for day in (4, 6, 8, 10)] == [0, 1, 0, 1]
    assert overdue_days(replace(student, excused=lambda *_: False), kind, Day(10), 20) == 7
    assert overdue_days(replace(student, excused=lambda *_: False), kind, Day(10), 7) == 1


def test_the_note_beside_every_alert_says_that_it_decides_nothing() -> None:
    assert "suggestion" in SUGGESTS
    assert "decides nothing" in SUGGESTS
