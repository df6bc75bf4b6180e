"""The published versions of the scoring policy, and which holds on a campus day."""

from schemas.types import Day
from scoring.policy import Policy
from streams.campus import from_date
from streams.versions import Versions


class Policies(Versions[Policy]):
    """Policies by version."""

    def __init__(self) -> None:
        super().__init__(lambda policy: from_date(policy.valid_from))

    def on(self, day: Day) -> Policy | None:
        """The policy of a campus day; None before the first."""
        return self.latest(day)

    def first_day(self) -> Day | None:
        """The first day that any version holds for."""
        return min(self.starts(), default=None)

    def next_start(self, day: Day) -> Day | None:
        """The first day behind `day` on which a version begins to hold."""
        return min((start for start in self.starts() if start > day), default=None)

    def feeds(self, day: Day) -> frozenset[str]:
        """The feeds that have to be complete before `day` is closed."""
        policy = self.on(day)
        if policy is None:
            return frozenset()
        return frozenset(feed for kind in policy.kinds.values() for feed in kind.feeds)
