"""How one kind of activity is scored, or only shown."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from scoring.documents import Document, Feed, Text
from scoring.problems import contradiction

DAYS_LIMIT: Final = 366
WEIGHT_LIMIT: Final = 1000  # bounded, so that sums of weights stay finite
_DAYS_A_WEEK: Final = 7
_SMALLEST_SATURATION: Final = 0.01  # the resolution of rates


class Measure(StrEnum):
    """What is read from a window of days."""

    EVENTS = "events"  # how many events, divided by the window's weight
    DAYS = "days"  # on how many distinct days there was any, divided by the window's weight
    SHARE = "share"  # how many of the items that were due were met; a rate by itself


class Off(Document):
    """A span of days on which a kind is switched off, both ends included."""

    first: date
    last: date
    reason: Text
    """For students and staff: "the campus is closed"."""


def _in_order_of_days(spans: tuple[Off, ...]) -> tuple[Off, ...]:
    return tuple(sorted(spans, key=lambda span: span.first))


def _in_order_of_names(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(names))


Feeds = Annotated[tuple[Feed, ...], Field(min_length=1), AfterValidator(_in_order_of_names)]


class KindPolicy(Document):
    """How one kind of activity is scored."""

    weight: float = Field(gt=0, le=WEIGHT_LIMIT)
    """Its part of the score, in the unit of the other kinds' weights."""
    window_days: int = Field(ge=1, le=DAYS_LIMIT)
    """Calendar weight that its window collects, in full days."""
    part_time_window_days: int | None = Field(default=None, ge=1, le=DAYS_LIMIT)
    """The same for students who study part time; left out, theirs is no other."""
    measure: Measure = Field(strict=False)
    saturation_per_week: float | None = Field(default=None, ge=_SMALLEST_SATURATION)
    """Of events and days: the measure a full week at which all points are earned."""
    saturation_share: float | None = Field(default=None, ge=_SMALLEST_SATURATION, le=1)
    """Of a share: the share at which all points are earned; 1 is everything that was due."""
    feeds: Feeds = Field(strict=False)
    """The feeds that carry it; a day is complete when all of them have passed it."""
    switched_off: Annotated[tuple[Off, ...], AfterValidator(_in_order_of_days)] = Field(
        default=(), strict=False
    )
    """When it is off: it takes no part in the closings of these days, and later windows
    leave them out."""

    @property
    def saturation(self) -> float:
        """The rate at which all points are earned: a week's, or a share."""
        given = (self.saturation_per_week, self.saturation_share)
        return next(saturation for saturation in given if saturation is not None)

    def problems(self, path: str, *, minimum_days: float, look_back_days: int) -> Iterator[str]:
        """Give what does not fit together, or not with the policy's minimum and look-back."""
        yield from self._saturation_problems(path)
        for field in ("window_days", "part_time_window_days"):
            days: int | None = getattr(self, field)
            if days is None:
                continue
            if days > look_back_days:
                yield (
                    f"{path}.{field}: {days} is above look_back_days {look_back_days}: "
                    "the window could never be filled"
                )
            if days < minimum_days:
                yield (
                    f"{path}.{field}: {days} is below minimum_counted_days {minimum_days:g}: "
                    "the kind could never count"
                )
        if len(set(self.feeds)) < len(self.feeds):
            yield f"{path}.feeds: a feed is named twice"
        for span in self.switched_off:
            if span.last < span.first:
                yield f"{path}.switched_off: ends before it starts: {span.first} to {span.last}"
        for earlier, later in pairwise(self.switched_off):
            if later.first <= earlier.last:
                yield f"{path}.switched_off: {later.first} is named by two spans"

    def _saturation_problems(self, path: str) -> Iterator[str]:
        wanted, other = "saturation_per_week", "saturation_share"
        if self.measure is Measure.SHARE:
            wanted, other = other, wanted
        if getattr(self, wanted) is None:
            yield f"{path}.{wanted}: is missing: the measure {self.measure} needs it"
        if getattr(self, other) is not None:
            yield f"{path}.{other}: does not go with the measure {self.measure}; give {wanted}"
        weekly = self.saturation_per_week
        if self.measure is Measure.DAYS and weekly is not None and weekly > _DAYS_A_WEEK:
            yield (
                f"{path}.saturation_per_week: {weekly:g} is above {_DAYS_A_WEEK}, "
                "the days of a week"
            )


class ShownKind(Document):
    """A kind that students and staff see, and that takes no part in the score."""

    reason: Text
    """Why it is not scored, for those who see it."""
    window_days: int = Field(ge=1, le=DAYS_LIMIT)
    """Over how many days it is counted when it is told."""
    measure: Measure = Field(default=Measure.EVENTS, strict=False)

    @model_validator(mode="after")
    def _must_need_no_items(self) -> Self:
        if self.measure is Measure.SHARE:
            raise contradiction(["a kind that is only shown is counted in events or days"])
        return self
