"""A policy: which activities count, over which windows, and where a band begins.

A policy is a YAML document that people write, publish and argue about. `policies/demo.yaml` is a
commented one; `reference.py` says what its numbers do.
"""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from schemas.errors import PolicyError
from schemas.types import KINDS, Band, Kind
from scoring.problems import contradiction, sentences_of
from scoring.rounding import DAY_PERCENT, hundredths
from scoring.yaml_text import read_yaml

LOOK_BACK_DAYS_LIMIT: Final = 366
FULL_SCORE: Final = 100


class Measure(StrEnum):
    """What is read from a window of days; both are divided by the window's weight."""

    EVENTS = "events"  # how many events
    DAYS = "days"  # on how many distinct days there was any
    # SHARE = "share" comes next: items met of the items due; a rate by itself


class _Document(BaseModel):
    # strict: text is no number and `yes` is no 1; a policy says exactly what it means.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _two_decimals(value: float) -> float:
    if hundredths(value) / 100 != value:
        raise PydanticCustomError("decimals", "must have at most two decimals, as scores have")
    return value


def _feed_name(value: str) -> str:
    if re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", value) is None:
        raise PydanticCustomError("feed_name", "must be a feed's name, such as oulad.vle")
    return value


_Threshold = Annotated[float, Field(gt=0, lt=FULL_SCORE), AfterValidator(_two_decimals)]
_Feed = Annotated[str, AfterValidator(_feed_name)]


class Thresholds(_Document):
    """The lowest score of each band; below `low` it is very low. In points of 100."""

    low: _Threshold
    partial: _Threshold
    good: _Threshold
    high: _Threshold

    @cached_property
    def ascending(self) -> tuple[tuple[Band, float], ...]:
        """The bands with their lowest scores, lowest first; `VERY_LOW` begins at 0."""
        return (
            (Band.VERY_LOW, 0.0),
            (Band.LOW, self.low),
            (Band.PARTIAL, self.partial),
            (Band.GOOD, self.good),
            (Band.HIGH, self.high),
        )

    @model_validator(mode="after")
    def _must_ascend(self) -> Self:
        steps = self.ascending[1:]
        wrong = [
            f"thresholds: must ascend: {band} {lowest:g} is not above {lower} {below:g}"
            for (lower, below), (band, lowest) in pairwise(steps)
            if lowest <= below
        ]
        if wrong:
            raise contradiction(wrong)
        return self


class KindPolicy(_Document):
    """How one kind of activity is scored."""

    weight: float = Field(gt=0, le=1000)
    """Its part of the score, in the unit of the other kinds' weights. Bounded: sums stay finite."""
    window_days: int = Field(ge=1, le=LOOK_BACK_DAYS_LIMIT)
    """Calendar weight that its window collects, in full days."""
    measure: Measure = Field(strict=False)
    saturation_per_week: float = Field(ge=0.01)
    """The measure a full week at which all points are earned; 0.01 is the resolution of rates."""
    feeds: tuple[_Feed, ...] = Field(min_length=1, strict=False)
    """The feeds that carry it; a day is complete when all of them have passed it."""


def _in_order(kinds: Mapping[Kind, KindPolicy]) -> Mapping[Kind, KindPolicy]:
    return {kind: kinds[kind] for kind in KINDS if kind in kinds}


class Policy(_Document):
    """One version of the policy. Only the kinds it names are scored; the others are shown."""

    version: int = Field(ge=1)
    valid_from: date
    """The first campus day that is scored by this version."""
    title: str = Field(min_length=1)
    look_back_days: int = Field(default=70, ge=1, le=LOOK_BACK_DAYS_LIMIT)
    """Calendar days, back from its end, beyond which no window reaches."""
    amendment_days: int = Field(default=14, ge=0, le=LOOK_BACK_DAYS_LIMIT)
    """Days after a closing during which late events still change it."""
    mark_deadline_hours: float = Field(default=36, gt=0, le=24 * LOOK_BACK_DAYS_LIMIT)
    """Hours after the end of a campus day at which a feed that has not marked it lacks it."""
    minimum_counted_days: float = Field(ge=0.01, le=LOOK_BACK_DAYS_LIMIT)
    """Weight, in full days, that a kind's window needs for the kind to count."""
    minimum_weight_share: float = Field(ge=0, le=1)
    """Share of the kinds' weights that has to be left for a score."""
    thresholds: Thresholds
    kinds: Annotated[
        Mapping[Annotated[Kind, Field(strict=False)], KindPolicy],
        Field(min_length=1),
        AfterValidator(_in_order),
    ]
    """The scored kinds, always in the order of `KINDS`, whatever the document's order."""

    @cached_property
    def minimum_percent(self) -> int:
        """`minimum_counted_days` in percent of a day."""
        return hundredths(self.minimum_counted_days)

    @cached_property
    def minimum_weight(self) -> float:
        """The sum of weights below which there is no score."""
        total = 0.0
        for rule in self.kinds.values():  # not `sum`, which rounds differently from Python 3.12 on
            total += rule.weight
        return self.minimum_weight_share * total

    def band_of(self, score: float) -> Band:
        """Give the band of a score of 0 to 100 that is already rounded to hundredths."""
        for band, lowest in reversed(self.thresholds.ascending):
            if score >= lowest:
                return band
        raise ValueError(f"a score is at least 0, not {score}")

    @model_validator(mode="after")
    def _windows_must_fit(self) -> Self:
        wrong: list[str] = []
        for kind, rule in self.kinds.items():
            path = f"kinds.{kind}"
            if rule.window_days > self.look_back_days:
                wrong.append(
                    f"{path}.window_days: {rule.window_days} is above look_back_days "
                    f"{self.look_back_days}: the window could never be filled"
                )
            if rule.window_days * DAY_PERCENT < self.minimum_percent:
                wrong.append(
                    f"{path}.window_days: {rule.window_days} is below minimum_counted_days "
                    f"{self.minimum_counted_days:g}: the kind could never count"
                )
            if rule.measure is Measure.DAYS and rule.saturation_per_week > 7:
                wrong.append(
                    f"{path}.saturation_per_week: {rule.saturation_per_week:g} is above 7, "
                    "the days of a week"
                )
            if len(set(rule.feeds)) < len(rule.feeds):
                wrong.append(f"{path}.feeds: a feed is named twice")
        if wrong:
            raise contradiction(wrong)
        return self


_FIELDS: Final = frozenset(Policy.model_fields) | frozenset(KindPolicy.model_fields)


def parse_policy(text: str, *, origin: str = "policy") -> Policy:
    """Read a policy from YAML.

    Raises PolicyError with one line a problem: `origin`, the field's path, what is wrong.
    """
    document = read_yaml(text, origin=origin)
    try:
        return Policy.model_validate(document)
    except ValidationError as error:
        problems = sentences_of(error, _FIELDS | frozenset(Thresholds.model_fields))
        raise PolicyError("\n".join(f"{origin}: {problem}" for problem in problems)) from error
