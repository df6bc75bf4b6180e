"""The state of one partition, and how it moves.

Pure: decoded slices, marks, student records and the time come in, what to publish goes out. Where
slices come from and how an outcome is published is `streams.worker`'s business. All steps stay in
one file, long as it is: each is read with the one before it.

`advance` takes these steps until none has anything left to do:

1. apply: events are counted, as far as `Source.take` lets them through;
2. compare, once, when all sources have reached their targets: what is computed against what was
   published before; until then nothing else happens;
3. amend: closings that a late event, a correction, a student record, an item expected, a
   circumstance, a gap that ended, another policy or calendar touches are computed again;
4. close: days that are complete, or known to be lacking, are closed, many at once, and 1 has new
   room;
5. current: the indicators as of the day in progress.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.types import Cause, Day
from streams.applying import Applied, apply, is_certain
from streams.circumstances import Said
from streams.closing import Closer
from streams.completeness import day_before_first, last_complete
from streams.deadlines import decide
from streams.excuses import Excuses
from streams.expected import Expectations
from streams.gaps import Lacks
from streams.items import Items
from streams.memory import Memory
from streams.outcome import Outcome
from streams.periods import SaidOfStudents
from streams.present import Present, Question, answer
from streams.source import Source
from streams.sources import Sources
from streams.sponsorships import SaidOfSponsors, Sponsorships
from streams.students import Rows, Students
from streams.surroundings import Surroundings
from streams.versions import V, Versions

Integers = NDArray[np.int64]

_CLOSINGS_AT_ONCE: Final = 200_000  # in one outcome, which is one transaction


class Phase(StrEnum):
    """Where a partition is in its life; the numbers are those of docs/DESIGN.md."""

    IDLE = "idle"
    MEMORY = "memory"  # 2
    REPLAY = "replay"  # 3
    LIVE = "live"  # 5
    PAUSED = "paused"  # 5, and waiting for a mark


@dataclass(frozen=True, slots=True)
class Step:
    """What is left to do: at once, and by who answers."""

    has_more: bool = False
    questions: Sequence[Question] = ()


class Partition:
    """One partition's students, their counts, and what was said about them."""

    def __init__(
        self, number: int, around: Surroundings, memory: Memory, sources: Sequence[Source]
    ) -> None:
        """`memory`: what was read in step 2; `sources`: one an activity topic."""
        self.number = number
        self.sources = Sources(sources)
        self.phase = Phase.REPLAY
        self.days_given_up = 0
        self._around = around
        self._memory = memory
        self._daily = None if memory.is_empty else memory.daily
        self._students = Students()
        self._excuses = Excuses(self._students, around.horizon.amendment)
        self._items = Items(self._students, self._excuses, around.horizon)
        self._sponsorships = Sponsorships(self._students)
        self._closer: Closer | None = None
        self._present = Present(around.clock, self._students.capacity)
        self._heeded: dict[Cause, frozenset[int]] = {}  # versions that were taken into account
        self.set_periods(memory.periods, Outcome())
        self._items.expect(memory.expectations)
        self._excuses.take(memory.circumstances)
        self._sponsorships.take(memory.sponsorships)

    @property
    def closed(self) -> Day | None:
        """The last closed day."""
        return None if self._closer is None else self._closer.closed

    @property
    def replay_remaining(self) -> int:
        """Offsets still to be applied before step 4."""
        return self.sources.remaining if self.phase is Phase.REPLAY else 0

    def set_periods(self, said: SaidOfStudents, outcome: Outcome) -> None:
        """Student records arrived, or were deleted; closings they touch are amended."""
        changed = self._students.take(said)
        self._touch(changed, Cause.PROFILE)
        if self._closer is not None:
            self._closer.make_room()
        self._amend(changed, np.zeros(1, np.int64), Cause.PROFILE, outcome)

    def set_expectations(self, said: Expectations, outcome: Outcome) -> None:
        """Items are expected, on another day, or not any more; closings they touch are amended."""
        rows, days = self._items.expect(said)
        self._touch(rows, Cause.PROFILE)
        self._amend(rows, days, Cause.PROFILE, outcome)

    def set_circumstances(self, said: Said, outcome: Outcome) -> None:
        """Students are excused from days, or not any more; closings they touch are amended."""
        rows, closings = self._excuses.take(said)
        self._touch(rows, Cause.CIRCUMSTANCE)
        self._amend(rows, closings, Cause.CIRCUMSTANCE, outcome)

    def set_sponsorships(self, said: SaidOfSponsors, outcome: Outcome) -> None:
        """Students are sponsored, or not any more: compliance alerts follow, and nothing else."""
        rows = self._sponsorships.take(said)
        if len(rows) and self._closer is not None and self.phase is not Phase.REPLAY:
            self._closer.amend_contacts(np.unique(rows), Cause.PROFILE, outcome)

    def advance(self, today: Day, *, refresh: bool, outcome: Outcome) -> Step:
        """Take every step that can be taken; `refresh`: the publishing interval has passed.

        An outcome is bounded: where more can be done at once, publish it and call again. It is
        complete when the questions are answered, before anything else happens to this partition;
        they may be answered together with those of other partitions (`streams.present.answer`).
        """
        closer = self._closer or self._begin(today)
        if closer is None:
            return Step()  # no mark yet: there is no day that could be said to be in progress
        self._give_up_days(closer, today)
        self._apply(closer, today, outcome)
        if self.phase is Phase.REPLAY:
            if not self.sources.are_caught_up:
                return Step()
            self._compare(closer, today, outcome)
        self._heed(Cause.POLICY, self._around.policies, closer, today, outcome)
        self._heed(Cause.CALENDAR, self._around.calendars, closer, today, outcome)
        self._heed_gaps(closer, outcome)
        has_more = True
        while has_more and outcome.closings_size < _CLOSINGS_AT_ONCE:
            has_more = self._close(closer, today, outcome)
            if has_more:  # there is room for more days, and gaps may have come
                self._apply(closer, today, outcome)
                self._heed_gaps(closer, outcome)
        return Step(has_more, self._present.ask(closer, today, refresh, outcome))

    def decide_gaps(self, today: Day, now_ms: int, outcome: Outcome) -> None:
        """Say which feeds lack a day, for all partitions; only one of them may."""
        closer, around = self._closer, self._around
        if closer is not None and self.phase is Phase.LIVE:
            outcome.gaps += decide(
                gaps=around.gaps,
                marks=around.marks,
                policies=around.policies,
                clock=around.clock,
                closed=closer.closed,
                today=today,
                now_ms=now_ms,
            )

    # ---- the steps

    def _begin(self, today: Day) -> Closer | None:
        """Find the day after which days are closed, and make the rings."""
        around = self._around
        closed = self._memory.closed
        if closed is None:
            closed = day_before_first(around)
        if closed is None:
            return None
        self._closer = Closer(
            self._students,
            self._items,
            self._excuses,
            self._sponsorships,
            around.policies,
            around.calendars,
            around.horizon,
            Day(closed + 1),
        )
        self._closer.recall(self._memory)
        self._memory = Memory()  # what is compared later stays
        self._touch(np.zeros(0, np.int64), Cause.PROFILE)  # room for all whom the memory names
        self._open(self._closer)
        return self._closer

    def _open(self, closer: Closer) -> None:
        """Days were closed from the first one of a policy that is marked."""
        before = day_before_first(self._around)
        if before is not None:
            closer.open_from(Day(before + 1))

    def _apply(self, closer: Closer, today: Day, outcome: Outcome) -> None:
        around = self._around
        as_of = around.clock.as_of(closer.closed, today)
        reach = Day(as_of + around.horizon.ahead)
        certain = partial(
            is_certain,
            window=closer.window,
            meetings=closer.items.meetings,
            horizon=around.horizon,
        )
        late: list[Applied] = []
        while ready := self.sources.take(around.clock, reach, certain):
            applied = apply(
                ready,
                students=self._students,
                closer=closer,
                clock=around.clock,
                horizon=around.horizon,
                outcome=outcome,
            )
            self._touch(applied.rows, Cause.ACTIVITY)
            self._touch(applied.corrected, Cause.CORRECTION)
            late.append(applied)
        rows = np.concatenate([[0], *(applied.late_rows for applied in late)])[1:].astype(np.int64)
        days = np.concatenate([[0], *(applied.late_days for applied in late)])[1:]
        self._amend(rows, days, Cause.CORRECTION, outcome)

    def _amend(self, rows: Rows, days: Integers, cause: Cause, outcome: Outcome) -> None:
        """Closings of `rows`, which may repeat, from the first of the days on.

        Not in a replay: the comparison at its end computes all of them.
        """
        if len(rows) and self._closer is not None and self.phase is not Phase.REPLAY:
            self._closer.amend(np.unique(rows), Day(int(days.min())), cause, outcome)

    def _compare(self, closer: Closer, today: Day, outcome: Outcome) -> None:
        """Step 4 of the life: what was computed against what was published."""
        daily, self._daily = self._daily, None
        self.phase = Phase.LIVE
        self._heeded[Cause.POLICY] = self._around.policies.versions
        self._heeded[Cause.CALENDAR] = self._around.calendars.versions
        if daily is None:  # nothing was ever said
            return
        closer.lacks = self._lacks()
        closer.compare_daily(daily)
        closer.amend(closer.everyone, Day(0), Cause.RECOMPUTED, outcome)
        answer(
            self._present.ask_about(
                closer, closer.everyone, today, Cause.RECOMPUTED, outcome, told=True
            )
        )

    def _heed(
        self, cause: Cause, versions: Versions[V], closer: Closer, today: Day, outcome: Outcome
    ) -> None:
        """Versions that arrived for days that are closed already, or in progress."""
        new = versions.versions - self._heeded.get(cause, frozenset())
        if not new:
            return
        self._heeded[cause] = versions.versions
        if cause is Cause.POLICY:
            self._open(closer)  # it may be the first one of its days
        first = min(map(versions.start_of, new))
        closer.amend(closer.everyone, first, cause, outcome)
        if first <= self._around.clock.as_of(closer.closed, today):
            self._touch(closer.everyone, cause)

    def _heed_gaps(self, closer: Closer, outcome: Outcome) -> None:
        """Gaps that were declared or ended since."""
        lacks = self._lacks()
        first = lacks.first_difference(closer.lacks)
        if first is None:
            return
        closer.lacks = lacks
        closer.amend(closer.everyone, first, Cause.FEED, outcome)
        self._touch(closer.everyone, Cause.FEED)

    def _lacks(self) -> Lacks:
        around = self._around
        return around.gaps.lacks(
            self.number, around.marks, self.sources.positions, around.horizon.amendment
        )

    def _close(self, closer: Closer, today: Day, outcome: Outcome) -> bool:
        """Close what can be closed; whether there was anything."""
        around = self._around
        first = Day(closer.closed + 1)
        if not around.clock.may_close(first, today):
            return False  # as in nearly every cycle of a live partition
        last = last_complete(
            self.number, around, closer.lacks, closer.closed, self.sources.positions
        )
        at_once = max(1, _CLOSINGS_AT_ONCE // max(1, self._students.count))
        last = Day(min(last, closer.closed + min(around.horizon.ahead, at_once)))
        while last >= first and not around.clock.may_close(last, today):
            last = Day(last - 1)
        if last < first:
            return False
        closer.close(last, outcome, tell_changes=around.clock.is_replay)
        closer.daily(last, outcome)
        closer.move()
        return True

    def _give_up_days(self, closer: Closer, today: Day) -> None:
        """Days too old for the ring to hold beside the day in progress are never closed."""
        oldest = Day(self._around.clock.as_of(closer.closed, today) - self._around.horizon.ahead)
        if closer.closed < oldest:
            self.days_given_up += oldest - closer.closed
            closer.closed = oldest
            closer.move()

    def _touch(self, rows: Rows, cause: Cause) -> None:
        self._present.touch(rows, cause, capacity=self._students.capacity)
