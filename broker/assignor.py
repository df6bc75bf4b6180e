"""Assigns partition p of all topics of a group to one member; owners keep theirs.

What makes a partition of a student's activity complete is that all its topics are read by the same
worker. Kafka's range assignor does that but moves too much; its round robin and sticky ones do not.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.abstract import AbstractPartitionAssignor
from aiokafka.coordinator.protocol import (
    ConsumerProtocolMemberAssignment,
    ConsumerProtocolMemberMetadata,
)

_VERSION: Final = 0


class CopartitionAssignor(AbstractPartitionAssignor):
    """Sticky and co-partitioned. `owned` gives the partitions this member holds, when it joins."""

    name = "leap-copartition"

    def __init__(self, owned: Callable[[], Iterable[int]]) -> None:
        self._owned = owned

    def metadata(self, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:
        """What this member tells the leader: its topics, and what it holds."""
        claim = json.dumps(sorted(self._owned())).encode()
        return ConsumerProtocolMemberMetadata(_VERSION, sorted(topics), claim)

    def on_assignment(self, assignment: ConsumerProtocolMemberAssignment) -> None:
        """Nothing to remember: the claims say what is held."""

    def assign(
        self, cluster: ClusterMetadata, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        """The leader's part: every member's partitions."""
        topics = sorted({t for member in members.values() for t in member.subscription})
        counts = {topic: len(cluster.partitions_for_topic(topic) or ()) for topic in topics}
        claims = {name: _claim(member.user_data) for name, member in members.items()}
        shares = share(max(counts.values(), default=0), claims)
        return {
            name: ConsumerProtocolMemberAssignment(
                _VERSION,
                [(topic, [p for p in shares[name] if p < counts[topic]]) for topic in topics],
                b"",
            )
            for name in members
        }


def share(partitions: int, claims: Mapping[str, Sequence[int]]) -> dict[str, list[int]]:
    """Partitions 0 .. n-1 among members, as even as can be.

    Claims are honoured up to a member's even share, largest claims first; of two claims to one
    partition the first wins. The rest goes to whoever has least.
    """
    if not claims:
        return {}
    fair, extra = divmod(partitions, len(claims))
    shares: dict[str, list[int]] = {name: [] for name in sorted(claims)}
    left = set(range(partitions))
    for name in sorted(claims, key=lambda n: (-len(claims[n]), n)):
        limit = fair + (extra > 0)
        for partition in sorted(claims[name]):
            if partition in left and len(shares[name]) < limit:
                shares[name].append(partition)
                left.discard(partition)
        extra -= len(shares[name]) > fair
    for partition in sorted(left):
        shares[min(shares, key=lambda n: (len(shares[n]), n))].append(partition)
    return {name: sorted(owned) for name, owned in shares.items()}


def _claim(user_data: bytes) -> list[int]:
    try:
        claimed = json.loads(user_data or b"[]")
    except ValueError:
        return []
    return [int(p) for p in claimed] if isinstance(claimed, list) else []
