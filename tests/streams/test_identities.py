"""Of an id the highest revision decides, and a retraction wins a tie: whatever came when."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streams.identities import UNKNOWN, Identities

ID_NUMBERS = st.integers(0, 5)
EVENTS = st.lists(
    st.tuples(ID_NUMBERS, st.one_of(st.just(0), st.integers(0, 5), st.just(2**32 - 1))), max_size=40
)


def raise_to(known: Identities, events: list[tuple[int, int]]) -> list[tuple[bool, int]]:
    ids = np.array([number for number, _ in events], np.uint64)
    ranks = np.array([rank for _, rank in events], np.int64)
    is_news, step = known.raise_to(ids, ranks)
    return list(zip(is_news.tolist(), step.tolist(), strict=True))


def one_at_a_time(events: list[tuple[int, int]]) -> tuple[list[tuple[bool, int]], dict[int, int]]:
    """The same, with a dictionary."""
    held: dict[int, int] = {}
    told: list[tuple[bool, int]] = []
    for number, rank in events:
        before = held.get(number, UNKNOWN)
        held[number] = max(before, rank)
        told.append((rank > before, int(held[number] % 2 == 0) - int(before % 2 == 0)))
    return told, held


@given(events=EVENTS, cuts=st.lists(st.integers(1, 40)))
def test_ranks_are_raised_one_by_one_however_the_log_is_cut(
    events: list[tuple[int, int]], cuts: list[int]
) -> None:
    known = Identities()
    edges = sorted({0, len(events), *(cut for cut in cuts if cut < len(events))})
    told = [one for a, b in pairwise(edges) for one in raise_to(known, events[a:b])]
    wanted, held = one_at_a_time(events)
    assert told == wanted
    numbers = np.arange(7, dtype=np.uint64)
    assert known.ranks_of(numbers).tolist() == [held.get(n, UNKNOWN) for n in range(7)]


@given(data=st.data(), events=EVENTS)
def test_no_order_of_events_leads_elsewhere(
    data: st.DataObject, events: list[tuple[int, int]]
) -> None:
    one, other = Identities(), Identities()
    numbers = np.arange(6, dtype=np.uint64)
    shuffled = data.draw(st.permutations(events))
    steps = [0, 0]
    for i, (known, order) in enumerate(((one, events), (other, shuffled))):
        for event in order:
            steps[i] += raise_to(known, [event])[0][1]
    assert one.ranks_of(numbers).tolist() == other.ranks_of(numbers).tolist()
    assert steps[0] == steps[1] == int((one.ranks_of(numbers) % 2 == 0).sum())


@given(first=st.sets(ID_NUMBERS), more=st.lists(ID_NUMBERS, min_size=1))
def test_plain_events_are_taken_in_as_any_others(first: set[int], more: list[int]) -> None:
    quick, exact = Identities(), Identities()
    quick.begin(np.array(list(first), np.uint64))
    raise_to(exact, [(number, 0) for number in first]) if first else None
    fresh = quick.add(np.array(more, np.uint64))
    wanted = [step == 1 for _, step in raise_to(exact, [(number, 0) for number in more])]
    assert (fresh.tolist() if fresh is not None else [True] * len(more)) == wanted
    assert quick.is_plain
