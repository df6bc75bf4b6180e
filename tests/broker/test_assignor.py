from hypothesis import given
from hypothesis import strategies as st

from broker.assignor import share

MEMBERS = st.lists(st.sampled_from("abcdefg"), unique=True, min_size=1)


@given(partitions=st.integers(0, 60), members=MEMBERS, data=st.data())
def test_partitions_are_shared_out_evenly_and_completely(
    partitions: int, members: list[str], data: st.DataObject
) -> None:
    claim = st.lists(st.integers(0, 70), unique=True)
    shares = share(partitions, {member: data.draw(claim) for member in members})
    assert sorted(p for owned in shares.values() for p in owned) == list(range(partitions))
    sizes = [len(owned) for owned in shares.values()]
    assert max(sizes) - min(sizes) <= 1


@given(partitions=st.integers(1, 60), members=MEMBERS, joins=st.booleans())
def test_no_more_moves_than_evenness_asks_for(
    partitions: int, members: list[str], joins: bool
) -> None:
    before = share(partitions, {member: [] for member in members})
    claims = {**before, "newcomer": []} if joins else dict(list(before.items())[1:])
    after = share(partitions, claims)
    kept = sum(len(set(before[m]) & set(after[m])) for m in claims if m in before)
    fewest_moves = max(0, max(map(len, after.values()), default=0)) if joins else 0
    held = sum(len(before[m]) for m in claims if m in before)
    assert kept >= held - fewest_moves


def test_owners_that_stay_keep_everything() -> None:
    claims = {"a": [0, 2, 4], "b": [1, 3, 5]}
    assert share(6, claims) == claims
