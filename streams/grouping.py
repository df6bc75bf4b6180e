"""Which rules of a policy hold for the students of a partition, by what their records say.

A version of a policy is never edited and profiles are only ever added, so that what was resolved
once stays so: an evaluation looks up places in a table.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from scoring.policy import Policy
from scoring.resolution import Groups, resolve
from scoring.rules import NotScored, Rules
from streams.students import Rows, Students

Integers = NDArray[np.int64]


@dataclass(slots=True)
class _Resolved:
    """What the profiles of a partition lead to under one version."""

    rules: list[Rules | NotScored]
    """Distinct; the usual rules are the first."""
    of_profile: list[int] = field(default_factory=list)
    """Place in `rules` of each profile."""


class Grouping:
    """The groups of one partition's students."""

    def __init__(self, students: Students) -> None:
        self._students = students
        self._of_version: dict[int, _Resolved] = {}

    def groups(
        self, policy: Policy, rows: Rows, *, days: Integers, otherwise: Integers
    ) -> Groups | None:
        """Whose rules are whose on E `days`; None where the usual ones hold for all.

        Who lies in no period on one of the days is judged by the one of `otherwise`: [E] too.
        """
        if not _distinguishes(policy):
            return None
        places = self._students.places(days, rows)
        if not places.all():
            places = np.where(places > 0, places, self._students.places(otherwise, rows))
        resolved = self._resolved(policy)
        of = np.array(resolved.of_profile, np.int64)[places]
        if not of.any():
            return None
        if (of == of[:1]).all():
            of = of[:1]  # nobody's record changes in between: the kernel does less
        return Groups(tuple(resolved.rules), of)

    def _resolved(self, policy: Policy) -> _Resolved:
        resolved = self._of_version.setdefault(policy.version, _Resolved([policy.usual]))
        for profile in self._students.profiles[len(resolved.of_profile) :]:
            rules = resolve(policy, profile) if resolved.of_profile else policy.usual
            if rules not in resolved.rules:
                resolved.rules.append(rules)
            resolved.of_profile.append(resolved.rules.index(rules))
        return resolved


def _distinguishes(policy: Policy) -> bool:
    has_part_time = any(rule.part_time_window_days is not None for rule in policy.kinds.values())
    return bool(policy.not_scored or policy.overrides or has_part_time)
