"""What a sponsor of visas has to notice (contact points). Never mixed with welfare.

Whom these rules are about is told by the register of sponsored students, not by anything in this
document: nationality and the like may not be named here.
"""

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from schemas.types import Kind
from scoring.documents import Document, RuleName, Text
from scoring.kind_policy import DAYS_LIMIT
from scoring.problems import contradiction

_Kinds = Annotated[tuple[Annotated[Kind, Field(strict=False)], ...], Field(min_length=1)]


class _Rule(Document):
    name: RuleName
    basis: Text
    """The duty that the rule serves, in words that can be looked up."""
    kinds: _Kinds = Field(strict=False)
    """The activities that count as contact."""


class ContactPoints(_Rule):
    """Fewer than `at_least` days with contact among the last `within_days` counted days."""

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
