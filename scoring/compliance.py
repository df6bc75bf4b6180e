"""What a sponsor of visas has to notice (contact points). Never mixed with welfare.

Whom these rules are about is told by the list of sponsored students (topic `sponsorship`), not by
anything in this document: nationality and the like may not be named here. `contact_points.py` says
when a rule's condition holds.
"""

from collections.abc import Collection, Iterator
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import AfterValidator, Field, model_validator

from schemas.types import KINDS, Kind
from scoring.documents import Document, RuleName, Text
from scoring.kind_policy import DAYS_LIMIT
from scoring.problems import contradiction


def _each_once(kinds: tuple[Kind, ...]) -> tuple[Kind, ...]:
    return tuple(kind for kind in KINDS if kind in kinds)


_Kinds = Annotated[
    tuple[Annotated[Kind, Field(strict=False)], ...],
    Field(min_length=1),
    AfterValidator(_each_once),
]


class _Rule(Document):
    name: RuleName
    basis: Text
    """The duty that the rule serves, in words that can be looked up."""
    kinds: _Kinds = Field(strict=False)
    """The activities that count as contact."""

    @property
    def purpose(self) -> str:
        """What is written beside its alerts."""
        return self.basis

    @property
    def cool_down_days(self) -> int:
        """None: what is missed anew has to be looked at anew."""
        return 0


class ContactPoints(_Rule):
    """Fewer than `at_least` days with contact within the last `within_days` days that count."""

    rule: Literal["contact_points"]
    at_least: int = Field(ge=1, le=DAYS_LIMIT)
    within_days: int = Field(ge=1, le=DAYS_LIMIT)

    @model_validator(mode="after")
    def _must_be_possible(self) -> Self:
        if self.at_least > self.within_days:
            raise contradiction([f"at_least {self.at_least} is above within_days"])
        return self


class MissedInARow(_Rule):
    """The last `items` expected items, such as timetabled sessions, were all missed."""

    rule: Literal["missed_in_a_row"]
    items: int = Field(ge=1, le=1000)


ComplianceRule: TypeAlias = Annotated[ContactPoints | MissedInARow, Field(discriminator="rule")]


class ComplianceRules(Document):
    """The whole set; it has a topic and readers of its own."""

    rules: tuple[ComplianceRule, ...] = Field(default=(), strict=False)

    def problems(self, scored: Collection[Kind], *, look_back_days: int) -> Iterator[str]:
        """Give what does not fit to the rest of the policy, a sentence a problem with its path."""
        for place, rule in enumerate(self.rules):
            path = f"compliance.rules.{place}"
            for kind in rule.kinds:
                if kind not in scored:
                    yield (
                        f"{path}.kinds: {kind} is not scored, so no closing waits for its feeds, "
                        "and contact could be missed: name it among kinds, if with little weight"
                    )
            if isinstance(rule, ContactPoints) and rule.within_days > look_back_days:
                yield (
                    f"{path}.within_days: {rule.within_days} is above look_back_days "
                    f"{look_back_days}: the rule could never speak"
                )
