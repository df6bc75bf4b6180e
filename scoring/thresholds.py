"""Where each band begins."""

from functools import cached_property
from itertools import pairwise
from typing import Annotated, Final, Self, TypeAlias

from pydantic import Field, model_validator

from schemas.types import Band
from scoring.documents import Document, TwoDecimals
from scoring.problems import contradiction

FULL_SCORE: Final = 100

_Threshold: TypeAlias = Annotated[TwoDecimals, Field(gt=0, lt=FULL_SCORE)]


class Thresholds(Document):
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

    def band_of(self, score: float) -> Band:
        """Give the band of a score of 0 to 100 that is already rounded to hundredths."""
        for band, lowest in reversed(self.ascending):
            if score >= lowest:
                return band
        raise ValueError(f"a score is at least 0, not {score}")

    @model_validator(mode="after")
    def _must_ascend(self) -> Self:
        steps = self.ascending[1:]
        wrong = [
            f"must ascend: {band} {lowest:g} is not above {lower} {below:g}"
            for (lower, below), (band, lowest) in pairwise(steps)
            if lowest <= below
        ]
        if wrong:
            raise contradiction(wrong)
        return self
