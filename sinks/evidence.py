"""The raw records of one student, and those of the days, from which an indicator follows.

As far as they are in ClickHouse: when an event reached the log is not, so one that came after a
closing was final counts here all the same.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from schemas.types import CircumstanceSort, Clock, Day, GapOrigin, Kind, StudentId
from scoring.calendar import Calendar
from scoring.circumstance import Circumstance
from scoring.days import day_of
from scoring.evidence import Evidence, Lack, Period, PublishedPolicy
from scoring.items import EARLY_DAYS, Item
from scoring.profile import Profile
from scoring.published_calendar import PublishedCalendar
from sinks.answers import Row
from sinks.naming import NAMING
from sinks.queries import Queries

_FOR_EVER_MS: Final = 1 << 42  # in the year 2109

_FIXED: Final = "SELECT clock, zone FROM generation FINAL LIMIT 1"
# The view `activity`, as far as it was recorded by an instant.
_EVENTS: Final = """
SELECT
    kind,
    toDate32(occurred_at, {zone:String}) AS day,
    JSONExtractString(
        latest_details, transform(toString(kind), {kinds:Array(String)}, {names:Array(String)}, '')
    ) AS item,
    count() AS events
FROM
(
    SELECT kind, occurred_at, argMax(details, (revision, action)) AS latest_details
    FROM event FINAL
    WHERE student = {student:Int64} AND recorded_at <= fromUnixTimestamp64Milli({known_ms:Int64})
    GROUP BY student, kind, occurred_at, event_id
    HAVING argMax(action, (revision, action)) = 'assert'
)
GROUP BY kind, day, item
"""
_PERIODS: Final = "SELECT periods FROM student FINAL WHERE student = {student:Int64}"
_POLICIES: Final = """
SELECT version, valid_from, document FROM policy FINAL
WHERE published_at <= fromUnixTimestamp64Milli({known_ms:Int64})
"""
_CALENDARS: Final = """
SELECT version, valid_from, first, days, unnamed_percent, weekdays FROM calendar FINAL
WHERE published_at <= fromUnixTimestamp64Milli({known_ms:Int64})
"""
_GAPS: Final = """
SELECT feed, day, origin, withdrawn_on FROM feed_gap FINAL
WHERE decided_at <= fromUnixTimestamp64Milli({known_ms:Int64})
"""
_EXCUSES: Final = """
SELECT student, sort, kinds, first_day, last_day, extend_days, declared_on, withdrawn_on
FROM circumstance FINAL WHERE student = {student:Int64}
"""
_MARKS: Final = """
SELECT feed, day, marked_at FROM feed_mark FINAL
WHERE feed IN {feeds:Array(String)} AND day >= toDate32({first:Int32})
    AND marked_at <= fromUnixTimestamp64Milli({known_ms:Int64})
"""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What is fixed for the generation that a database holds."""

    clock: Clock
    zone: ZoneInfo


class Records:
    """Reads evidence from a database. All calls raise Unreachable when ClickHouse fails."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    def fixed(self) -> Fixed | None:
        """What the generation's record says; None where the sink has not loaded it."""
        found = self._queries.rows(_FIXED)
        return Fixed(Clock(found[0]["clock"]), ZoneInfo(found[0]["zone"])) if found else None

    def evidence(
        self, student: StudentId, fixed: Fixed, known_at: datetime | None = None
    ) -> Evidence:
        """All that is known of a student; with `known_at`, what was recorded later is left out.

        The student's own record, circumstances and what is expected are there in their last version
        only.
        """
        until = _FOR_EVER_MS if known_at is None else int(known_at.timestamp() * 1_000)
        events = self._queries.rows(
            _EVENTS, student=student, zone=fixed.zone.key, known_ms=until, **NAMING
        )
        return Evidence(
            counts=_counts(events),
            periods=self._periods(student),
            policies=[
                PublishedPolicy(row["version"], day_of(row["valid_from"]), row["document"])
                for row in self._queries.rows(_POLICIES, known_ms=until)
            ],
            calendars=[_calendar(row) for row in self._queries.rows(_CALENDARS, known_ms=until)],
            lacks=list(self._lacks(fixed, until)),
            items=self._items(student, fixed, events),
            excuses=[_excuse(row) for row in self._queries.rows(_EXCUSES, student=student)],
        )

    def _periods(self, student: StudentId) -> Sequence[Period] | None:
        found = self._queries.rows(_PERIODS, student=student)
        return [_period(one) for one in found[0]["periods"]] if found else None

    def _items(
        self, student: StudentId, fixed: Fixed, events: Sequence[Row]
    ) -> Mapping[Kind, Sequence[Item]]:
        days: dict[tuple[Kind, str], list[Day]] = {}
        for row in events:
            if row["item"]:
                days.setdefault((Kind(row["kind"]), row["item"]), []).append(day_of(row["day"]))
        items: dict[Kind, list[Item]] = {}
        for one in self._queries.coursework(student):
            earliest = one.due - EARLY_DAYS[fixed.clock]
            met = [day for day in days.get((one.kind, one.item), ()) if day >= earliest]
            items.setdefault(one.kind, []).append(Item(one.due, min(met, default=None)))
        return items

    def _lacks(self, fixed: Fixed, until: int) -> Iterator[Lack]:
        gaps = self._queries.rows(_GAPS, known_ms=until)
        overdue = [gap for gap in gaps if gap["origin"] == GapOrigin.DEADLINE]
        marks = self._marks(overdue, until)
        for gap in gaps:
            feed, day = gap["feed"], day_of(gap["day"])
            if gap["origin"] == GapOrigin.DEADLINE:
                marked = [one for one in marks.get(feed, ()) if one[1] >= day]
                ended = _marked_on(fixed, *min(marked)) if marked else None
                yield Lack(feed, day, ended, "its mark had not come by the deadline")
            else:
                withdrawn = gap["withdrawn_on"]
                ended = None if withdrawn is None else day_of(withdrawn)
                yield Lack(feed, day, ended, "it was declared to be lacking")

    def _marks(
        self, gaps: Sequence[Row], until: int
    ) -> Mapping[str, Sequence[tuple[datetime, Day]]]:
        """By feed: when each day was marked, from the first day that is lacking on."""
        if not gaps:
            return {}
        feeds = sorted({gap["feed"] for gap in gaps})
        first = day_of(min(gap["day"] for gap in gaps))
        marks: dict[str, list[tuple[datetime, Day]]] = {}
        for row in self._queries.rows(_MARKS, feeds=feeds, first=first, known_ms=until):
            marks.setdefault(row["feed"], []).append((row["marked_at"], day_of(row["day"])))
        return marks


def _counts(events: Sequence[Row]) -> Mapping[Kind, Mapping[Day, int]]:
    counts: defaultdict[Kind, Counter[Day]] = defaultdict(Counter)
    for row in events:
        counts[Kind(row["kind"])][day_of(row["day"])] += row["events"]
    return counts


def _marked_on(fixed: Fixed, marked_at: datetime, day: Day) -> Day:
    """The campus day in progress when a mark was written; in a replay, the day that it ends."""
    if fixed.clock is Clock.REPLAY:
        return day
    return day_of(marked_at.replace(tzinfo=UTC).astimezone(fixed.zone).date())


def _period(row: Row) -> Period:
    last: date | None = row["last_day"]
    profile = Profile(row["level"], row["mode"], row["programme"], row["status"])
    return Period(day_of(row["first_day"]), None if last is None else day_of(last), profile)


def _excuse(row: Row) -> Circumstance:
    withdrawn: date | None = row["withdrawn_on"]
    return Circumstance(
        student=StudentId(row["student"]),
        sort=CircumstanceSort(row["sort"]),
        kinds=tuple(sorted(Kind(one["kind"]) for one in row["kinds"])),
        first=day_of(row["first_day"]),
        last=day_of(row["last_day"]),
        extend_days=row["extend_days"],
        declared_on=day_of(row["declared_on"]),
        withdrawn_on=None if withdrawn is None else day_of(withdrawn),
    )


def _calendar(row: Row) -> PublishedCalendar:
    return PublishedCalendar(
        version=row["version"],
        valid_from=day_of(row["valid_from"]),
        first=day_of(row["first"]),
        days=tuple((one["percent"], one["reason"]) for one in row["days"]),
        others=Calendar(
            unnamed_percent=row["unnamed_percent"],
            weekday_percent=tuple(one["percent"] for one in row["weekdays"]),
        ),
    )
