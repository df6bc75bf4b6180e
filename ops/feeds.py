"""What feeds have said of campus days: how far they are complete, and which days they lack.

A gap by deadline ends by itself, with the feed's mark. One that somebody declares holds until
somebody withdraws it; closings that are final by then keep what they were told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from ops.campus_day import day_in_progress
from ops.clocks import now
from ops.generation import Generation
from ops.policies import published_policies
from schemas import topics
from schemas.errors import SettingsError
from schemas.keys import feed_day_key
from schemas.types import Day, GapOrigin, Kind
from scoring.days import date_of
from streams.campus import as_instant

_ORIGINS: Final = tuple(GapOrigin)
_LONGEST_DAYS: Final = 366


@dataclass(frozen=True, slots=True)
class KnownGap:
    """A campus day that a feed lacks, or lacked as far as was known."""

    feed: str
    day: Day
    origin: GapOrigin
    declared_on: Day
    withdrawn_on: Day | None
    decided_at: datetime
    writer: str

    @property
    def holds(self) -> bool:
        """Whether it was not withdrawn."""
        return self.withdrawn_on is None


@dataclass(frozen=True, slots=True)
class FeedState:
    """How far a feed is."""

    feed: str
    kinds: tuple[Kind, ...]
    """Kinds that the policy of the day scores by it; none: it is not waited for."""
    complete: Day | None
    """The last campus day that it has marked."""
    marked_at: datetime | None
    lacking: tuple[Day, ...]
    """Days of which a gap holds."""


def known_gaps(generation: Generation) -> list[KnownGap]:
    """Every gap, by feed and day; of a feed and day the last record counts."""
    latest: dict[tuple[str, int], KnownGap] = {}
    for row in generation.read(topics.FEED_GAP).iter_rows(named=True):
        withdrawn = row["withdrawn_on"]
        latest[row["feed"], row["day"]] = KnownGap(
            feed=row["feed"],
            day=Day(row["day"]),
            origin=_ORIGINS[row["origin"]],
            declared_on=Day(row["declared_on"]),
            withdrawn_on=None if withdrawn is None else Day(withdrawn),
            decided_at=as_instant(row["decided_at"]),
            writer=row["writer"],
        )
    return [latest[key] for key in sorted(latest)]


def feed_states(generation: Generation) -> list[FeedState]:
    """Every feed that the policy names or that ever marked a day or lacked one, by name."""
    return _states(generation, known_gaps(generation))


def _states(generation: Generation, gaps: Sequence[KnownGap]) -> list[FeedState]:
    today = day_in_progress(generation)
    policies = published_policies(generation)
    policy = None if today is None else policies.on(today)
    marks = generation.read(topics.FEED_MARK)
    last = {
        feed: (Day(day), as_instant(marked_at))
        for feed, day, marked_at in marks.group_by("feed")
        .agg(pl.col("day", "marked_at").sort_by("day").last())
        .iter_rows()
    }
    scored = {} if policy is None else policy.kinds
    named = {feed for rule in scored.values() for feed in rule.feeds}
    return [
        FeedState(
            feed=feed,
            kinds=tuple(kind for kind, rule in scored.items() if feed in rule.feeds),
            complete=last[feed][0] if feed in last else None,
            marked_at=last[feed][1] if feed in last else None,
            lacking=tuple(gap.day for gap in gaps if gap.feed == feed and gap.holds),
        )
        for feed in sorted({*named, *last, *(gap.feed for gap in gaps)})
    ]


def declare_gaps(
    generation: Generation, feed: str, first: Day, last: Day, *, by: str
) -> Sequence[Day]:
    """Say that a feed lacks these days; returns those of which no declared gap held yet.

    Raises SettingsError, before anything is said, for a feed that nobody knows and for days that
    have not begun.
    """
    today = _must_be_days(generation, first, last)
    if last > today:
        raise SettingsError(f"{date_of(last)} has not begun: nobody knows yet what it will lack")
    gaps = known_gaps(generation)
    known = [state.feed for state in _states(generation, gaps)]
    if feed not in known:
        raise SettingsError(
            f"feed {feed!r} is in no policy and has marked no day: there are"
            f" {', '.join(known) or 'none'}"
        )
    held = {
        gap.day
        for gap in gaps
        if gap.feed == feed and gap.holds and gap.origin is GapOrigin.DECLARED
    }
    days = [Day(day) for day in range(first, last + 1) if day not in held]
    for day in days:
        gap = KnownGap(feed, day, GapOrigin.DECLARED, today, None, now(), by)
        _publish(generation, gap)
    return days


def withdraw_gaps(
    generation: Generation, feed: str, first: Day, last: Day, *, by: str
) -> Sequence[Day]:
    """Withdraw the declared gaps of a feed on these days; returns the days.

    Raises SettingsError, before anything is said, when one of the days has a gap by deadline: that
    ends with the feed's mark, and not before.
    """
    today = _must_be_days(generation, first, last)
    found = [
        gap
        for gap in known_gaps(generation)
        if gap.feed == feed and first <= gap.day <= last and gap.holds
    ]
    waiting = [str(date_of(gap.day)) for gap in found if gap.origin is GapOrigin.DEADLINE]
    if waiting:
        raise SettingsError(
            f"feed {feed!r} had not marked {', '.join(waiting)} in time: such a gap ends by itself"
            " with the feed's mark, so publish what is missing; withdraw other days apart from"
            " these"
        )
    for gap in found:
        _publish(
            generation,
            KnownGap(feed, gap.day, gap.origin, gap.declared_on, today, now(), by),
        )
    return [gap.day for gap in found]


def _must_be_days(generation: Generation, first: Day, last: Day) -> Day:
    """The campus day in progress; SettingsError where the days are none."""
    if last < first or last - first >= _LONGEST_DAYS:
        raise SettingsError(
            f"{date_of(first)} to {date_of(last)} are no days of a gap: the first comes first, and"
            f" there are at most {_LONGEST_DAYS}"
        )
    today = day_in_progress(generation)
    if today is None:
        raise SettingsError("no day is closed yet in this replay: there is no day in progress")
    return today


def _publish(generation: Generation, gap: KnownGap) -> None:
    generation.publish(
        topics.FEED_GAP,
        feed_day_key(gap.feed, gap.day),
        {
            "feed": gap.feed,
            "day": date_of(gap.day),
            "origin": gap.origin.value,
            "declared_on": date_of(gap.declared_on),
            "withdrawn_on": None if gap.withdrawn_on is None else date_of(gap.withdrawn_on),
            "decided_at": gap.decided_at,
            "writer": gap.writer,
        },
    )
