"""What was met, and when, is a function of what was said of each id: a dictionary says the same."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from schemas.types import Day
from scoring.due_items import NEVER
from streams.item_words import NO_ITEM
from streams.meetings import Meetings

FIRST, LAST, AMENDMENT = 100, 112, 4
ITEMS = st.integers(0, 3)
"""0 is none."""


class Said(NamedTuple):
    item: int
    id: int
    day: int
    rank: int
    log_day: int


SAID = st.lists(
    st.builds(
        Said,
        ITEMS,
        st.integers(1, 4),
        st.integers(FIRST, LAST),
        st.sampled_from([0, 0, 0, 1, 2, 3]),
        st.integers(FIRST, LAST + 12),
    ),
    max_size=30,
)


def columns(events: Sequence[Said]) -> tuple[np.ndarray, ...]:
    items, ids, days, ranks, log_days = np.array(events, np.int64).reshape(-1, 5).T.copy()
    return items.view(np.uint64), ids.view(np.uint64), days, ranks, log_days - AMENDMENT


def met(events: Sequence[Said], item: int, earliest: int, closing: int) -> int:
    known = [one for one in events if one.log_day - AMENDMENT <= max(closing, one.day)]
    highest: dict[tuple[int, int], int] = {}
    for one in known:
        highest[one.id, one.day] = max(one.rank, highest.get((one.id, one.day), 0))
    days = [
        one.day
        for one in known
        if one.item == item
        and one.day >= earliest
        and one.rank == highest[one.id, one.day]
        and one.rank % 2 == 0
    ]
    return min(days, default=NEVER)


@given(SAID, st.lists(st.integers(0, 30)), st.integers(FIRST, LAST), st.integers(0, 3))
def test_items_are_met_as_a_dictionary_says_however_the_log_is_cut(
    events: list[Said], cuts: list[int], earliest: int, few: int
) -> None:
    events.sort(key=lambda one: one.log_day)  # log days never fall along a log
    held = Meetings(few)
    edges = sorted({0, len(events), *(cut for cut in cuts if cut < len(events))})
    for start, end in pairwise(edges):
        is_news = held.add(*columns(events[start:end]))
        assert held.knows(*columns(events[:end])[:4]).all()
        before = {event[:4] for event in events[:start]}
        for event, news in zip(events[start:end], is_news.tolist(), strict=True):
            says_nothing = event.item == NO_ITEM and event.rank == 0
            assert news == (event[:4] not in before and not says_nothing)
    wanted = np.arange(1, 4)
    for closing in {FIRST, *held.edges(), *(edge - 1 for edge in held.edges()), LAST}:
        found = held.met(wanted.view(np.uint64), np.full(3, earliest), closing)
        expected = [met(events, item, earliest, closing) for item in wanted.tolist()]
        # Whatever lies behind a closing is not looked at, and may be known to it or not.
        assert [day if day <= closing else NEVER for day in found.tolist()] == [
            day if day <= closing else NEVER for day in expected
        ]


@given(SAID, st.integers(FIRST, LAST), st.integers(0, 3))
def test_days_that_are_let_go_of_leave_the_others_as_they_were(
    events: list[Said], first: int, few: int
) -> None:
    held, later = Meetings(few), Meetings(few)
    held.add(*columns(events))
    held.move_to(Day(first))
    later.add(*columns([event for event in events if event.day >= first]))
    wanted, earliest = np.arange(1, 4).view(np.uint64), np.full(3, FIRST)
    assert len(held) == len(later)
    assert held.met(wanted, earliest, LAST).tolist() == later.met(wanted, earliest, LAST).tolist()
