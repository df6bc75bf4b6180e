"""The records that a student's indicator follows from, and which of them hold for which day.

`recomputation.py` makes the indicator of them. Nothing here knows where they were read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from schemas.types import Day, Kind
from scoring.circumstance import Circumstance
from scoring.items import Item
from scoring.profile import Profile
from scoring.published_calendar import FULL_DAYS, PublishedCalendar


@dataclass(frozen=True, slots=True)
class Period:
    """A span of campus days, both ends included, and how the student studies in it."""

    first: Day
    last: Day | None
    """None while it is open."""
    profile: Profile

    def holds_on(self, day: int) -> bool:
        """Say whether a day lies in it."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class PublishedPolicy:
    """A version of the policy, not read yet."""

    version: int
    valid_from: Day
    document: str


@dataclass(frozen=True, slots=True)
class Lack:
    """A campus day that a feed lacks."""

    feed: str
    day: Day
    ended: Day | None
    """The campus day in progress when it was known that nothing is lacking; None: it never was."""
    reason: str
    """Said of the day: "no mark came by the deadline"."""

    def holds_for(self, closing: int, amendment_days: int) -> bool:
        """Say whether a closing knows of it: closings that were final when it ended keep it."""
        return self.ended is None or closing < self.ended - amendment_days


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one student, and of the days."""

    counts: Mapping[Kind, Mapping[Day, int]]
    """Events that count, by kind and campus day."""
    periods: Sequence[Period] | None
    """None: there is no record of the student."""
    policies: Sequence[PublishedPolicy]
    calendars: Sequence[PublishedCalendar] = ()
    lacks: Sequence[Lack] = ()
    items: Mapping[Kind, Sequence[Item]] = field(default_factory=dict)
    """On the days that were set first: an excuse may put them off."""
    excuses: Sequence[Circumstance] = ()

    def period_on(self, day: int) -> Period | None:
        """Give the period of a day: of several the one that begins last, as workers do."""
        holding = [period for period in self.periods or () if period.holds_on(day)]
        return max(holding, key=_begins_last, default=None)

    def policy_on(self, day: int) -> PublishedPolicy | None:
        """Give the version that holds on a day; None before the first."""
        begun = [policy for policy in self.policies if policy.valid_from <= day]
        return max(begun, key=lambda one: (one.valid_from, one.version), default=None)

    def calendar_on(self, day: int) -> PublishedCalendar:
        """Give the version by which the closing of a day is computed."""
        begun = [calendar for calendar in self.calendars if calendar.valid_from <= day]
        return max(begun, key=lambda one: (one.valid_from, one.version), default=FULL_DAYS)


def _begins_last(period: Period) -> tuple[int, int, tuple[str, ...]]:
    profile = period.profile
    words = (profile.level, profile.mode, profile.programme, profile.status)
    return period.first, 1 << 30 if period.last is None else period.last, words
