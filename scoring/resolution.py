"""Which rules hold for which student: a policy's choices, made by what the record says on the day.

Most students share a handful of rules; the kernel scores each group of them at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.policy import Policy
from scoring.profile import Profile
from scoring.rules import NotScored, Rules


def resolve(policy: Policy, profile: Profile) -> Rules | NotScored:
    """Give the rules that hold for a student, or the reason why there is no indicator."""
    for excluded in policy.not_scored:
        if excluded.where.fits(profile):
            return NotScored(excluded.reason)
    overrides = [override for override in policy.overrides if override.where.fits(profile)]
    return policy.rules_with(overrides, is_part_time=profile.is_part_time)


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Which rules hold for each of S students on each of E evaluations."""

    resolved: tuple[Rules | NotScored, ...]
    """G distinct rules, and reasons for no score."""
    of: NDArray[np.int64]
    """Place in `resolved`: [1, S], or [E, S] where records change between the evaluations."""

    def at(self, evaluation: int, student: int) -> Rules | NotScored:
        """Give what holds for one student on one evaluation."""
        row = 0 if len(self.of) == 1 else evaluation
        return self.resolved[int(self.of[row, student])]

    def check(self, evaluations: int, students: int) -> None:
        """Raise ValueError unless the shape is right and every place is one in `resolved`."""
        if self.of.shape not in {(1, students), (evaluations, students)}:
            raise ValueError(f"groups are {self.of.shape}, not {(evaluations, students)} or [1, S]")
        if self.of.size and not 0 <= self.of.min() <= self.of.max() < len(self.resolved):
            raise ValueError(f"groups must be below {len(self.resolved)}")


def group(policy: Policy, profiles: Sequence[Profile], places: NDArray[np.int64]) -> Groups:
    """Group students by the rules that hold for them.

    `profiles` are the distinct ones, `places` say which is whose: [1, S] or [E, S]. Profiles that
    lead to equal rules are one group, so that scoring costs no more than the policy distinguishes.
    """
    resolved: list[Rules | NotScored] = []
    group_of = np.zeros(len(profiles), np.int64)
    for place, profile in enumerate(profiles):
        rules = resolve(policy, profile)
        if rules not in resolved:
            resolved.append(rules)
        group_of[place] = resolved.index(rules)
    return Groups(tuple(resolved), group_of[places])
