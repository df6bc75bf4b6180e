"""What a plain reader makes of a whole log, in one pass: dictionaries, and `scoring.reference`.

Shares nothing with streams/ but the plain types.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.types import Band, Clock, Day, GapOrigin, Kind, Status, StudentId
from scoring.alerts import Alert, alerts_of
from scoring.calendar import Calendar
from scoring.circumstance import Circumstance
from scoring.contact_points import SponsoredDays, compliance_alerts_of
from scoring.indicator import Indicator
from scoring.items import Item
from scoring.observation import Observation, overdue_days, silent_days
from scoring.policy import Policy
from scoring.profile import Profile
from scoring.reference import evaluate
from scoring.resolution import resolve
from scoring.rules import NotScored
from scoring.student_days import StudentDays
from streams.campus import as_date
from tests.streams.world import FEEDS, FIRST, HORIZON, Event, World

_NEVER = Day(1 << 30)


@dataclass
class Truth:
    """What has to be published, and what becomes of each event."""

    closings: dict[tuple[StudentId, Day], Indicator] = field(default_factory=dict)
    states: dict[StudentId, tuple[Status, Band]] = field(default_factory=dict)
    daily: dict[tuple[StudentId, Day], dict[Kind, int]] = field(default_factory=dict)
    alerts: dict[tuple[StudentId, str], Alert] = field(default_factory=dict)
    compliance_alerts: dict[tuple[StudentId, str], Alert] = field(default_factory=dict)
    too_late: int = 0
    future: int = 0
    not_news: int = 0
    news: int = 0


@dataclass(frozen=True)
class _Known:
    """An event that counts, from the closing of a day on."""

    event: Event
    known_from: int


def read_in_one_pass(world: World, closed: Day) -> Truth:
    """`closed`: the last day that can be closed."""
    truth = Truth()
    known = list(_accepted(world, truth))
    _count_daily(known, world, closed, truth)
    for student in set(world.periods) | {one.event.student for one in known}:
        reader = _Reader(world, student, [one for one in known if one.event.student == student])
        for number in range(FIRST, closed + 1):
            if reader.is_enrolled(number):
                truth.closings[student, Day(number)] = reader.indicator(
                    Day(number), as_of=Day(number + 1), seen=Day(number), by=Day(number)
                )
        truth.states[student] = _state(reader, world, closed)
        for alert in _alerts(reader, truth, closed):
            truth.alerts[student, alert.name] = alert
        for alert in _compliance_alerts(reader, closed):
            truth.compliance_alerts[student, alert.name] = alert
    return truth


def _accepted(world: World, truth: Truth) -> Iterator[_Known]:
    ranks: dict[tuple[Kind, StudentId, Day, int], int] = {}
    for kind in FEEDS:
        for offset, event in enumerate(world.events[kind]):
            log_day = _log_day(world, event, offset)
            if event.day < max(log_day, FIRST) - HORIZON.behind:
                truth.too_late += 1
            elif event.day > log_day + (world.clock is Clock.REPLAY):
                truth.future += 1
            else:
                if event.rank <= ranks.get(key := (kind, event.student, event.day, event.id), -1):
                    truth.not_news += 1  # of what is counted: it may name another item yet
                else:
                    ranks[key] = event.rank
                    truth.news += 1
                yield _Known(event, log_day - HORIZON.amendment)


def _log_day(world: World, event: Event, offset: int) -> int:
    """The day in progress when it was appended: by the wall, or the first mark behind it."""
    if world.clock is Clock.WALL:
        return event.appended
    marks = [mark for mark in world.marks if mark.feed == FEEDS[event.kind]]
    behind = [mark.day for mark in marks if mark.offset > offset]
    return min(behind) if behind else max(mark.day for mark in marks) + 1


def _counts(known: Sequence[_Known]) -> Mapping[Kind, Mapping[Day, int]]:
    """Of each id the highest rank decides; one that is even counts."""
    highest: dict[tuple[Kind, Day, int], int] = {}
    for one in known:
        event = one.event
        key = (event.kind, event.day, event.id)
        highest[key] = max(event.rank, highest.get(key, -1))
    counts: dict[Kind, dict[Day, int]] = {kind: defaultdict(int) for kind in FEEDS}
    for (kind, day, _), rank in highest.items():
        if rank % 2 == 0:
            counts[kind][day] += 1
    return counts


def _named(known: Sequence[_Known]) -> Mapping[tuple[Kind, str], set[Day]]:
    """On which days each item was met: what an id named at its highest rank, where that counts."""
    highest: dict[tuple[Kind, Day, int], int] = {}
    for one in known:
        event = one.event
        key = (event.kind, event.day, event.id)
        highest[key] = max(event.rank, highest.get(key, -1))
    named: dict[tuple[Kind, str], set[Day]] = defaultdict(set)
    for event in (one.event for one in known):
        rank = highest[event.kind, event.day, event.id]
        if event.rank == rank and rank % 2 == 0 and event.item is not None:
            named[event.kind, event.item].add(event.day)
    return named


def _count_daily(known: Sequence[_Known], world: World, closed: Day, truth: Truth) -> None:
    last = closed if world.clock is Clock.REPLAY else world.day
    for student in {one.event.student for one in known}:
        of_student = [one for one in known if one.event.student == student]
        for kind, days in _counts(of_student).items():
            for day, count in days.items():
                if day <= last:
                    truth.daily.setdefault((student, day), {})[kind] = count


@dataclass(frozen=True)
class _Reader:
    """One student."""

    world: World
    student: StudentId
    known: Sequence[_Known]

    def is_enrolled(self, day: int) -> bool:
        spans = self.world.periods.get(self.student, ())
        return any(s.start <= day and (s.end is None or day <= s.end) for s in spans)

    def profile(self, day: int) -> Profile:
        """Of periods that overlap, the one that begins last has the word."""
        spans = self.world.periods.get(self.student, ())
        holding = [s for s in spans if s.start <= day and (s.end is None or day <= s.end)]
        return max(holding, key=lambda s: (s.start, s.end or _NEVER, str(s.profile))).profile

    def indicator(self, closing: Day, *, as_of: Day, seen: Day, by: Day) -> Indicator:
        """As the closing of a day knows it; policy and record are those of the day `by`."""
        rules = resolve(policy_on(self.world, by), self.profile(by))
        if isinstance(rules, NotScored):
            return Indicator.unscored(Status.NOT_SCORED, rules.reason)
        days = self.days(closing, by)
        return evaluate(
            rules,
            counts=days.counts,
            complete=closing,
            as_of=as_of,
            seen=seen,
            weight_percent=days.weight_percent,
            counted=days.counted,
            items=days.items,
            excused=days.excused,
        )

    def days(self, closing: Day, by: Day) -> StudentDays:
        """As the closing of a day knows them, by the calendar of the day `by`."""
        lacking = {
            (gap.feed, gap.day)
            for gap in self.world.gaps
            if closing < _until(self.world, gap.feed, gap.day)
        }
        known = [one for one in self.known if one.known_from <= closing]
        return StudentDays(
            counts=_counts(known),
            weight_percent=calendar_on(self.world, by).weight_percent,
            counted=lambda kind, day: self.is_enrolled(day) and (FEEDS[kind], day) not in lacking,
            items=self.items(_named(known), closing),
            excused=self.excused(closing),
        )

    def excused(self, closing: Day) -> Callable[[Kind, Day], bool]:
        """What the closing of a day knows of circumstances."""
        return lambda kind, day: bool(self.covering(kind, day, closing))

    def covering(self, kind: Kind, day: Day, closing: Day) -> Sequence[Circumstance]:
        """The circumstances in which a day lies, as far as the closing of another knows them."""
        return [
            one
            for one in self.world.declared().values()
            if one.student == self.student
            and closing >= one.declared_on - HORIZON.amendment
            and (one.withdrawn_on is None or closing < one.withdrawn_on - HORIZON.amendment)
            and one.first <= day <= one.last
            and kind in (one.kinds or (kind,))
        ]

    def items(
        self, named: Mapping[tuple[Kind, str], set[Day]], closing: Day
    ) -> Mapping[Kind, Sequence[Item]]:
        """What is expected of the student, put off or not, and when it was met first."""
        items: dict[Kind, list[Item]] = defaultdict(list)
        for due in self.world.expected().values():
            if due.student == self.student:
                days = named.get((due.kind, due.item), set())
                early = due.day - HORIZON.early
                met = min((day for day in days if day >= early), default=None)
                day = due.day
                if due.kind is Kind.FASER_UPLOAD:
                    covering = self.covering(due.kind, day, closing)
                    day = Day(day + max((one.extend_days for one in covering), default=0))
                items[due.kind].append(Item(day, met))
        return items


def _alerts(reader: _Reader, truth: Truth, closed: Day) -> Sequence[Alert]:
    observations = []
    for (student, day), closing in truth.closings.items():
        if student != reader.student:
            continue
        days, kinds = reader.days(day, day), policy_on(reader.world, day).kinds
        overdue = overdue_days(days, Kind.FASER_UPLOAD, day, HORIZON.look_back)
        observations.append(
            Observation(
                day,
                closing.status,
                closing.band,
                is_quiet=not any(days.weight(kind, day) for kind in kinds),
                silent_days=silent_days(days, kinds, day, HORIZON.look_back),
                overdue_days={Kind.FASER_UPLOAD: overdue},
            )
        )
    return alerts_of(observations, lambda day: policy_on(reader.world, day), FIRST, closed)


def _compliance_alerts(reader: _Reader, closed: Day) -> Sequence[Alert]:
    """By no closing's result: of whom there is none there may be compliance alerts."""

    def is_sponsored(day: int) -> bool:
        spans = reader.world.sponsored(reader.student)
        return any(first <= day and (last is None or day <= last) for first, last in spans)

    def seen_on(day: Day) -> SponsoredDays | None:
        if not (is_sponsored(day) and reader.is_enrolled(day)):
            return None
        return SponsoredDays(reader.days(day, day), is_sponsored)

    return compliance_alerts_of(seen_on, lambda day: policy_on(reader.world, day), FIRST, closed)


def policy_on(world: World, day: int) -> Policy:
    valid = [policy for policy in world.policies if policy.valid_from <= as_date(day)]
    return max(valid, key=lambda policy: (policy.valid_from, policy.version))


def calendar_on(world: World, day: int) -> Calendar:
    valid = [(start, number) for number, (start, _) in enumerate(world.calendars) if start <= day]
    return world.calendars[max(valid)[1]][1] if valid else Calendar()


def _until(world: World, feed: str, day: Day) -> int:
    """The first closing that knows of no gap: of a feed and day the last record counts."""
    gap = [gap for gap in world.gaps if (gap.feed, gap.day) == (feed, day)][-1]
    if gap.origin is GapOrigin.DECLARED:
        ended = gap.withdrawn_on
    else:
        covering = [mark for mark in world.marks if mark.feed == feed and mark.day >= day]
        ended = covering[0].written if covering else None
    return _NEVER if ended is None else ended - HORIZON.amendment


def _state(reader: _Reader, world: World, closed: Day) -> tuple[Status, Band]:
    as_of = Day(closed + 1) if world.clock is Clock.REPLAY else world.day
    if not reader.is_enrolled(as_of):
        is_known = reader.student in world.periods
        return (Status.NOT_ENROLLED if is_known else Status.UNKNOWN_STUDENT), Band.NONE
    seen = closed if world.clock is Clock.REPLAY else as_of
    indicator = reader.indicator(closed, as_of=as_of, seen=seen, by=as_of)
    return indicator.status, indicator.band
