"""Everything that can happen to a partition, as rules of a Hypothesis state machine.

Whatever happens in whatever order: when all of the log has been read, what stands published is
what a plain reader makes of the log. Hypothesis prints the steps of a failure, and a blob that
repeats it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from schemas.errors import Fenced
from schemas.types import CircumstanceSort, Clock, Day, GapOrigin, Kind, StudentId
from scoring.circumstance import Circumstance
from scoring.profile import Profile
from streams.gaps import Gap
from streams.sponsorships import Sponsored
from streams.students import Period
from tests.streams.checking import check
from tests.streams.oracle import read_in_one_pass
from tests.streams.owner import Owner, Published
from tests.streams.world import (
    FEEDS,
    FIRST,
    HORIZON,
    ITEMS,
    PROFILES,
    STUDENTS,
    Due,
    Event,
    World,
    calendar_of,
    policy_of,
)

DAYS = 30
KINDS = st.sampled_from(list(FEEDS))
PROFILE = st.sampled_from(PROFILES)
SOME_PERIODS = st.lists(
    st.builds(
        lambda first, days, profile: Period(Day(FIRST + first), Day(FIRST + first + days), profile),
        st.integers(-5, DAYS),
        st.integers(0, DAYS),
        PROFILE,
    ),
    max_size=2,
)
# One is always there, as most students are: a world without closings says little.
ALWAYS = st.builds(lambda profile: [Period(Day(FIRST - 5), None, profile)], PROFILE)
PERIODS = st.fixed_dictionaries(
    {STUDENTS[0]: ALWAYS}, optional=dict.fromkeys(STUDENTS[1:], SOME_PERIODS)
)


NAMES = st.none() | st.sampled_from(ITEMS)
EXPECTING = st.sampled_from([Kind.FASER_UPLOAD, Kind.FASER_UPLOAD, Kind.TAP_IN])
DUES = st.lists(
    st.builds(
        Due,
        student=st.sampled_from(STUDENTS),
        item=st.sampled_from(ITEMS),
        kind=st.just(Kind.FASER_UPLOAD),
        day=st.integers(-9 - HORIZON.extension, DAYS).map(lambda days: Day(FIRST + days)),
    ),
    max_size=6,
)


SPONSORED = st.builds(
    lambda first, days: ((Day(FIRST + first), days and Day(FIRST + first + days)),),
    st.integers(-12, 5),
    st.none() | st.integers(1, DAYS),
)
# The one who is always there is mostly sponsored.
SPONSORSHIPS = st.tuples(
    st.tuples(st.just(STUDENTS[0]), st.none() | SPONSORED | st.just(((Day(FIRST - 12), None),))),
    st.tuples(st.sampled_from(STUDENTS), st.none() | SPONSORED),
).map(list)


class PartitionMachine(RuleBasedStateMachine):
    """The rules that both clocks share."""

    clock: Clock

    @initialize(
        periods=PERIODS,
        dues=DUES,
        has_shares=st.booleans(),
        has_contacts=st.sampled_from([True, True, False]),
        sponsorships=SPONSORSHIPS,
    )
    def begin(
        self,
        periods: dict[StudentId, Sequence[Period]],
        dues: list[Due],
        has_shares: bool,
        has_contacts: bool,
        sponsorships: list[tuple[StudentId, tuple[Sponsored, ...] | None]],
    ) -> None:
        policy = policy_of(1, Day(FIRST - 100), has_shares=has_shares, has_contacts=has_contacts)
        self.world = World(
            self.clock, periods, policies=[policy], dues=list(dues), sponsorships=sponsorships
        )
        for kind in FEEDS:
            self.world.mark(kind, FIRST)
        self.world.day = Day(FIRST + 1)
        self.published = Published(periods)
        self.committed = dict.fromkeys(FEEDS, 0)
        self.owner = Owner(self.world, self.published, self.committed)
        self.frozen: list[Owner] = []

    # ---- the log grows

    @rule(
        kind=KINDS,
        student=st.sampled_from(STUDENTS),
        days_ago=st.sampled_from([0, 0, 0, 0, 1, 2, 4, 5, 6, 9, 15, 16, 17, 22, -1, -2, -4]),
        number=st.integers(0, 3),
        item=NAMES,
    )
    def publish(
        self, kind: Kind, student: StudentId, days_ago: int, number: int, item: str | None
    ) -> None:
        """On time, late, too late, or in the future."""
        day = Day(self.world.day - days_ago)
        number = _event_id(kind, student, day, number)
        self.world.publish(Event(kind, student, day, number, item=item))

    @rule(
        which=st.integers(0, 50),
        days_after=st.sampled_from([0, 0, 0, 1, 3, -2, -5, -9, -10]),
        number=st.integers(0, 1),
    )
    def hand_in(self, which: int, days_after: int, number: int) -> None:
        """What is expected, on its day or about then, early, or too early to meet it."""
        if due := self._expected(which):
            day = Day(min(due.day + days_after, self.world.day))
            number = _event_id(Kind.FASER_UPLOAD, due.student, day, number)
            self.world.publish(Event(Kind.FASER_UPLOAD, due.student, day, number, item=due.item))

    @rule(kind=KINDS, which=st.integers(0, 50))
    def publish_again(self, kind: Kind, which: int) -> None:
        if found := self._earlier(kind, which):
            self.world.publish(found)

    @rule(
        kind=KINDS,
        which=st.integers(0, 50),
        revision=st.integers(0, 3),
        retracts=st.booleans(),
        items=st.none() | st.tuples(NAMES),
    )
    def correct(
        self,
        kind: Kind,
        which: int,
        revision: int,
        retracts: bool,
        items: tuple[str | None] | None,
    ) -> None:
        """Retract, reinstate, or say the same at another revision, perhaps of another item."""
        if found := self._earlier(kind, which):
            item = found.item if items is None else items[0]
            self.world.publish(replace(found, revision=revision, retracts=retracts, item=item))

    @rule(kind=KINDS, student=st.sampled_from(STUDENTS), days_ago=st.integers(0, 6))
    def retract_what_was_never_asserted(
        self, kind: Kind, student: StudentId, days_ago: int
    ) -> None:
        """Yet: `publish` may assert it later."""
        day = Day(self.world.day - days_ago)
        number = _event_id(kind, student, day, 0)
        self.world.publish(Event(kind, student, day, number, retracts=True))

    @rule(kind=KINDS, which=st.integers(0, 50), student=st.sampled_from(STUDENTS))
    def correct_the_student(self, kind: Kind, which: int, student: StudentId) -> None:
        """It was somebody else: a retraction, and a new id."""
        if found := self._earlier(kind, which):
            self.world.publish(replace(found, retracts=True))
            number = _event_id(kind, student, found.day, 9)
            self.world.publish(Event(kind, student, found.day, number))

    @rule(kind=KINDS, which=st.integers(0, 50), student=st.sampled_from(STUDENTS))
    def use_an_id_for_somebody_else(self, kind: Kind, which: int, student: StudentId) -> None:
        """A fault of a source; it must not make the order of the log matter."""
        if found := self._earlier(kind, which):
            self.world.publish(replace(found, student=student))

    @rule(
        student=st.sampled_from(STUDENTS),
        days_from_now=st.integers(-HORIZON.amendment, 5),
        length=st.none() | st.integers(0, 20),
        profile=st.sampled_from(PROFILES),
    )
    def change_the_record(
        self, student: StudentId, days_from_now: int, length: int | None, profile: Profile
    ) -> None:
        """From a day that is not final on, a student studies in another way, or not at all."""
        start = Day(self.world.day + days_from_now)
        kept = [
            Period(p.start, Day(start - 1 if p.end is None else min(start - 1, p.end)), p.profile)
            for p in self.world.periods.get(student, ())
            if p.start < start
        ]
        new = [] if length is None else [Period(start, Day(start + length), profile)]
        self.world.periods[student] = [*kept, *new]
        self.owner.read_record(student)

    @rule(
        student=st.sampled_from(STUDENTS),
        days_from_now=st.integers(-HORIZON.amendment, 5),
        length=st.none() | st.integers(0, 12),
        is_open=st.booleans(),
    )
    def change_the_sponsorship(
        self, student: StudentId, days_from_now: int, length: int | None, is_open: bool
    ) -> None:
        """From a day that is not final on, a student is sponsored, or not any more.

        Who was never sponsored on a final day may be forgotten altogether.
        """
        start = Day(self.world.day + days_from_now)
        kept = [
            (first, Day(start - 1 if last is None else min(start - 1, last)))
            for first, last in self.world.sponsored(student)
            if first < start
        ]
        new = [] if length is None else [(start, None if is_open else Day(start + length))]
        said = (*kept, *new)
        self.world.sponsorships.append((student, said or None))
        self.owner.read_sponsorships()

    @rule(student=st.sampled_from(STUDENTS))
    def delete_the_record(self, student: StudentId) -> None:
        """As if nothing had ever been said of how the student studies."""
        spans = self.world.periods.get(student, ())
        if all(span.start >= self.world.day - HORIZON.amendment for span in spans):
            self.world.periods.pop(student, None)
            self.owner.read_record(student)

    @rule(
        student=st.sampled_from(STUDENTS),
        item=st.sampled_from(ITEMS),
        kind=EXPECTING,
        days_from_now=st.integers(-HORIZON.amendment, 12),
        is_deleted=st.sampled_from([False, False, False, True]),
    )
    def change_what_is_expected(
        self, student: StudentId, item: str, kind: Kind, days_from_now: int, is_deleted: bool
    ) -> None:
        """Something is due, on another day, or not any more: from a day that is not final on."""
        before = self.world.expected().get((student, item))
        final = Day(self.world.day - HORIZON.amendment)
        if before is not None and before.day < final:
            return
        day = Day(self.world.day + days_from_now)
        self.world.dues.append(Due(student, item, kind, day, is_deleted))
        self.owner.read_expectations()

    @rule(
        student=st.sampled_from(STUDENTS),
        kinds=st.sampled_from([(), (), *((kind,) for kind in FEEDS), tuple(sorted(FEEDS))]),
        days_from_now=st.integers(-20, 5),
        length=st.integers(0, 20),
        extend_days=st.sampled_from([0, 1, 5, HORIZON.extension]),
    )
    def declare_a_circumstance(
        self,
        student: StudentId,
        kinds: tuple[Kind, ...],
        days_from_now: int,
        length: int,
        extend_days: int,
    ) -> None:
        """In time, or too late for closings that are final; what days it names is free."""
        first = Day(self.world.day + days_from_now)
        sort = CircumstanceSort.PLACEMENT
        self.world.circumstances.append(
            Circumstance(
                student, sort, kinds, first, Day(first + length), extend_days, self.world.day
            )
        )
        self.owner.read_circumstances()

    @rule(which=st.integers(0, 20))
    @precondition(lambda self: self.world.circumstances)
    def withdraw_a_circumstance(self, which: int) -> None:
        """In time, or too late; at times on the very day on which it was declared."""
        holding = [one for one in self.world.declared().values() if one.withdrawn_on is None]
        if holding:
            one = holding[which % len(holding)]
            self.world.circumstances.append(one.withdrawn(self.world.day))
            self.owner.read_circumstances()

    @rule(
        days_from_now=st.integers(-HORIZON.amendment, 5),
        low=st.sampled_from([5, 40]),
        for_some=st.booleans(),
        has_shares=st.booleans(),
        has_contacts=st.sampled_from([True, True, False]),
    )
    @precondition(lambda self: len(self.world.policies) < 4)
    def change_the_policy(
        self, days_from_now: int, low: int, for_some: bool, has_shares: bool, has_contacts: bool
    ) -> None:
        """For days to come, or for days that are not final yet."""
        version = len(self.world.policies) + 1
        valid_from = Day(max(self.world.day + days_from_now, FIRST))
        policy = policy_of(
            version,
            valid_from,
            low=low,
            has_uploads=low == 40,
            for_some=for_some,
            has_shares=has_shares,
            has_contacts=has_contacts,
        )
        self.world.policies.append(policy)
        self.owner.read_reference()

    @rule(
        days_from_now=st.integers(-HORIZON.amendment, 5),
        first=st.integers(-20, 5),
        days=st.integers(0, 15),
        weight=st.sampled_from([0, 30, 100]),
        has_weekends=st.booleans(),
    )
    @precondition(lambda self: len(self.world.calendars) < 3)
    def change_the_calendar(
        self, days_from_now: int, first: int, days: int, weight: int, has_weekends: bool
    ) -> None:
        """For closings to come, or for those that are not final yet; what days it names is free."""
        valid_from = Day(max(self.world.day + days_from_now, FIRST))
        calendar = calendar_of(Day(self.world.day + first), days, weight, has_weekends)
        self.world.calendars.append((valid_from, calendar))
        self.owner.read_reference()

    # ---- the owner works

    @rule(kind=KINDS, share=st.floats(0, 1))
    def offer(self, kind: Kind, share: float) -> None:
        """A slice, cut anywhere."""
        self.owner.offer(kind, round(share * len(self.world.events[kind])))

    @rule()
    def read_reference(self) -> None:
        self.owner.read_reference()

    @rule()
    def advance(self) -> None:
        self.owner.advance()

    @rule()
    def commit_offsets(self) -> None:
        self.committed = self.owner.applied()

    # ---- the owner fails

    @rule()
    def crash(self) -> None:
        """Behind a transaction and before its offsets are committed, or while idle or replaying."""
        self.owner = Owner(self.world, self.published, self.committed)

    @rule()
    def die_within_a_transaction(self) -> None:
        self.owner.begin_and_die()
        self.crash()

    @rule()
    def rebalance(self) -> None:
        """Offsets are committed, and another process takes over."""
        self.commit_offsets()
        self.crash()

    @rule()
    def freeze(self) -> None:
        self.frozen.append(self.owner)
        self.crash()

    @precondition(lambda self: self.frozen)
    @rule()
    def wake(self) -> None:
        """A former owner goes on where it was; it may compute, and is refused when it publishes."""
        former = self.frozen.pop()
        try:
            former.advance()
        except Fenced:
            return
        raise AssertionError("a former owner has published")

    # ---- the end

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self.finish()
        self.settle()
        truth = read_in_one_pass(self.world, Day(self.world.day - 1))
        check(self.published, truth)
        before = self.published.sizes()
        self.rebalance()
        self.settle()
        assert self.published.sizes() == before, "a new owner has published what was known"

    def finish(self) -> None:
        """Bring every feed to the same day."""
        raise NotImplementedError

    def settle(self) -> None:
        """Read everything, and publish what is left to say."""
        self.owner.read_reference()
        for kind in FEEDS:
            self.owner.offer(kind, len(self.world.events[kind]))
        self.owner.advance()

    def _expected(self, which: int) -> Due | None:
        expected = list(self.world.expected().values())
        return expected[which % len(expected)] if expected else None

    def _earlier(self, kind: Kind, which: int) -> Event | None:
        events = self.world.events[kind]
        return events[which % len(events)] if events else None


class ReplayMachine(PartitionMachine):
    """Days pass when they are marked."""

    clock = Clock.REPLAY

    @rule(kind=KINDS, days=st.integers(1, 2))
    @precondition(lambda self: self.world.day < FIRST + DAYS)
    def mark(self, kind: Kind, days: int) -> None:
        """One feed runs ahead of the other; a mark may stand for several days."""
        self.world.mark(kind, Day(self.world.last_marked(kind) + days))
        self.world.day = Day(max(self.world.last_marked(kind) for kind in FEEDS) + 1)

    def finish(self) -> None:
        """Behind all events: what no mark covers would wait for it."""
        last = self.world.day
        for kind in FEEDS:
            self.world.mark(kind, last)
        self.world.day = Day(last + 1)


class WallMachine(PartitionMachine):
    """Days pass by themselves, feeds or not."""

    clock = Clock.WALL

    @rule(are_marked=st.sampled_from([(True, True), (True, True), (True, False), (False, False)]))
    @precondition(lambda self: self.world.day < FIRST + DAYS)
    def pass_a_day(self, are_marked: tuple[bool, bool]) -> None:
        """Some feeds mark it in time."""
        self.world.day = Day(self.world.day + 1)
        for kind, is_marked in zip(FEEDS, are_marked, strict=True):
            if is_marked:
                self.world.mark(kind, Day(self.world.day - 1))

    @rule(kind=KINDS)
    @precondition(lambda self: self.world.day > FIRST + 1)
    def backfill(self, kind: Kind) -> None:
        """A feed that was silent is complete again up to yesterday."""
        if self.world.last_marked(kind) < self.world.day - 1:
            self.world.mark(kind, Day(self.world.day - 1))

    @rule()
    def a_deadline_passes(self) -> None:
        self.world.gaps += self.owner.decide_gaps()
        self.owner.read_reference()

    @rule(
        feed=st.sampled_from(list(FEEDS.values())), days_ago=st.integers(0, HORIZON.amendment - 1)
    )
    def declare_a_gap(self, feed: str, days_ago: int) -> None:
        day = Day(max(FIRST, self.world.day - days_ago))
        self.world.gaps.append(Gap(feed, day, GapOrigin.DECLARED, self.world.day))
        self.owner.read_reference()

    @rule(which=st.integers(0, 20))
    def withdraw_a_gap(self, which: int) -> None:
        declared = [gap for gap in self.world.gaps if gap.origin is GapOrigin.DECLARED]
        if declared:
            gap = declared[which % len(declared)]
            self.world.gaps.append(gap.withdrawn(self.world.day))
            self.owner.read_reference()

    def finish(self) -> None:
        for kind in FEEDS:
            self.world.mark(kind, Day(self.world.day - 1))


def _event_id(kind: Kind, student: StudentId, day: int, number: int) -> int:
    name = f"{kind}/{student}/{day}/{number}".encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest())
