"""Rules for some students: who is not scored, and whose weights and windows differ."""

from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from schemas.types import Kind, Mode
from scoring.documents import Document, Selected, Text
from scoring.kind_policy import DAYS_LIMIT, WEIGHT_LIMIT, KindPolicy
from scoring.problems import contradiction
from scoring.profile import Profile
from scoring.thresholds import Thresholds

_FIELDS: Final = ("level", "mode", "programme", "status")


def _in_order_of_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(names)))


_Words = Annotated[tuple[Selected, ...], AfterValidator(_in_order_of_names)]
_Mode = Annotated[Mode, Field(strict=False)]
_Titles = Annotated[tuple[Text, ...], AfterValidator(_in_order_of_names)]


class Selection(Document):
    """Students by what their record says on the day; every field that is given has to fit."""

    level: _Words = Field(default=(), strict=False)
    """Any of these levels of study."""
    mode: tuple[_Mode, ...] = Field(default=(), strict=False)
    """Any of these modes of study."""
    programme: _Titles = Field(default=(), strict=False)
    """Any of these programmes. Subjects may be called what they like, such as "Religion"."""
    status: _Words = Field(default=(), strict=False)
    """Any of these statuses."""

    def fits(self, profile: Profile) -> bool:
        """Say whether a student is meant."""
        return (
            (not self.level or profile.level in self.level)
            and (not self.mode or profile.mode in self.mode)
            and (not self.programme or profile.programme in self.programme)
            and (not self.status or profile.status in self.status)
        )

    @model_validator(mode="after")
    def _must_select(self) -> Self:
        if not any(getattr(self, field) for field in _FIELDS):
            raise contradiction([f"must name at least one {' or '.join(_FIELDS)}"])
        return self


class NotScoredRule(Document):
    """Students who get no indicator."""

    where: Selection
    reason: Text
    """What students and staff read instead of a band."""


class KindOverride(Document):
    """What differs for a kind; what is left out stays as it is."""

    weight: float | None = Field(default=None, ge=0, le=WEIGHT_LIMIT)
    """0: the kind earns these students nothing and costs them nothing."""
    window_days: int | None = Field(default=None, ge=1, le=DAYS_LIMIT)
    part_time_window_days: int | None = Field(default=None, ge=1, le=DAYS_LIMIT)
    saturation_per_week: float | None = Field(default=None, ge=0.01)
    saturation_share: float | None = Field(default=None, ge=0.01, le=1)

    def on(self, rule: KindPolicy) -> KindPolicy:
        """Give `rule` with what differs."""
        return rule.model_copy(update=self.model_dump(exclude_none=True))


class Override(Document):
    """What differs for some students. Where several fit, they apply in the document's order."""

    where: Selection
    reason: Text
    kinds: Mapping[Annotated[Kind, Field(strict=False)], KindOverride] = Field(default={})
    thresholds: Thresholds | None = None
