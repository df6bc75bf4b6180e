"""What goes wrong between what happened and what is written."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from connectors.simulator.acts import Act, week_of
from connectors.simulator.formats import Format
from connectors.simulator.people import Person, random_of
from connectors.simulator.plan import Plan
from schemas.types import Kind


class Row(NamedTuple):
    """A row to be written: the act, whose name stands there, and the act's number in its feed."""

    number: int
    act: Act
    under: int


@dataclass(frozen=True, slots=True)
class Loan:
    """A card lent for a week: `borrower` taps with the card of `owner`."""

    owner: int
    borrower: int
    week: int


@dataclass(slots=True)
class Injected:
    """The faults, and how they change what a connector publishes: by person named, and kind."""

    outages: list[tuple[str, date]] = field(default_factory=list)
    loans: list[Loan] = field(default_factory=list)
    lost: Counter[tuple[int, Kind]] = field(default_factory=Counter)
    repeated: Counter[tuple[int, Kind]] = field(default_factory=Counter)
    moved: Counter[tuple[int, Kind]] = field(default_factory=Counter)
    """Taps more (less, where negative) under a card than its owner made."""
    late: int = 0
    out_of_order: int = 0


def chosen(plan: Plan, feeds: Sequence[Format], people: Sequence[Person]) -> Injected:
    """The outages and the lent cards of a term."""
    random = random_of(plan, "faults")
    injected = Injected()
    teaching = [day for day in plan.days if plan.is_teaching(day)]
    for _ in range(plan.outages if teaching else 0):
        injected.outages.append((random.choice(feeds).feed, random.choice(teaching)))
    for _ in range(plan.shared_cards if len(people) > 1 else 0):
        owner, borrower = random.sample(people, 2)
        if all(loan.borrower != borrower.number for loan in injected.loans):
            week = random.randrange(plan.weeks)
            injected.loans.append(Loan(owner.number, borrower.number, week))
    return injected


def written(plan: Plan, feed: Format, acts: Sequence[Act], injected: Injected) -> list[Row]:
    """The rows of a feed in the order of its file; `acts` are its own, by time."""
    random = random_of(plan, "rows", feed.feed)
    lenders = _lenders(injected) if Kind.TAP_IN in feed.kinds else {}
    rows: list[Row] = []
    late: list[Row] = []
    for number, act in enumerate(acts, 1):
        if (feed.feed, act.at.date()) in injected.outages:
            injected.lost[act.number, act.kind] += 1
            continue
        under = lenders.get((act.number, week_of(plan, act.at.date())), act.number)
        if under != act.number:
            injected.moved[under, act.kind] += 1
            injected.moved[act.number, act.kind] -= 1
        row = Row(number, act, under)
        is_late = random.random() < plan.late_share
        injected.late += is_late
        (late if is_late else rows).append(row)
        if random.random() < plan.duplicate_share:
            injected.repeated[under, act.kind] += 1
            rows.append(row)
    if plan.disorder:
        places = {at: at + random.random() * plan.disorder for at in range(len(rows))}
        order = sorted(places, key=places.__getitem__)
        injected.out_of_order += sum(one > other for one, other in pairwise(order))
        rows = [rows[at] for at in order]
    return rows + late


def _lenders(injected: Injected) -> Mapping[tuple[int, int], int]:
    return {(loan.borrower, loan.week): loan.owner for loan in injected.loans}
