"""When a person is told about a student. A rule decides nothing: an alert is a suggestion.

These are welfare rules. What a visa's sponsor has to report is another matter and another model:
`compliance.py`.
"""

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from schemas.types import Band, Kind
from scoring.documents import Document, RuleName, Text
from scoring.kind_policy import DAYS_LIMIT

_WORRYING: Final = (Band.VERY_LOW, Band.LOW, Band.PARTIAL)


def _below_good(band: Band) -> Band:
    if band not in _WORRYING:
        raise PydanticCustomError("band", "must be one of {bands}", {"bands": ", ".join(_WORRYING)})
    return band


class _Rule(Document):
    name: RuleName
    suggestion: Text
    """What the person who reads the alert might do."""
    cool_down_days: int = Field(default=0, ge=0, le=DAYS_LIMIT)
    """Days after an alert has ended on which the rule says nothing about that student again."""

    @property
    def purpose(self) -> str:
        """What is written beside its alerts."""
        return self.suggestion


class BandAtOrBelow(_Rule):
    """The band was `band` or lower on each of the last `closings` closings."""

    rule: Literal["band_at_or_below"]
    band: Annotated[Band, AfterValidator(_below_good)] = Field(strict=False)
    closings: int = Field(ge=1, le=DAYS_LIMIT)


class OverdueAndSilent(_Rule):
    """An item is `overdue_days` overdue, and the last `silent_days` counted days had no activity.

    Neither alone: half of those who withdraw were active within four days before, and a piece of
    coursework is late for many reasons.
    """

    rule: Literal["overdue_and_silent"]
    kind: Kind = Field(default=Kind.FASER_UPLOAD, strict=False)
    """The kind whose items are meant."""
    overdue_days: int = Field(ge=1, le=DAYS_LIMIT)
    silent_days: int = Field(ge=1, le=DAYS_LIMIT)


class BandDrop(_Rule):
    """The band is `bands` or more lower than on some closing of the last `within_days` days."""

    rule: Literal["band_drop"]
    bands: int = Field(ge=1, le=4)
    within_days: int = Field(ge=1, le=DAYS_LIMIT)


class NoActivity(_Rule):
    """No activity of any kind on the last `counted_days` counted days: a soft nudge.

    It must cool down: silence is common, and says little by itself.
    """

    rule: Literal["no_activity"]
    counted_days: int = Field(ge=1, le=DAYS_LIMIT)
    cool_down_days: int = Field(ge=1, le=DAYS_LIMIT)


AlertRule: TypeAlias = Annotated[
    BandAtOrBelow | OverdueAndSilent | BandDrop | NoActivity, Field(discriminator="rule")
]
