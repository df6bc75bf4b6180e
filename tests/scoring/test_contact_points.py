"""Compliance rules, held against sets of days, and the kernel against the definition."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.types import Day, Kind
from scoring.compliance import ComplianceRule, ComplianceRules, ContactPoints, MissedInARow
from scoring.contact_kernel import few_contacts, missed_in_a_row
from scoring.contact_points import SponsoredDays, compliance_alerts_of, verdict_on
from scoring.due_items import NEVER, DueItems
from scoring.items import Item
from scoring.policy import Policy, parse_policy
from scoring.student_days import StudentDays
from tests.scoring.example import EXAMPLE, EXAMPLE_TEXT

LOOK_BACK = 9
TAP, UPLOAD = Kind.MOODLE_COURSE, Kind.FASER_UPLOAD
KINDS = st.sampled_from([(TAP,), (UPLOAD,), (TAP, UPLOAD)])
DAYS = range(14)

CONTACTS = st.builds(
    lambda kinds, at_least, more: ContactPoints(
        name="contact",
        basis="the duty",
        kinds=kinds,
        rule="contact_points",
        at_least=at_least,
        within_days=at_least + more,
    ),
    KINDS,
    st.integers(1, 3),
    st.integers(0, 4),
)
MISSED = st.builds(
    lambda kinds, items: MissedInARow(
        name="missed", basis="the duty", kinds=kinds, rule="missed_in_a_row", items=items
    ),
    KINDS,
    st.integers(1, 3),
)
RULES: st.SearchStrategy[ComplianceRule] = st.one_of(CONTACTS, MISSED)


@dataclass(frozen=True)
class Life:
    """A student by sets of days; those of a kind are pairs."""

    contact: frozenset[tuple[Kind, int]] = frozenset()
    lacking: frozenset[tuple[Kind, int]] = frozenset()
    excused: frozenset[tuple[Kind, int]] = frozenset()
    free: frozenset[int] = frozenset()
    unsponsored: frozenset[int] = frozenset()
    items: tuple[tuple[Kind, int, int | None], ...] = ()

    def counts(self, kinds: Sequence[Kind], day: int) -> bool:
        no_day_of = self.lacking | self.excused
        return day not in self.free | self.unsponsored and not any(
            (kind, day) in no_day_of for kind in kinds
        )

    def seen(self) -> SponsoredDays:
        items: dict[Kind, list[Item]] = {TAP: [], UPLOAD: []}
        for kind, due, met in self.items:
            items[kind].append(Item(Day(due), None if met is None else Day(met)))
        student = StudentDays(
            counts={
                kind: {Day(day): 2 for of, day in self.contact if of is kind} for kind in items
            },
            weight_percent=lambda day: 0 if day in self.free else 50,
            counted=lambda kind, day: (kind, day) not in self.lacking,
            excused=lambda kind, day: (kind, day) in self.excused,
            items=items,
        )
        return SponsoredDays(student, lambda day: day not in self.unsponsored)


NUMBERS = st.sampled_from(DAYS)
OF_KINDS = st.tuples(st.sampled_from([TAP, UPLOAD]), NUMBERS)
FEW = st.frozensets(OF_KINDS, max_size=3)
LIVES = st.builds(
    Life,
    contact=st.frozensets(OF_KINDS, max_size=8),
    lacking=FEW,
    excused=FEW,
    free=st.frozensets(NUMBERS, max_size=4),
    unsponsored=st.frozensets(NUMBERS, max_size=4),
    items=st.lists(
        st.tuples(st.sampled_from([TAP, UPLOAD]), NUMBERS, st.none() | NUMBERS), max_size=6
    ).map(tuple),
)


def policy_with(*rules: ComplianceRule) -> Policy:
    return EXAMPLE.model_copy(
        update={"compliance": ComplianceRules(rules=rules), "look_back_days": LOOK_BACK}
    )


def said(rule: ComplianceRule, life: Life, day: int) -> str:
    """h: it holds, n: it does not, q: the day says nothing."""
    verdict = verdict_on(rule, policy_with(rule), life.seen(), Day(day))
    if not verdict.speaks:
        return "q"
    return "n" if verdict.evidence is None else "h"


@given(rule=CONTACTS, life=LIVES, day=NUMBERS)
def test_contact_is_looked_for_among_the_last_days_that_count(
    rule: ContactPoints, life: Life, day: int
) -> None:
    back = range(day, day - LOOK_BACK, -1)
    counting = [one for one in back if life.counts(rule.kinds, one)][: rule.within_days]
    is_whole = len(counting) == rule.within_days
    start = min(counting) if is_whole else back[-1]
    contacts = {one for kind, one in life.contact if kind in rule.kinds and start <= one <= day}
    if not life.counts(rule.kinds, day):
        wanted = "q"
    elif len(contacts) >= rule.at_least:
        wanted = "n"
    else:
        wanted = "h" if is_whole else "q"
    assert said(rule, life, day) == wanted


@given(rule=MISSED, life=LIVES, day=NUMBERS)
def test_items_are_missed_in_a_row_behind_the_last_that_was_met(
    rule: MissedInARow, life: Life, day: int
) -> None:
    row = ""
    for due in range(day - LOOK_BACK + 1, day + 1):
        of_day = [(kind, met) for kind, on, met in life.items if on == due and kind in rule.kinds]
        if any(met is not None and met <= day for _, met in of_day):
            row = ""
        else:
            row += "".join("-" for kind, _ in of_day if life.counts([kind], due))
    wanted = "h" if len(row) >= rule.items else "n"
    assert said(rule, life, day) == (wanted if life.counts(rule.kinds, day) else "q")


@given(rule=RULES, life=LIVES, day=NUMBERS, more=OF_KINDS)
def test_more_contact_never_makes_a_rule_hold(
    rule: ComplianceRule, life: Life, day: int, more: tuple[Kind, int]
) -> None:
    kind, when = more
    items = tuple(
        (of, due, when if of is kind and due == when else met) for of, due, met in life.items
    )
    if said(rule, life, day) != "h":
        assert said(rule, replace(life, contact=life.contact | {more}, items=items), day) != "h"


@given(rule=RULES, lives=st.lists(LIVES, min_size=1, max_size=3), data=st.data())
def test_the_kernel_says_the_same_of_many(
    rule: ComplianceRule, lives: list[Life], data: st.DataObject
) -> None:
    start = data.draw(NUMBERS)
    days = np.arange(start, data.draw(st.integers(start, DAYS[-1])) + 1)
    first = start - LOOK_BACK + 1
    reach = range(first, int(days[-1]) + 1)

    counted = np.array([[life.counts(rule.kinds, day) for life in lives] for day in reach])
    if isinstance(rule, ContactPoints):
        active = np.array(
            [[any((k, day) in one.contact for k in rule.kinds) for one in lives] for day in reach]
        )
        found = few_contacts(rule, active, counted, first, len(days))
    else:
        listed = [
            (student, kind, due, NEVER if met is None else met)
            for student, life in enumerate(lives)
            for kind, due, met in life.items
            if kind in rule.kinds
        ]
        items = DueItems(*(np.array([one[at] for one in listed], np.int64) for at in (0, 2, 3)))
        counts = np.array([lives[s].counts([kind], due) for s, kind, due, _ in listed], np.bool_)
        found = missed_in_a_row(rule.items, items, counts, counted[-len(days) :], days, LOOK_BACK)
    for at, day in enumerate(days.tolist()):
        for student, life in enumerate(lives):
            letter = said(rule, life, day)
            assert found.speaks[at, student] == (letter != "q")
            assert found.held[at, student] == (letter == "h")
            verdict = verdict_on(rule, policy_with(rule), life.seen(), Day(day))
            if verdict.evidence is not None:
                figures = dict(verdict.evidence.figures)
                told = {found.number[at, student], found.since[at, student]}
                assert told <= set(figures.values())


FEW_TAPS = ContactPoints(
    name="contact", basis="the duty", kinds=(TAP,), rule="contact_points", at_least=2, within_days=3
)
TWO_MISSED = MissedInARow(
    name="missed", basis="the duty", kinds=(TAP,), rule="missed_in_a_row", items=2
)


def spans(rule: ComplianceRule, life: Life, sponsored: range) -> list[tuple[int, int | None]]:
    never = frozenset(range(-LOOK_BACK, DAYS[-1] + 1)) - frozenset(sponsored)
    alerts = compliance_alerts_of(
        lambda day: replace(life, unsponsored=never).seen() if day in sponsored else None,
        lambda _: policy_with(rule),
        Day(DAYS[0]),
        Day(DAYS[-1]),
    )
    return [(one.raised, one.ended) for one in alerts]


def test_an_alert_is_raised_once_and_ends_by_contact_or_with_the_sponsorship() -> None:
    taps = frozenset((TAP, day) for day in (0, 1, 8, 9))
    assert spans(FEW_TAPS, Life(contact=taps), range(20)) == [(3, 9), (11, None)]
    assert spans(FEW_TAPS, Life(contact=taps), range(5)) == [(3, 5)]
    assert spans(FEW_TAPS, Life(contact=taps), range(0)) == []


def test_a_vacation_neither_raises_nor_ends_an_alert_whatever_happens_in_it() -> None:
    life = Life(contact=frozenset({(TAP, 0), (TAP, 1), (TAP, 6), (TAP, 7)}))
    vacation = frozenset({3, 4, 5, 6, 7})
    assert spans(FEW_TAPS, life, range(20)) == [(3, 7), (9, None)]
    assert spans(FEW_TAPS, replace(life, free=vacation), range(20)) == [(10, None)]


def test_after_a_vacation_longer_than_the_look_back_an_open_alert_stays_open() -> None:
    life = Life(free=frozenset(range(3, 12)))
    assert spans(FEW_TAPS, life, range(20)) == [(2, None)]


def test_a_session_on_a_day_that_does_not_count_is_not_missed() -> None:
    items = tuple((TAP, day, None) for day in (2, 3, 4))
    assert spans(TWO_MISSED, Life(items=items), range(20)) == [(3, 12)]
    excused = frozenset({(TAP, 2), (TAP, 4)})
    assert spans(TWO_MISSED, Life(items=items, excused=excused), range(20)) == []


def test_a_day_on_which_a_kind_is_switched_off_does_not_count() -> None:
    off = "switched_off: [{first: 1970-01-03, last: 1970-01-06, reason: closed}]"
    feeds = "feeds: [oulad.vle]"
    assert feeds in EXAMPLE_TEXT
    policy = parse_policy(EXAMPLE_TEXT.replace(feeds, f"{feeds}\n    {off}"))
    seen = Life().seen()
    days = [day for day in range(8) if not seen.count(policy, [TAP, UPLOAD], Day(day))]
    assert days == [2, 3, 4, 5]
    assert seen.count(policy, [UPLOAD], Day(3))


@pytest.mark.parametrize(
    ("rule", "life", "sentence"),
    [
        (
            FEW_TAPS,
            Life(contact=frozenset({(TAP, 5)})),
            "There was contact on 1 day of the last 3 that count, since 1970-01-06; the rule looks"
            " for 2.",
        ),
        (
            TWO_MISSED,
            Life(items=((TAP, 3, 3), (TAP, 5, None), (TAP, 7, None))),
            "The last 2 expected items (moodle course) had no activity, since 1970-01-06.",
        ),
    ],
)
def test_the_evidence_can_be_counted_by_hand(
    rule: ComplianceRule, life: Life, sentence: str
) -> None:
    verdict = verdict_on(rule, policy_with(rule), life.seen(), Day(7))
    assert verdict.evidence is not None
    assert verdict.evidence.sentence == sentence
