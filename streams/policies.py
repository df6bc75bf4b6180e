"""The published versions of the scoring policy, and which holds on a campus day."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from schemas.types import Day
from scoring.policy import Policy
from streams.campus import from_date


class Policies:
    """Policies by version; on a day, the one with the latest `valid_from` up to it holds."""

    def __init__(self) -> None:
        self._versions: dict[int, Policy] = {}

    def add(self, policy: Policy) -> bool:
        """Take in a version; returns whether it is new. A version is never edited in place."""
        if policy.version in self._versions:
            return False
        self._versions[policy.version] = policy
        return True

    @property
    def versions(self) -> frozenset[int]:
        """The versions known."""
        return frozenset(self._versions)

    def start_of(self, version: int) -> Day:
        """The first day for which a version was made."""
        return from_date(self._versions[version].valid_from)

    def on(self, day: Day) -> Policy | None:
        """The policy of a campus day; None before the first."""
        valid = [p for p in self._versions.values() if from_date(p.valid_from) <= day]
        return max(valid, key=lambda p: (p.valid_from, p.version), default=None)

    def first_day(self) -> Day | None:
        """The first day that any version holds for."""
        return min((from_date(p.valid_from) for p in self._versions.values()), default=None)

    def next_start(self, day: Day) -> Day | None:
        """The first day behind `day` on which a version begins to hold."""
        starts = [from_date(policy.valid_from) for policy in self._versions.values()]
        return min((start for start in starts if start > day), default=None)

    def runs(self, first: Day, last: Day) -> list[tuple[Policy | None, NDArray[np.int64]]]:
        """The days from `first` to `last`, cut where another policy begins to hold."""
        starts = sorted({from_date(policy.valid_from) for policy in self._versions.values()})
        edges = [first, *(start for start in starts if first < start <= last), last + 1]
        return [
            (self.on(Day(start)), np.arange(start, end))
            for start, end in pairwise(edges)
            if start < end
        ]

    def feeds(self, day: Day) -> frozenset[str]:
        """The feeds that have to be complete before `day` is closed."""
        policy = self.on(day)
        if policy is None:
            return frozenset()
        return frozenset(feed for kind in policy.kinds.values() for feed in kind.feeds)
