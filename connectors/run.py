"""Runs an incremental source: reads what is new, and publishes it.

1. A block is read. Whose the activities are is looked up; what nobody is known for waits in
   quarantine, what belongs to the erased is left out, what lies in the future is quarantined.
2. The rest gets its ids, is encoded and handed over, while the broker takes what went before.
3. Now and then, and at the end: flush, and the positions of the acknowledged blocks are saved.
4. Complete days are marked (`Marking`). The positions are saved again at the very end, so that a
   day that is still to be marked is marked by the next run.

A run that breaks off anywhere is repeated from the last positions. What is published again has an
id that is known, and changes nothing; a row that is refused again has the quarantine entry that it
has already (`connectors.quarantine`).
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from broker.publisher import Publisher
from connectors.account import Account
from connectors.day_marks import DayMarker
from connectors.identity import SiteKey, event_names, identity_hashes
from connectors.incremental import Activities, Block, Due, IncrementalSource
from connectors.people import ERASED, UNKNOWN, People
from connectors.picking import some, value
from connectors.positions import PositionStore, Reached
from connectors.records import Destination, Encoder, Records
from connectors.rows import RAW_BYTES_LIMIT
from connectors.schemes import Scheme, normalised
from connectors.source import ActivityBatch, Expectation, Rejected
from connectors.waiting import Waiting, WaitingActivity, WaitingDue, packed
from connectors.zones import Zone
from schemas.reasons import Reason
from schemas.types import Day, StudentId

_TOLERANCE_MS: Final = 5 * 60_000  # how far clocks may differ; as the worker has it
_ERASED_RULE: Final = "erased"
_FUTURE: Final = (
    "it occurred after it was read: check the clock and the time zone of the source; what is there"
    " by then is read again"
)
UNKNOWN_PERSON: Final = (
    "nobody is known by this identifier yet: load the person with `leap identity load`, then"
    " release what waits with `leap quarantine replay`"
)

Progress: TypeAlias = Callable[[Block, Account], None]
"""Told after each block."""


class Marking(Enum):
    """When complete days are marked."""

    AT_THE_END = "at the end"
    """After all that is there was read, whatever the order of its rows: for live running."""
    AS_READ = "as read"
    """Whenever the first row of a later day turns up: for a replay, whose only clock the marks
    are. Rows have to lie by day; one that lies behind a later day's is late."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a run needs to know besides its source."""

    site_key: SiteKey
    people: People
    zone: Zone
    now_ms: Callable[[], int]
    """The wall clock, UTC milliseconds."""
    marking: Marking = Marking.AT_THE_END
    marked: Collection[tuple[str, Day]] = ()
    """The (feed, day) that have a mark already."""
    complete_through: Day | None = None
    """The last complete day, where somebody knows it; None: the one before the newest row's."""
    save_every_rows: int = 100_000
    """How many rows may have to be read again after a crash."""
    first_marked: Day | None = None
    """No day before this one is marked: nothing older can be closed any more."""


def run(
    source: IncrementalSource,
    publisher: Publisher,
    destination: Destination,
    positions: PositionStore,
    around: Surroundings,
    progress: Progress = lambda block, account: None,
) -> Account:
    """Publish what is new in a source; returns once the broker has acknowledged all of it.

    Errors are those of the source and the publisher; after any of them, run again.
    """
    return _Run(source, publisher, destination, positions, around).go(progress)


class _Run:
    def __init__(
        self,
        source: IncrementalSource,
        publisher: Publisher,
        destination: Destination,
        positions: PositionStore,
        around: Surroundings,
    ) -> None:
        self._source = source
        self._publisher = publisher
        self._positions = positions
        self._around = around
        self._encoder = Encoder(destination, around.site_key)
        self._marker = DayMarker(publisher, self._encoder, destination, source.feeds, around.marked)
        self._account = Account()
        self._reached = Reached()
        self._unsaved = 0

    def go(self, progress: Progress) -> Account:
        self._reached = self._positions.load()
        for block in self._source.read(self._reached.inputs):
            self._take(block)
            self._reached = self._reached.at(block.input, block.position)
            self._unsaved += block.rows
            if self._unsaved >= self._around.save_every_rows:
                self._save()
            progress(block, self._account)
        self._save()
        self._mark(self._complete_days())
        self._save()
        return self._account

    def _save(self) -> None:
        self._publisher.flush()
        self._positions.save(self._reached)
        self._unsaved = 0

    def _take(self, block: Block) -> None:
        """Steps 1 and 2."""
        self._account.block(block)
        for row in block.rejected:
            self._send(self._encoder.rejected(row, self._around.now_ms()))
        latest_ms = self._around.now_ms() + _TOLERANCE_MS
        known = [self._known(block, one, latest_ms) for one in block.activities]
        self._publish([one for one in known if len(one[1])])
        # Days of people who wait or were erased count too: the source was read as far.
        for one in block.activities if self._source.feeds else ():  # nobody asks for others' days
            past = one.occurred_at[one.occurred_at <= latest_ms]
            if len(past):
                first, last = self._around.zone.days(np.array([past.min(), past.max()])).tolist()
                self._reached = self._reached.with_days(first, last)
        for due in block.due:
            self._expect(block, due)

    def _known(
        self, block: Block, of: Activities, latest_ms: int
    ) -> tuple[Activities, NDArray[np.int64]]:
        """The activities whose students are known, with their pseudonyms; the others are out."""
        codes = np.unique(of.person.codes)
        found = np.full(len(of.person.values), UNKNOWN, np.int64)
        names = [of.person.values[code] for code in codes.tolist()]
        found[codes] = self._around.people.find(of.scheme, names)
        students = found[of.person.codes]
        is_future = of.occurred_at > latest_ms
        is_erased = (students == ERASED) & ~is_future
        if count := int(is_erased.sum()):
            self._account.skipped[_ERASED_RULE] += count
        for at in np.flatnonzero(is_future).tolist():
            self._refuse(block, int(of.row[at]), of.feed, Reason.FUTURE, _FUTURE)
        for at in np.flatnonzero((students == UNKNOWN) & ~is_future).tolist():
            self._wait(block, int(of.row[at]), self._waiting_activity(of, at))
        kept = np.flatnonzero((students >= 0) & ~is_future)
        if len(kept) < len(students):
            of, students = some(of, kept), students[kept]
        return of, students

    def _publish(self, batches: Sequence[tuple[Activities, NDArray[np.int64]]]) -> None:
        if not batches:
            return
        if self._around.marking is Marking.AT_THE_END:
            for of, students in batches:
                self._send_activities(of, students)
            return
        days = [self._around.zone.days(of.occurred_at) for of, _ in batches]
        for day in np.unique(np.concatenate(days)).tolist():
            newest = self._reached.newest
            if newest is not None and day > newest:
                self._mark(range(newest, day))
            for (of, students), of_day in zip(batches, days, strict=True):
                rows = np.flatnonzero(of_day == day)
                if len(rows):
                    self._send_activities(some(of, rows), students[rows])
            self._reached = self._reached.with_days(day, day)

    def _send_activities(self, of: Activities, students: NDArray[np.int64]) -> None:
        batch = ActivityBatch(
            of.kind,
            of.feed,
            students,
            of.occurred_at,
            of.recorded_at,
            of.source_key,
            of.fields,
        )
        self._send(self._encoder.activity(batch))
        self._marker.moved()
        self._account.activities(of.kind, students)

    def _expect(self, block: Block, due: Due) -> None:
        (student,) = self._around.people.find(due.scheme, [due.person]).tolist()
        now = self._around.now_ms()
        if student == ERASED:
            self._account.skipped[_ERASED_RULE] += 1
        elif student == UNKNOWN:
            identity = self._identity(due.scheme, due.person)
            waiting = WaitingDue(due.kind, due.feed, identity, due.item, due.module, due.due, now)
            self._wait(block, due.row, waiting)
        else:
            item = Expectation(StudentId(student), due.item, due.kind, due.module, due.due, now)
            self._send(self._encoder.expectation(item))
            self._account.dues += 1

    def _waiting_activity(self, of: Activities, at: int) -> WaitingActivity:
        one = some(of, np.array([at]))
        return WaitingActivity(
            of.kind,
            of.feed,
            self._identity(of.scheme, of.person.values[int(of.person.codes[at])]),
            event_names(one.source_key, 1)[0],
            int(of.occurred_at[at]),
            int(of.recorded_at[at]),
            {name: value(column, at) for name, column in of.fields.items()},
        )

    def _identity(self, scheme: Scheme, person: str) -> bytes:
        (identity,) = identity_hashes(self._around.site_key, scheme, [normalised(scheme, person)])
        return identity

    def _wait(self, block: Block, row: int, waiting: Waiting) -> None:
        self._refuse(
            block, row, waiting.feed, Reason.UNKNOWN_IDENTITY, UNKNOWN_PERSON, packed(waiting)
        )

    def _refuse(
        self,
        block: Block,
        row: int,
        feed: str,
        reason: Reason,
        message: str,
        waiting: bytes | None = None,
    ) -> None:
        raw = block.raw[row][:RAW_BYTES_LIMIT]
        refused = Rejected(reason, message, block.file, int(block.lines[row]), raw, feed)
        self._send(self._encoder.rejected(refused, self._around.now_ms(), waiting))
        self._account.quarantined[reason] += 1

    def _complete_days(self) -> range:
        """The days that are complete once everything was read."""
        newest, oldest = self._reached.newest, self._reached.oldest
        last = self._around.complete_through
        if last is None:
            if newest is None:
                return range(0)
            last = Day(newest - 1)
        return range(last if oldest is None else oldest, last + 1)

    def _mark(self, days: range) -> None:
        """Step 4."""
        first = self._around.first_marked
        wanted = [Day(day) for day in days if first is None or day >= first]
        self._account.days_marked += self._marker.mark(wanted, self._around.now_ms())

    def _send(self, records: Records) -> None:
        self._publisher.publish(records.topic, records.values, records.keys, records.partitions)
